"""Text files that appear under their names only when all of them are whole."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

__all__ = ["WholeFiles"]


class WholeFiles:
    """Opens files for writing; leaving without an error puts them in place, together.

    An error leaves what was there before.
    """

    def __init__(self) -> None:
        self._stack, self._open = ExitStack(), dict[Path, tuple[Path, TextIO]]()

    def __enter__(self) -> WholeFiles:
        return self

    def open(self, path: Path) -> TextIO:
        """The file at a path, UTF-8; empty when first opened. Folders are made.

        Half a surrogate pair, as in names of files that are not UTF-8, is written escaped.
        """
        if path not in self._open:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.tmp")
            file = self._stack.enter_context(
                temporary.open("w", encoding="utf-8", errors="backslashreplace")
            )
            self._open[path] = (temporary, file)
        return self._open[path][1]

    def __exit__(self, kind: object, *details: object) -> None:
        self._stack.close()
        for path, (temporary, _) in self._open.items():
            if kind is None:
                temporary.replace(path)
            else:
                temporary.unlink(missing_ok=True)
