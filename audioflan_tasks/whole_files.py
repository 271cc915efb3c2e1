"""Files that appear under their names only when all of them are whole."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from audioflan_tasks.errors import FileWriteError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["WholeFiles", "naming_file", "open_named", "write_whole"]


@contextmanager
def naming_file(path: Path) -> Iterator[None]:
    """Turns what the system says of a file that cannot be written into an error that names it."""
    try:
        yield
    except OSError as error:
        raise FileWriteError(f"{path}: cannot be written ({error.strerror or error})") from error


def open_named(path: Path, mode: str) -> TextIO:
    """The file at a path, open for writing ("w") or adding ("a") text as UTF-8; folders are made.

    Half a surrogate pair, as in names of files that are not UTF-8, is written escaped. What
    cannot be written is a FileWriteError, also when the file is closed.
    """
    with naming_file(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = _NamedFile(path, mode)
    return io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", "backslashreplace")


def write_whole(path: Path, data: str | bytes) -> None:
    """Writes a file that is whole or as it was before; folders are made, a link stays one.

    Its temporary name is always the same, so that the next writer takes what a killed one left.

    Args:
      data: what it is to hold; a text as UTF-8.

    Raises:
      FileWriteError: it cannot be written, as on a full disk.
    """
    content = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    with naming_file(path):
        if path.exists() and not path.is_file():
            # /dev/stdout, or a pipe that somebody reads.
            path.write_bytes(content)
            return
        place = Path(os.path.realpath(path))
        temporary = _temporary(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(content)
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)


class WholeFiles:
    """Opens files for writing; leaving without an error puts them in place, together.

    An error leaves what was there before.
    """

    def __init__(self) -> None:
        self._stack, self._open = ExitStack(), dict[Path, TextIO]()

    def __enter__(self) -> WholeFiles:
        return self

    def open(self, path: Path) -> TextIO:
        """The file at a path as `open_named` gives it; empty when first opened."""
        if path not in self._open:
            self._open[path] = self._stack.enter_context(open_named(_temporary(path), "w"))
        return self._open[path]

    def __exit__(self, kind: object, *details: object) -> None:
        try:
            self._stack.close()
            if kind is None:
                for path in self._open:
                    with naming_file(path):
                        _temporary(path).replace(path)
        finally:
            for path in self._open:
                _temporary(path).unlink(missing_ok=True)


class _NamedFile(io.FileIO):
    """A file whose errors of writing name it."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Bytes that were written.

        Raises:
          FileWriteError: none could be.
        """
        with naming_file(Path(os.fsdecode(self.name))):
            return super().write(data)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")
