"""Printing tables that read well in a terminal and in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["percent", "print_table"]


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], footer: str = "") -> None:
    """A rich table in a terminal, tab-separated lines in a pipe."""
    if not sys.stdout.isatty():
        for row in (header, *rows):
            print("\t".join(row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(*header, box=box.SIMPLE_HEAD, caption=footer or None, caption_justify="left")
    for row in rows:
        table.add_row(*row)
    # No markup: a cell may hold brackets.
    Console(markup=False).print(table)


def percent(value: float | None) -> str:
    """A share in percent; nothing for None."""
    return "" if value is None else f"{100 * value:.2f} %"
