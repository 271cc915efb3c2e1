"""Writes the table of docs/metrics.md that shows what answers become, from the cases of the tests.

With `--check` nothing is written, and the exit status is 1 if the file is not up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path

from generated_page import between, write_or_check

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.answer_cases import AnswerCase, cases_in  # noqa: E402

TARGET = ROOT / "docs" / "metrics.md"
KINDS = {
    "empty_gold": "sets, the empty one too",
    "numbers": "numbers in sentences",
    "refusals": "refusals, and what is none",
    "echo": "echo",
    "letters": "letters of options",
    "statements": "stated and mentioned; compounds, inflections",
    "two_labels": "negation",
    "verbose_models": "verbose models",
    "symbols": "words that look like symbols",
    "all_kinds": "corrected, supposed, marked up, by the question's form",
}
MOST = 7
LONGEST = 90


def main() -> int:
    """Writes the file, or says whether it is up to date."""
    before = TARGET.read_text(encoding="utf-8")
    return write_or_check(TARGET, between("answers", table(), before))


def table() -> str:
    """The table: for each kind some of its answers, with what the parsers make of them now."""
    rows = ["| kind | task | answer | becomes |", "|---|---|---|---|"]
    for name, kind in KINDS.items():
        short = [case for case in cases_in(name) if len(case.answer) <= LONGEST]
        # Every so many, so that all parts of a file show.
        rows += [_row(kind, case) for case in short[:: max(1, len(short) // MOST)][:MOST]]
    return "\n".join(rows) + "\n"


def _row(kind: str, case: AnswerCase) -> str:
    result = case.result
    becomes = f"*{result[1:]}*" if result.startswith("!") else f"`{result or 'no labels'}`"
    answer = case.answer.replace("|", "\\|").replace("\n", " ⏎ ").replace("`", "'")
    return f"| {kind} | {case.task} | {answer} | {becomes} |"


if __name__ == "__main__":
    raise SystemExit(main())
