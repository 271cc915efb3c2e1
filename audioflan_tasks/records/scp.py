"""Lists of audio files, one `ID path` a line, in the manner of Kaldi's .scp.

Only plain paths are read. Kaldi's other forms, `command |` and `archive.ark:offset`,
are refused: a list that came with data is never run. Paths of the machine on which
the list was made are re-rooted at their last `audio_files/` or at the folder
`NN_Name/` that the list is named after.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from audioflan_tasks.errors import RecordError, UnsafePathError
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.records.repairs import Ledger, Problem, ProblemKind, Repair

__all__ = ["ScpEntry", "ScpTable", "read_scp", "safe_parts"]

_LONGEST_LINE = 64 * 2**10
_ARCHIVE = re.compile(r"\.ark(\.gz)?(:\d+)?(\[[^\]]*\])?$", re.IGNORECASE)
_DRIVE = re.compile(r"^[A-Za-z]:")
_DOMAINS = ("speech", "music", "audio", "sound")


@dataclass(frozen=True, slots=True)
class ScpEntry:
    """One line: the path as written, and where. `refusal` says why it may not be opened."""

    path: str
    line: int
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class ScpTable:
    """The ids of one list. `folder` is the NN_Name it is for, `domain` the folder that holds it."""

    name: str
    folder: str
    domain: str
    entries: dict[str, ScpEntry] = field(default_factory=dict)

    def candidates(self, audio_id: str) -> Iterator[tuple[str, ...]]:
        """Parts of the paths, relative to the corpus, of the id's file; likeliest first.

        Raises:
          KeyError: the id is not in the list.
          UnsafePathError: its path leaves the corpus, or is a command or an archive.
        """
        entry = self.entries[audio_id]
        if entry.refusal:
            raise UnsafePathError(
                f"{self.name}:{entry.line}: {audio_id!r}: {entry.refusal}: {entry.path!r}"
            )
        place = f"{self.name}:{entry.line}: {audio_id!r}"
        yield from _places(entry.path, self.domain, self.folder, place)


def read_scp(
    path: Path, name: str = "", domain: str = "", ledger: Ledger | None = None
) -> ScpTable:
    """Reads a list; lines that cannot be used are booked in `ledger`, the rest is kept.

    Raises:
      RecordError: the list cannot be opened.
    """
    book = ledger if ledger is not None else Ledger()
    table = ScpTable(name or path.name, path.stem, domain)
    try:
        handle = open_plain_file(path)
    except OSError as error:
        raise RecordError(f"{path}: cannot be opened ({error.strerror})") from None
    with handle:
        number = 0
        while raw := handle.readline(_LONGEST_LINE):
            number += 1
            if len(raw) == _LONGEST_LINE and not raw.endswith(b"\n"):
                reason = f"line longer than {_LONGEST_LINE} bytes; is this a list of files?"
                place = f"{table.name}:{number}"
                book.problem(Problem(place, ProblemKind.LINE_TOO_LONG, reason))
                while raw and not raw.endswith(b"\n"):
                    raw = handle.readline(_LONGEST_LINE)
                continue
            _add_line(table, raw, number, book)
    return table


def safe_parts(path: str, place: str) -> tuple[str, ...]:
    """Parts of a relative path with forward slashes.

    Raises:
      UnsafePathError: the path is absolute or climbs with `..`.
    """
    parts = PurePosixPath(path).parts
    if not parts or parts[0] == "/" or ".." in parts or "\0" in path or _DRIVE.match(path):
        raise UnsafePathError(
            f"{place}: the path {path!r} leaves the corpus; expected one below its root"
        )
    return parts


def _add_line(table: ScpTable, raw: bytes, number: int, ledger: Ledger) -> None:
    place = f"{table.name}:{number}"
    if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
        ledger.repair([Repair.BOM], place)
        raw = raw[3:]
    try:
        line = raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        ledger.problem(Problem(place, ProblemKind.INVALID_UTF8, "the line is no UTF-8"))
        return
    if not line:
        return
    # With a tab between, an id may hold blanks.
    audio_id, _, path = line.partition("\t") if "\t" in line else line.partition(" ")
    audio_id, path = audio_id.strip(), path.strip()
    if not audio_id or not path:
        reason = f"expected an id, a blank and a path, got {line[:80]!r}"
        ledger.problem(Problem(place, ProblemKind.SCP_LINE, reason))
        return
    entry = ScpEntry(path, number, _refusal(path, table.folder))
    if entry.refusal:
        reason = f"{audio_id!r}: {entry.refusal}: {path[:80]!r}"
        ledger.problem(Problem(place, ProblemKind.UNSAFE_PATH, reason))
    first = table.entries.setdefault(audio_id, entry)
    if first is entry:
        return
    if first.path == path:
        ledger.repair([Repair.SCP_DUPLICATE], place)
    else:
        reason = f"{audio_id!r} is {first.path!r} in line {first.line} and {path!r} here"
        ledger.problem(Problem(place, ProblemKind.SCP_CONFLICT, reason))


def _refusal(path: str, folder: str) -> str:
    if path.endswith("|") or path.startswith("|"):
        return "a command is never run; list a file instead"
    if _ARCHIVE.search(path):
        return "a Kaldi archive is not read; extract it and list the files"
    if "\0" in path:
        return "a path with a NUL byte"
    plain = _forward(path)
    if _rerooted(path):
        return ""
    if ".." in plain.split("/"):
        return "the path climbs out of the corpus"
    absolute = plain.startswith("/") or _DRIVE.match(plain)
    if absolute and folder not in plain.split("/"):
        return f"an absolute path without audio_files/ or {folder}/ in it"
    return ""


def _rerooted(path: str) -> str:
    """What follows the last `audio_files/` of the path, with it; else ""."""
    plain = _forward(path)
    head, separator, tail = plain.rpartition("audio_files/")
    if not separator or (head and not head.endswith("/")) or ".." in tail.split("/"):
        return ""
    return f"audio_files/{tail}"


def _forward(path: str) -> str:
    return path.replace("\\", "/") if "/" not in path else path


def _places(path: str, domain: str, folder: str, place: str) -> Iterator[tuple[str, ...]]:
    new_path = _rerooted(path)
    if new_path:
        yield safe_parts(new_path, place)
        return
    plain = _forward(path)
    domains = [domain] if domain else _DOMAINS
    homes = [*(("audio_files", name) for name in domains), ("audio_files",)]
    parts = PurePosixPath(plain).parts
    if folder in parts:
        last = len(parts) - 1 - parts[::-1].index(folder)
        tail = safe_parts("/".join(parts[last:]), place)
        yield from ((*home, *tail) for home in homes)
        if plain.startswith("/") or _DRIVE.match(plain):
            return
    relative = safe_parts(plain.removeprefix("./"), place)
    yield relative
    for home in homes:
        yield (*home, *relative)
        yield (*home, folder, *relative)
