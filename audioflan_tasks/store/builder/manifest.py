"""One manifest shard: the records of a part of the source as an Arrow IPC file.

Rows are grouped by (task, split) and otherwise in the order of the files; lines count from
the start of the shard's piece of the file. Arrow is the underlying format so that any other
tool can open a shard: `pyarrow.ipc.open_file(pyarrow.memory_map(path)).read_all()`.
"""

from __future__ import annotations

import gc
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from audioflan_tasks import catalogue
from audioflan_tasks.errors import StoreError
from audioflan_tasks.folders import is_folder
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.records import Instance
from audioflan_tasks.records.parse import LineParser
from audioflan_tasks.records.pieces import FilePiece
from audioflan_tasks.records.repairs import Ledger, ProblemKind, Repair
from audioflan_tasks.records.sample import file_vocabularies
from audioflan_tasks.records.settle import Hints, SplitNames
from audioflan_tasks.records.spans import audio_ids
from audioflan_tasks.records.tree import hints_of, read_array, read_lines
from audioflan_tasks.store.builder.partitions import Part
from audioflan_tasks.store.files import Write, json_lines
from audioflan_tasks.store.layout import key_of
from audioflan_tasks.store.schema import (
    ManifestMarker,
    ManifestSource,
    OwnFields,
    PieceNote,
    RowGroup,
    SharedFields,
    UnknownTask,
)
from audioflan_tasks.store.tables import arrow_file
from audioflan_tasks.store.units import publish_unit, whole_units

__all__ = ["CLIP_SCHEMA", "ROW_SCHEMA", "QuarantinedLine", "ShardRef", "build_manifest"]

_words = pa.dictionary(pa.int32(), pa.string())

# Columns of the catalogue that have nothing to do with how records are read.
_NOT_READ_BY = {
    "definition", "metrics", "optional_metrics", "inverse", "twins", "companions", "improves",
    "family", "family_reason", "simulations", "corpora", "note", "pool",
}  # fmt: skip

ROW_SCHEMA = pa.schema(
    [
        ("uuid", pa.string()),
        ("instruction", _words),
        ("input", pa.string()),
        ("output", pa.string()),
        ("lead_in", _words),
        ("file", _words),
        ("line", pa.int32()),
        ("clips", pa.list_(pa.uint64())),
        ("clips_in", pa.int16()),
        ("shared", _words),
        ("own", pa.string()),
    ]
)
CLIP_SCHEMA = pa.schema(
    [
        ("key", pa.uint64()),
        ("id", pa.string()),
        ("path", pa.string()),
        ("start", pa.float64()),
        ("end", pa.float64()),
    ]
)

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class ShardRef:
    """A finished manifest shard, as other stages need it: its stem, file, checksum and groups."""

    name: str
    arrow: str
    sha256: str
    groups: tuple[RowGroup, ...]


class QuarantinedLine(msgspec.Struct, frozen=True):
    """A line that gives no usable row, with its place, the reason, and the raw text."""

    file: str
    line: int
    kind: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class _AudioIds:
    """The audio ids of a record's input and of its output."""

    inputs: list[str]
    outputs: list[str]

    @property
    def of_both(self) -> list[str]:
        """All of them, in order."""
        return [*self.inputs, *self.outputs]


def build_manifest(part: Part, folder: str) -> ManifestMarker:
    """Builds the shard of a part in `folder`, unless it is there.

    It is made again where the catalogue has since got a task that records of it name, or another
    row of a task of theirs.

    Raises:
      StoreError: the source cannot be read or the shard cannot be written.
    """
    data = [_read_bytes(part, piece) for piece in part.pieces]
    source = ManifestSource(
        pieces=tuple(
            PieceNote(
                piece.file, len(content), hashlib.sha256(content).hexdigest(), _line_count(content)
            )
            for piece, content in zip(part.pieces, data, strict=True)
        ),
        splits=dict(part.splits),
        vocabularies=_vocabularies(part),
    )
    units = whole_units(Path(folder), part.name, ManifestMarker, source)
    unit = next(filter(_is_current, units), None)
    if unit is not None:
        return unit
    with _without_collector():
        return _publish_shard(part, Path(folder), data, source)


def _vocabularies(part: Part) -> dict[str, dict[str, str]]:
    """The vocabularies that labels of the part's files show, by file and task."""
    by_file = {}
    for piece in part.pieces:
        path, base = _path_and_base(part, piece)
        shown = file_vocabularies(path, hints_of(path, base), dict(part.splits), None)
        if shown:
            by_file[piece.file] = dict(shown)
    return by_file


def _line_count(content: bytes) -> int:
    """Number of lines; the last need not end in a line break."""
    return content.count(b"\n") + (bool(content) and not content.endswith(b"\n"))


def _publish_shard(
    part: Part, folder: Path, data: list[bytes], source: ManifestSource
) -> ManifestMarker:
    ledger = Ledger()
    unusable: list[QuarantinedLine] = []
    instances = (
        _instances(part, piece, content, ledger, unusable, source.vocabularies)
        for piece, content in zip(part.pieces, data, strict=True)
    )
    groups = _grouped(chain.from_iterable(instances))
    rows = list(chain.from_iterable(groups.values()))
    ids = [_AudioIds(audio_ids(i.input), i.output_audio_ids) for i in rows]
    keys = {audio_id: key_of(audio_id) for sides in ids for audio_id in sides.of_both}
    files: dict[str, Write] = {
        ".arrow": arrow_file(ROW_SCHEMA, _row_columns(rows, ids, keys)),
        ".clips.arrow": arrow_file(CLIP_SCHEMA, _clip_columns(rows, ids, keys)),
        ".bad.jsonl": lambda handle: handle.write(json_lines(unusable)),
    }
    marker = ManifestMarker(
        source=source,
        groups=tuple(RowGroup(*key, len(members)) for key, members in groups.items()),
        records=len(rows),
        clips=len(keys),
        repairs={str(kind): count for kind, count in ledger.repairs.most_common()},
        problems={str(kind): count for kind, count in ledger.problems.most_common()},
        unknown=tuple(
            UnknownTask(*names, count) for names, count in sorted(ledger.unknown.items())
        ),
        tasks=_task_digests(i.task for i in rows),
        unseen=sum(i.unseen for i in rows),
    )
    return publish_unit(folder, part.name, files, lambda: marker)


def _is_current(unit: ManifestMarker) -> bool:
    """Whether records would be read by the same rows of the catalogue now."""
    is_new = any(catalogue.resolve(t.minor, t.domain, t.major) is not None for t in unit.unknown)
    return not is_new and unit.tasks == _task_digests(group.task for group in unit.groups)


def _task_digests(tasks: Iterable[str]) -> dict[str, str]:
    """A digest of what records are read by in the catalogue's row, by task; "" without a row."""
    return {task: _task_digest(task) for task in sorted(set(tasks)) if task}


def _task_digest(task: str) -> str:
    row = catalogue.find(task)
    if row is None:
        return ""
    text = row.model_dump_json(exclude=_NOT_READ_BY)
    return hashlib.sha256(f"{text}\x1f{row.answer_kind!r}".encode()).hexdigest()[:16]


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keeps Python from looking for cycles among records, which have none: a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _path_and_base(part: Part, piece: FilePiece) -> tuple[Path, Path]:
    """The piece's file, and the folder that its name is relative to."""
    root = Path(part.root)
    return (root / piece.file, root) if is_folder(root) else (root, root.parent)


def _read_bytes(part: Part, piece: FilePiece) -> bytes:
    path, _ = _path_and_base(part, piece)
    try:
        with open_plain_file(path) as handle:
            handle.seek(piece.start)
            return handle.read(piece.end - piece.start)
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror})") from error


def _instances(
    part: Part,
    piece: FilePiece,
    content: bytes,
    ledger: Ledger,
    unusable: list[QuarantinedLine],
    vocabularies: dict[str, dict[str, str]],
) -> Iterator[Instance]:
    parser = _QuarantiningParser(
        piece.file, hints_of(*_path_and_base(part, piece)), ledger, unusable,
        splits=dict(part.splits), vocabularies=vocabularies.get(piece.file, {}),
    )  # fmt: skip
    reader = read_array if piece.array else read_lines
    return reader(io.BytesIO(content), parser)


class _QuarantiningParser(LineParser):
    """Keeps the raw text of all that gives no usable row, with its place and the reason."""

    def __init__(
        self,
        name: str,
        hints: Hints,
        ledger: Ledger,
        unusable: list[QuarantinedLine],
        *,
        splits: SplitNames,
        vocabularies: Mapping[str, str],
    ) -> None:
        super().__init__(name, hints, ledger, splits=splits, vocabularies=lambda: vocabularies)
        self._unusable = unusable
        self._raw = b""

    def parse(self, line: bytes, number: int) -> Instance | None:
        self._raw = line
        return self._with_task(super().parse(line, number), number)

    def skip(self, number: int, kind: ProblemKind, reason: str) -> None:
        super().skip(number, kind, reason)
        self._quarantine(number, str(kind), reason)
        self._raw = b""

    def _with_task(self, instance: Instance | None, number: int) -> Instance | None:
        if instance is not None and not instance.task:
            major = f" (major {instance.major!r})" if instance.major else ""
            reason = f"no task is named {instance.minor!r}{major}"
            self._quarantine(number, str(Repair.TASK_UNKNOWN), reason)
        return instance

    def _quarantine(self, number: int, kind: str, reason: str) -> None:
        text = self._raw.rstrip(b"\r\n").decode("utf-8", "backslashreplace")
        self._unusable.append(QuarantinedLine(self.name, number, kind, reason, text))


def _grouped(instances: Iterable[Instance]) -> dict[tuple[str, str], list[Instance]]:
    groups: dict[tuple[str, str], list[Instance]] = {}
    for instance in instances:
        groups.setdefault((instance.task, instance.split), []).append(instance)
    return dict(sorted(groups.items()))


def _row_columns(
    rows: list[Instance], ids: list[_AudioIds], keys: dict[str, int]
) -> dict[str, Any]:
    places = [i.where.rpartition(":") for i in rows]
    return {
        "uuid": [i.uuid for i in rows],
        "instruction": pa.array([i.instruction for i in rows], pa.string()).dictionary_encode(),
        "input": [i.input for i in rows],
        "output": [i.output for i in rows],
        "lead_in": pa.array([i.lead_in for i in rows], pa.string()).dictionary_encode(),
        "file": pa.array([file for file, _, _ in places], pa.string()).dictionary_encode(),
        "line": [int(line) for _, _, line in places],
        "clips": [[keys[audio_id] for audio_id in sides.of_both] for sides in ids],
        "clips_in": [len(sides.inputs) for sides in ids],
        "shared": pa.array(_shared_fields(rows), pa.string()).dictionary_encode(),
        "own": [_own_fields(i) for i in rows],
    }


def _shared_fields(rows: list[Instance]) -> list[str]:
    """For each row the fields that have few different values in a file, as JSON."""
    encoded: dict[tuple[Any, ...], str] = {}
    column = []
    for i in rows:
        # Settled names are one object for all rows that share them.
        names = (id(i.raw), i.minor, i.major, i.paper_category, i.unseen, i.domain)
        key = (*names, i.corpus, i.vocabulary, i.source)
        if key not in encoded:
            shared_fields = SharedFields(
                i.minor, i.major, i.paper_category, i.unseen, i.domain, i.corpus, i.vocabulary,
                i.source, i.raw,
            )  # fmt: skip
            encoded[key] = _encode(shared_fields).decode()
        column.append(encoded[key])
    return column


def _own_fields(i: Instance) -> str:
    """Fields that many records lack; "" where all are missing."""
    if not (i.other or i.audio_path):
        return ""
    return _encode(OwnFields(i.other, i.audio_path, i.audio_start, i.audio_end)).decode()


def _clip_columns(
    rows: list[Instance], ids: list[_AudioIds], keys: dict[str, int]
) -> dict[str, Any]:
    """The clips of the shard by key, each once, with what is needed to find its audio."""
    first_records: dict[str, Instance] = {}
    for i, sides in zip(rows, ids, strict=True):
        for audio_id in sides.of_both:
            first_records.setdefault(audio_id, i)
    clips = sorted((keys[audio_id], audio_id, i) for audio_id, i in first_records.items())
    return {
        "key": [key for key, _, _ in clips],
        "id": [audio_id for _, audio_id, _ in clips],
        "path": [i.path_of(audio_id) if i.audio_path else "" for _, audio_id, i in clips],
        "start": [i.audio_start or 0.0 for _, _, i in clips],
        "end": [i.audio_end for _, _, i in clips],
    }
