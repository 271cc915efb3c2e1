"""Printing tables that read well in a terminal and in a pipe."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

__all__ = ["percent", "print_hanging", "print_table", "table_lines"]

# A column of at most this width is not wrapped.
_NARROW = 16
_GAP, _INDENT = "  ", "    "


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], footer: str = "") -> None:
    """A table and a blank line in a terminal, tab-separated lines in a pipe.

    A terminal gets no columns that are empty.
    """
    if not sys.stdout.isatty():
        for row in (header, *rows):
            print("\t".join(row))
        return
    full = [n for n in range(len(header)) if not rows or any(row[n] for row in rows)]
    table = [[row[n] for n in full] for row in (header, *rows)]
    for line in table_lines(table, shutil.get_terminal_size().columns):
        print(line)
    print(f"{footer}\n" if footer else "")


def print_hanging(label: str, text: str) -> None:
    """A text behind a label; a terminal gets it wrapped between words, under its beginning."""
    space = shutil.get_terminal_size().columns
    if not sys.stdout.isatty() or len(label) + len(text) <= space:
        print(label + text)
        return
    wrapper = textwrap.TextWrapper(
        max(space, len(label) + _NARROW), initial_indent=label, subsequent_indent=" " * len(label),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    print(wrapper.fill(text))


def percent(value: float | None) -> str:
    """A share in percent; nothing for None."""
    return "" if value is None else f"{100 * value:.2f} %"


def table_lines(rows: Sequence[Sequence[str]], space: int) -> Iterator[str]:
    """The lines of a table in `space` columns; no word of it is cut, so that all can be copied.

    Where wrapping columns between words is not enough, a row goes on in an indented line.
    """
    widths = _widths(rows, space)
    for row in rows:
        for number, columns in enumerate(_groups(widths, space)):
            indent = _INDENT if number else ""
            room = max(_NARROW, space - len(indent))
            cells = [
                textwrap.wrap(row[c], min(widths[c], room), break_long_words=False) for c in columns
            ]
            for parts in zip_longest(*cells, fillvalue=""):
                line_cells = [part.ljust(widths[c]) for part, c in zip(parts, columns, strict=True)]
                yield indent + _GAP.join(line_cells).rstrip()


def _widths(rows: Sequence[Sequence[str]], space: int) -> list[int]:
    """Natural widths, or narrower ones with which the columns fit."""
    columns = list(zip(*rows, strict=True))
    natural = [max(map(len, column)) for column in columns]
    least = [
        min(width, max(_NARROW, *(len(word) for cell in column for word in cell.split())))
        for width, column in zip(natural, columns, strict=True)
    ]
    slack = space - sum(least) - len(_GAP) * (len(least) - 1)
    if slack < 0:
        return natural
    widths = []
    # The first columns get what room there is.
    for narrow, width in zip(least, natural, strict=True):
        widths.append(min(width, narrow + slack))
        slack -= widths[-1] - narrow
    return widths


def _groups(widths: Sequence[int], space: int) -> list[list[int]]:
    """Numbers of the columns that stand in each line of a row."""
    groups: list[list[int]] = [[]]
    end = 0
    for number, width in enumerate(widths):
        if groups[-1] and end + width > space:
            groups.append([])
            end = len(_INDENT)
        groups[-1].append(number)
        end += width + len(_GAP)
    return groups
