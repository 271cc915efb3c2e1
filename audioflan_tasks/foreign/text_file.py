"""A file of JSON lines whose texts are read by their places; only these are kept in memory."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import RecordError
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.records.spans import audio_ids

__all__ = ["TextFile", "TextLine", "scan_text_file"]

I64 = NDArray[np.int64]

_BOM = b"\xef\xbb\xbf"


class TextLine(msgspec.Struct, frozen=True):
    """A line: what is asked, and the answer. Other keys are passed over."""

    output: str
    instruction: str | None = None
    input: str | None = None

    @property
    def texts(self) -> tuple[str, str, str]:
        """Instruction, input and output; "" where there is none."""
        return self.instruction or "", self.input or "", self.output


class _FileVersion(NamedTuple):
    """What tells that a file has changed: its size, and the time of its last change."""

    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class TextFile:
    """The usable lines of a file: number of the line, first byte and byte after the last, each [n].

    `bad_lines` say of each other line where it is and what is wrong with it; empty lines do not
    count.
    """

    path: Path
    version: _FileVersion
    numbers: I64
    begin: I64
    end: I64
    bad_lines: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    def place(self, row: int) -> str:
        """Path and line of a row."""
        return f"{self.path}:{self.numbers[row]}"

    def line(self, row: int) -> TextLine:
        """The line of a row.

        Raises:
          RecordError: the file has changed since it was looked through.
        """
        with _opened(self.path) as handle:
            if _version(handle.fileno()) != self.version:
                raise RecordError(
                    f"{self.path}: the file has changed since the text task was made; make it again"
                )
            begin = handle.seek(int(self.begin[row]))
            data = handle.read(int(self.end[row]) - begin)
        return _parsed(data)


def scan_text_file(path: Path) -> TextFile:
    """Looks through a file once.

    Raises:
      RecordError: it cannot be read, or has no usable line.
    """
    places: list[tuple[int, int, int]] = []
    bad_lines: list[str] = []
    with _opened(path) as handle:
        version = _version(handle.fileno())
        # An empty file cannot be mapped.
        data = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) if version.size else b""
        for number, (begin, end) in enumerate(_lines(data), 1):
            line = data[begin:end]
            if line.isspace() or not line:
                continue
            try:
                _parsed(line)
            except ValueError as error:
                bad_lines.append(f"{path}:{number}: {error}")
            else:
                places.append((number, begin, end))
    if not places:
        reason = f"; {len(bad_lines)} lines are not: {bad_lines[0]}" if bad_lines else ""
        raise RecordError(
            f'{path}: no usable line; expected JSON lines such as {{"instruction": "…", '
            f'"input": "…", "output": "…"}}{reason}'
        )
    numbers, begins, ends = np.array(places, np.int64).T.copy()
    return TextFile(path, version, numbers, begins, ends, tuple(bad_lines))


def _lines(data: bytes | mmap.mmap) -> Iterator[tuple[int, int]]:
    """First byte and byte after the last of each line; only a line feed ends one."""
    begin = len(_BOM) if data[: len(_BOM)] == _BOM else 0
    while begin < len(data):
        end = data.find(b"\n", begin)
        end = len(data) if end < 0 else end
        yield begin, end
        begin = end + 1


def _parsed(line: bytes) -> TextLine:
    """The line of some bytes.

    Raises:
      ValueError: it cannot be used; says why.
    """
    try:
        text_line = msgspec.json.decode(line, type=TextLine)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from None
    if not text_line.output:
        raise ValueError("`output` is empty")
    for name, text in zip(("instruction", "input", "output"), text_line.texts, strict=True):
        if audio_ids(text):
            raise ValueError(f"`{name}` has an audio span; text tasks are of text alone")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError(f"`{name}` has half a surrogate pair, which no text has") from None
    return text_line


def _opened(path: Path) -> BinaryIO:
    try:
        return open_plain_file(path)
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror or error}") from None


def _version(handle: int) -> _FileVersion:
    status = os.fstat(handle)
    return _FileVersion(status.st_size, status.st_mtime_ns)
