"""What ends a build before any audio is read: records that would be lost without a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from audioflan_tasks.errors import UnusableRecordsError
from audioflan_tasks.records.repairs import ProblemKind, Repair
from audioflan_tasks.records.schema import MINIMAL_RECORD
from audioflan_tasks.remote import shown_root
from audioflan_tasks.store.builder.manifest import QuarantinedLine
from audioflan_tasks.store.builder.stages import RecordResult

__all__ = ["refuse_unusable"]

_EXAMPLES = 5
_REFUSED_LINES = (str(ProblemKind.SPLIT_UNKNOWN), str(ProblemKind.TASK_DISAGREES))
_REFUSED = (str(Repair.TASK_UNKNOWN), *_REFUSED_LINES)


def refuse_unusable(records: RecordResult, store: Path, *, skip: bool) -> None:
    """Raises where records have an unknown task or split or two tasks, or where none can be used.

    With `skip` such records are only left out.

    Raises:
      UnusableRecordsError: names the first of them by file and line, and what to do.
    """
    unusable = sum(task.records for marker in records.markers for task in marker.unknown)
    unusable += sum(m.problems.get(kind, 0) for m in records.markers for kind in _REFUSED_LINES)
    rows = sum(g.rows for marker in records.markers for g in marker.groups if g.task)
    if skip:
        return
    if unusable:
        raise UnusableRecordsError(_text(unusable, records, store))
    if not rows:
        count = sum(marker.records for marker in records.markers)
        raise UnusableRecordsError(
            f"{shown_root(records.root)}: 0 rows from {count} records; {_advice()}"
            + "".join(f"\n  {line}" for line in _examples(records, store, kinds=()))
        )


def _text(unusable: int, records: RecordResult, store: Path) -> str:
    examples = "".join(f"\n  {line}" for line in _examples(records, store, kinds=_REFUSED))
    root = shown_root(records.root)
    return (
        f"{unusable} records of {root} have an unknown task or split, or two tasks:"
        f"{examples}\n"
        f"mend them (audioflan check {root} counts them), or leave them out with "
        f"--policy skip; {_advice()}"
    )


def _advice() -> str:
    return f"the least that a record has: {MINIMAL_RECORD}"


def _examples(records: RecordResult, store: Path, kinds: tuple[str, ...]) -> list[str]:
    """The first lines that give no row, as file:line and the reason; of all kinds if none given."""
    lines = (line for line in _left_out(records, store) if not kinds or line.kind in kinds)
    return [
        f"{line.file}:{line.line}: {line.reason}"
        for line, _ in zip(lines, range(_EXAMPLES), strict=False)
    ]


def _left_out(records: RecordResult, store: Path) -> Iterator[QuarantinedLine]:
    """The lines of all shards that give no row, with the line that each has in its file."""
    lines_before: Counter[str] = Counter()
    for marker in records.markers:
        file = store / "manifest" / f"{marker.unit}.bad.jsonl"
        for text in file.read_bytes().splitlines():
            line = msgspec.json.decode(text, type=QuarantinedLine)
            yield msgspec.structs.replace(line, line=line.line + lines_before[line.file])
        for piece in marker.source.pieces:
            lines_before[piece.file] += piece.lines
