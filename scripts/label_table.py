"""Writes the table of label vocabularies in docs/labels.md.

With `--check` nothing is written, and the exit status is 1 if the page is not up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path

from generated_page import between, write_or_check

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from audioflan_tasks.vocabularies import Vocabulary, vocabularies  # noqa: E402

TARGET = ROOT / "docs" / "labels.md"


def main() -> int:
    """Writes the table, or says whether it is up to date."""
    return write_or_check(TARGET, between("lists", table(), TARGET.read_text(encoding="utf-8")))


def table() -> str:
    """One line for each vocabulary."""
    lines = [
        "| name | lists | labels | Chinese | corpora | tasks | source | licence |",
        "|---|---|---|---|---|---|---|---|",
        *map(_line, vocabularies()),
    ]
    return "\n".join(lines) + "\n"


def _line(vocabulary: Vocabulary) -> str:
    chinese = sum(bool(label.zh) for label in vocabulary.labels)
    lists = f"{vocabulary.title} ({vocabulary.version})"
    cells = (
        f"`{vocabulary.name}`",
        f"{lists}. {vocabulary.note}" if vocabulary.note else lists,
        str(len(vocabulary.labels)),
        str(chinese or ""),
        ", ".join(vocabulary.corpora),
        ", ".join(f"`{task}`" for task in vocabulary.tasks),
        vocabulary.source,
        vocabulary.licence,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    raise SystemExit(main())
