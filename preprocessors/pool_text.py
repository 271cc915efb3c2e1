"""Where an entry of a pool stands in its file, for errors."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["EntryPlace", "PoolText"]

_HEAD = r"\s*\[\[\s*instruction\s*\]\]"


class EntryPlace:
    """Line of an entry, looked up only when it is shown in an error."""

    def __init__(self, file: PoolText, path: Sequence[int | str]) -> None:
        self._file, self._path = file, path

    def __str__(self) -> str:
        return self._file.line(self._path)


class PoolText:
    """A pool's text, for the lines of its entries."""

    def __init__(self, text: str, name: str) -> None:
        self._lines = text.splitlines()
        self._name = name

    def at(self, *path: int | str) -> EntryPlace:
        """'file:line' of an entry, e.g. at("instruction", 3, "ask"), looked up when shown."""
        return EntryPlace(self, path)

    def line(self, path: Sequence[int | str]) -> str:
        """'file:line' of an entry."""
        start = 0
        if len(path) > 1 and path[0] == "instruction" and isinstance(path[1], int):
            heads = [n for n, line in enumerate(self._lines) if re.match(_HEAD, line)]
            start = heads[path[1]] if path[1] < len(heads) else 0
        for key in (part for part in reversed(path) if isinstance(part, str)):
            for number, line in enumerate(self._lines[start:], start + 1):
                if re.match(rf"\s*\[*\s*{re.escape(key)}\b", line):
                    return f"{self._name}:{number}"
        return f"{self._name}:{start + 1}"

    @property
    def end(self) -> str:
        """'file:line' of the last line."""
        return f"{self._name}:{max(len(self._lines), 1)}"
