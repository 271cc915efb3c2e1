"""Writes the table of families in docs/unseen.md, from the catalogue.

With `--check` nothing is written, and the exit status is 1 if the file is not up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path

from generated_page import between, write_or_check

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from audioflan_tasks import catalogue  # noqa: E402
from audioflan_tasks.mixtures.holdout.clusters import families, refused_with  # noqa: E402

TARGET = ROOT / "docs" / "unseen.md"


def main() -> int:
    """Writes the table, or says whether it is up to date."""
    return write_or_check(TARGET, between("families", table(), TARGET.read_text(encoding="utf-8")))


def table() -> str:
    """One line for each family, with its tasks and why each is in it."""
    lines = [
        "| family | its tasks | tasks | linked beyond it |",
        "|---|---|---|---|",
        *(_line(name, members) for name, members in families().items()),
    ]
    return "\n".join(lines) + "\n"


def _line(name: str, members: frozenset[str]) -> str:
    family = catalogue.FAMILIES[name]
    title = f"**{name}** (unseen)" if family.unseen_by_default else f"**{name}**"
    rows = [row for row in catalogue.tasks() if row.name in members]
    tasks = "; ".join(f"{row.minor}: {row.family_reason}" for row in rows)
    linked = [row.minor for row in catalogue.tasks() if row.name in refused_with(members) - members]
    return f"| {title}: {family.skill} | {tasks} | {len(rows)} | {', '.join(linked)} |"


if __name__ == "__main__":
    raise SystemExit(main())
