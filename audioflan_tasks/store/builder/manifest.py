"""One manifest shard: the records of a part of the source as an Arrow IPC file.

Rows are grouped by (task, split) and otherwise in the order of the files; lines count from
the start of the shard's piece of the file. Arrow is the
underlying format so that any other tool can open a shard:
`pyarrow.ipc.open_file(pyarrow.memory_map(path)).read_all()`.
"""

from __future__ import annotations

import gc
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa

from audioflan_tasks.errors import StoreError
from audioflan_tasks.records import Instance
from audioflan_tasks.records.parse import LineParser
from audioflan_tasks.records.repairs import Ledger, ProblemKind, Repair
from audioflan_tasks.records.spans import audio_ids
from audioflan_tasks.records.tree import hints_of, read_array, read_lines
from audioflan_tasks.store.builder.partitions import Part, Piece
from audioflan_tasks.store.layout import FORMAT, key_of
from audioflan_tasks.store.publish import Write, find_unit, json_lines, publish_unit

__all__ = ["CLIP_SCHEMA", "ROW_SCHEMA", "arrow_file", "build_manifest"]

_words = pa.dictionary(pa.int32(), pa.string())

ROW_SCHEMA = pa.schema(
    [
        ("uuid", pa.string()),
        ("instruction", _words),
        ("input", pa.string()),
        ("output", pa.string()),
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


def build_manifest(part: Part, folder: str) -> dict[str, Any]:
    """Builds the shard of a part in `folder`, unless it is there; what its marker says.

    Raises:
      StoreError: the source cannot be read or the shard cannot be written.
    """
    data = [_bytes(part, piece) for piece in part.pieces]
    where = Path(folder)
    facts = {
        "format": FORMAT,
        "pieces": [
            {
                "file": piece.file,
                "size": len(found),
                "sha256": hashlib.sha256(found).hexdigest(),
                "lines": found.count(b"\n") + (bool(found) and not found.endswith(b"\n")),
            }
            for piece, found in zip(part.pieces, data, strict=True)
        ],
    }
    done = find_unit(where, part.name, **facts)
    if done is not None:
        return done
    with _without_collector():
        return _made(part, where, data, facts)


def _made(part: Part, where: Path, data: list[bytes], facts: dict[str, Any]) -> dict[str, Any]:
    ledger = Ledger()
    bad: list[dict[str, Any]] = []
    read = (
        _read(part, piece, found, ledger, bad)
        for piece, found in zip(part.pieces, data, strict=True)
    )
    groups = _grouped(chain.from_iterable(read))
    rows = list(chain.from_iterable(groups.values()))
    sides = [(audio_ids(i.input), audio_ids(i.output)) for i in rows]
    keys = {one: key_of(one) for side in sides for found in side for one in found}
    said = {
        **facts,
        "groups": [[*key, len(found)] for key, found in groups.items()],
        "records": len(rows),
        "clips": len(keys),
        "ledger": ledger.as_dict(),
    }
    files: dict[str, Write] = {
        ".arrow": arrow_file(ROW_SCHEMA, _rows(rows, sides, keys)),
        ".clips.arrow": arrow_file(CLIP_SCHEMA, _clips(rows, sides, keys)),
        ".bad.jsonl": lambda handle: handle.write(json_lines(bad)),
    }
    return publish_unit(where, part.name, files, lambda: said)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keeps Python from looking for cycles among records, which have none: a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _path(part: Part, piece: Piece) -> tuple[Path, Path]:
    """The piece's file, and the folder that its name is relative to."""
    root = Path(part.root)
    return (root / piece.file, root) if root.is_dir() else (root, root.parent)


def _bytes(part: Part, piece: Piece) -> bytes:
    path, _ = _path(part, piece)
    try:
        with path.open("rb") as handle:
            handle.seek(piece.start)
            return handle.read(piece.end - piece.start)
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror})") from error


def _read(
    part: Part, piece: Piece, data: bytes, ledger: Ledger, bad: list[dict[str, Any]]
) -> Iterator[Instance]:
    parser = _KeepingParser(piece.file, hints_of(*_path(part, piece)), ledger, bad)
    reader = read_array if piece.array else read_lines
    return reader(io.BytesIO(data), parser)


class _KeepingParser(LineParser):
    """Keeps the raw text of all that gives no usable row, with its place and the reason."""

    def __init__(self, name: str, hints: Any, ledger: Ledger, bad: list[dict[str, Any]]) -> None:
        super().__init__(name, hints, ledger)
        self._bad = bad
        self._raw: Any = b""

    def parse(self, line: bytes, number: int) -> Instance | None:
        self._raw = line
        return self._known(super().parse(line, number), number)

    def parse_object(self, value: Any, number: int) -> Instance | None:
        self._raw = value
        return self._known(super().parse_object(value, number), number)

    def skip(self, number: int, kind: ProblemKind, reason: str) -> None:
        super().skip(number, kind, reason)
        self._keep(number, str(kind), reason)
        self._raw = b""

    def _known(self, instance: Instance | None, number: int) -> Instance | None:
        if instance is not None and not instance.task:
            reason = f"no task is named {instance.minor!r} (major {instance.major!r})"
            self._keep(number, str(Repair.TASK_UNKNOWN), reason)
        return instance

    def _keep(self, number: int, kind: str, reason: str) -> None:
        raw = self._raw if isinstance(self._raw, bytes) else _encode(self._raw)
        text = raw.rstrip(b"\r\n").decode("utf-8", "backslashreplace")
        self._bad.append(
            {"file": self.name, "line": number, "kind": kind, "reason": reason, "raw": text}
        )


def _grouped(instances: Iterable[Instance]) -> dict[tuple[str, str], list[Instance]]:
    groups: dict[tuple[str, str], list[Instance]] = {}
    for instance in instances:
        groups.setdefault((instance.task, instance.split), []).append(instance)
    return dict(sorted(groups.items()))


_Sides = Sequence[tuple[Sequence[str], Sequence[str]]]


def _rows(rows: list[Instance], sides: _Sides, keys: dict[str, int]) -> dict[str, Any]:
    places = [i.where.rpartition(":") for i in rows]
    return {
        "uuid": [i.uuid for i in rows],
        "instruction": pa.array([i.instruction for i in rows], pa.string()).dictionary_encode(),
        "input": [i.input for i in rows],
        "output": [i.output for i in rows],
        "file": pa.array([at[0] for at in places], pa.string()).dictionary_encode(),
        "line": [int(at[2]) for at in places],
        "clips": [[keys[one] for found in side for one in found] for side in sides],
        "clips_in": [len(heard) for heard, _ in sides],
        "shared": pa.array(_shared(rows), pa.string()).dictionary_encode(),
        "own": [_own(i) for i in rows],
    }


def _shared(rows: list[Instance]) -> list[str]:
    """For each row the fields that have few different values in a file, as JSON."""
    known: dict[tuple[Any, ...], str] = {}
    found = []
    for i in rows:
        # Settled names are one object for all rows that share them.
        key = (id(i.raw), i.minor, i.major, i.paper_category, i.unseen, i.domain, i.source)
        if key not in known:
            values = (i.minor, i.major, i.paper_category, i.unseen, i.domain, i.source, i.raw)
            known[key] = _encode(values).decode()
        found.append(known[key])
    return found


def _own(i: Instance) -> str:
    """Fields that many records lack; "" where all are missing."""
    if not (i.other or i.audio_path):
        return ""
    return _encode((i.other, i.audio_path, i.audio_start, i.audio_end)).decode()


def _clips(rows: list[Instance], sides: _Sides, keys: dict[str, int]) -> dict[str, Any]:
    """The clips of the shard by key, each once, with what is needed to find its audio."""
    named: dict[str, Instance] = {}
    for i, side in zip(rows, sides, strict=True):
        for one in chain(*side):
            named.setdefault(one, i)
    keyed = sorted((keys[one], one, i) for one, i in named.items())
    return {
        "key": [key for key, _, _ in keyed],
        "id": [one for _, one, _ in keyed],
        "path": [i.path_of(one) if i.audio_path else "" for _, one, i in keyed],
        "start": [i.audio_start or 0.0 for _, _, i in keyed],
        "end": [i.audio_end for _, _, i in keyed],
    }


def arrow_file(schema: pa.Schema, columns: dict[str, Any]) -> Write:
    """A function that writes columns as one Arrow IPC file into an open file."""

    def write(handle: BinaryIO) -> None:
        arrays = [_array(columns[field.name], field.type) for field in schema]
        batch = pa.record_batch(arrays, schema=schema)
        with pa.ipc.new_file(handle, schema) as writer:
            writer.write_batch(batch)

    return write


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values, kind)
