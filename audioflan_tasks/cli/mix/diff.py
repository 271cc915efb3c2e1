"""`audioflan mix diff MIXTURE OTHER`."""

from __future__ import annotations

from pathlib import Path

from audioflan_tasks.cli.mix.report import report_of
from audioflan_tasks.cli.output import percent, print_table
from audioflan_tasks.mixtures import mixture_named
from audioflan_tasks.mixtures.reporting.changes import Change, changes

__all__ = ["print_diff"]


def print_diff(
    name: str, other: str, root: Path | None, split: str, paper: bool, steps: int
) -> None:
    """Prints a line for every group and task whose share differs."""
    reports = [report_of(mixture_named(n), root, split, paper, steps) for n in (name, other)]
    rows = [_cells(change) for change in changes(*reports)]
    print_table(
        ("level", "name", f"share {name}", f"share {other}", "change", "epochs", "epochs"), rows,
        f"{len(rows)} lines differ over {steps:,} steps",
    )  # fmt: skip


def _cells(change: Change) -> tuple[str, ...]:
    first, second = change.shares
    epochs = (
        "-" if line is None or line.epochs is None else f"{line.epochs:.3g}"
        for line in (change.first, change.second)
    )
    return (
        change.level, change.name, percent(first), percent(second), percent(second - first),
        *epochs,
    )  # fmt: skip
