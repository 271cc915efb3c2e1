"""Files that hold one JSON array instead of lines, or only begin like one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, BinaryIO

import msgspec

__all__ = ["BOM", "Element", "elements", "holds_array"]

BOM = b"\xef\xbb\xbf"
_HEAD = 4096
# Enough to see a line or two of records after a first one that is broken.
_LONG_HEAD = 2**20
_BLANKS = b" \t\r"
_EDGES = _BLANKS + b",[]"
_BRACKET_LINES = (b"", b"[", b"]", b",", b"],")

# The text of an element, and its number from 1.
Element = tuple[int, bytes]


def holds_array(handle: BinaryIO) -> bool:
    """Whether an open file holds one JSON array; it stands at its start afterwards.

    A file of lines whose first begins with `[`, as a broken one may, is none.
    """
    head = handle.read(_HEAD)
    if head.removeprefix(BOM).lstrip()[:1] == b"[":
        head += handle.read(_LONG_HEAD)
        is_array = not _holds_lines(head)
    else:
        is_array = False
    handle.seek(0)
    return is_array


def elements(data: bytes) -> list[Element] | None:
    """The elements of an array as they stand in `data`; None where there are none to be read.

    Of an array that is broken the lines that hold an object each, and those that are broken.
    """
    try:
        values = msgspec.json.decode(data.removeprefix(BOM), type=list[msgspec.Raw])
        return [(number, bytes(value)) for number, value in enumerate(values, 1)]
    except (ValueError, RecursionError):
        lines = list(_lines(data.removeprefix(BOM)))
        return lines if any(_is_object(line) for _, line in lines) else None


def _lines(data: bytes) -> Iterator[Element]:
    """Lines without what stands around an element of an array."""
    for number, line in enumerate(data.split(b"\n"), 1):
        line = line.strip(_BLANKS)
        if line not in _BRACKET_LINES:
            yield number, line.strip(_EDGES) or line


def _holds_lines(head: bytes) -> bool:
    """Whether a line after the first is an object that no comma or bracket follows."""
    lines = [line.strip(_BLANKS) for line in head.split(b"\n")[1:]]
    # The end of the file ends a line too; the end of a long head does not.
    lines = [line for line in lines[:-1] if line] + [lines[-1] if lines else b""]
    return any(
        _is_object(line) and next_line[:1] not in (b",", b"]")
        for line, next_line in pairwise([*lines, b""])
    )


def _is_object(line: bytes) -> bool:
    if line[:1] != b"{" or line[-1:] != b"}":
        return False
    try:
        value: Any = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError):
        return False
    return bool(value)
