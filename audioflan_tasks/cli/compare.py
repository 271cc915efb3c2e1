"""`audioflan compare RUN RUN ...`."""

from __future__ import annotations

from pathlib import Path

from audioflan_tasks.cli.output import print_table
from audioflan_tasks.evaluation.compare import compare
from audioflan_tasks.evaluation.reporting.comparison import (
    HEADER,
    comparison_markdown,
    comparison_page,
    rows_of,
    sentence,
)
from audioflan_tasks.evaluation.results import write_json
from audioflan_tasks.whole_files import write_whole

__all__ = ["print_comparison"]


def print_comparison(runs: list[Path], out: Path | None, seed: int, as_json: bool) -> None:
    """Prints every run against the first, and writes the comparison to `out`."""
    comparisons = compare(runs[0], runs[1:], seed=seed)
    if as_json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(comparisons), indent=1).decode())
    else:
        for comparison in comparisons:
            print_table(HEADER, rows_of(comparison))
            print(sentence(comparison))
            for task, reason in comparison.left_out.items():
                print(f"left out: {task}: {reason}")
    if out is not None:
        write_json(out / "comparison.json", comparisons)
        write_whole(out / "comparison.md", comparison_markdown(comparisons))
        write_whole(out / "comparison.html", comparison_page(comparisons))
