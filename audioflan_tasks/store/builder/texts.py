"""Ids of the records' own texts, one unit a manifest shard.

`.ids.npy` holds the ids of all different texts one after the other, `.starts.npy` where each
begins, `.rows.npy` the numbers of each row's texts (instruction, texts of the input, texts of
the output), `.first.npy` where each row's begin there, and `.heard.npy` how many belong to the
input. Templates and labels are the pools' and are not here; but rows that are asked alike have
the same number in `.outlines.npy` (-1 for a row without uuid), and `.keys.npy` has the key
that an instruction is drawn by.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.preprocessors.render import draw_key
from audioflan_tasks.records.spans import Piece, pieces
from audioflan_tasks.store.layout import FORMAT
from audioflan_tasks.store.publish import Write, find_unit, publish_unit
from audioflan_tasks.store.tables import open_table
from audioflan_tasks.tokens.text import text_side
from audioflan_tasks.tokens.text_protocol import TextSide

__all__ = ["Shard", "build_texts"]

# Distinct instructions are few; distinct transcripts are not worth remembering.
_MEMO = 65_536

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Shard(NamedTuple):
    """A manifest shard by name, its file, its checksum and its groups; plain values."""

    name: str
    arrow: str
    sha256: str
    groups: tuple[tuple[str, str, int], ...]


def build_texts(shard: Shard, text: str, folder: str) -> dict[str, Any]:
    """Builds the texts of a shard in `folder`, unless they are there; what the marker says.

    Raises:
      StoreError: they cannot be written.
      TokenizerError: no such text side.
    """
    side = text_side(text)
    facts = {"format": FORMAT, "manifest": shard.sha256, "text": side.fingerprint}
    where = Path(folder)
    done = find_unit(where, shard.name, **facts)
    if done is not None:
        return done
    made = _arrays(shard, side)
    files: dict[str, Write] = {f".{name}.npy": _saved(array) for name, array in made.items()}
    said = {**facts, "ids": len(made["ids"]), "texts": len(made["rows"])}
    return publish_unit(where, shard.name, files, lambda: said)


class _Row(NamedTuple):
    """What is read of a row."""

    task: str
    uuid: str
    instruction: str
    input: str
    output: str
    own: str


def _arrays(shard: Shard, side: TextSide) -> dict[str, NDArray[Any]]:
    numbers: dict[str, int] = {}
    ids: list[list[int]] = []
    rows: list[int] = []
    first, heard = [0], []
    outlines: dict[Any, int] = {}
    outline, keys = [], []
    for row in _rows(shard):
        given, answer = pieces(row.input, _texts_of(row.task)), pieces(row.output)
        asked, said = _values(given), _values(answer)
        for one in (row.instruction, *asked, *said):
            number = numbers.get(one)
            if number is None:
                number = len(ids)
                ids.append(side.encode(one))
                if len(numbers) < _MEMO:
                    numbers[one] = number
            rows.append(number)
        first.append(len(rows))
        heard.append(1 + len(asked))
        alike = _outline(row, given, answer)
        outline.append(outlines.setdefault(alike, len(outlines)) if row.uuid else -1)
        keys.append(draw_key(row.task, row.uuid))
    flat = np.fromiter((i for one in ids for i in one), _kind(side.size))
    return {
        "ids": flat,
        "starts": np.cumsum([0, *map(len, ids)], dtype=np.uint32),
        "rows": np.array(rows, np.uint32),
        "first": np.array(first, np.uint32),
        "heard": np.minimum(np.array(heard, np.int64), 255).astype(np.uint8),
        "outlines": np.array(outline, np.int32),
        "keys": np.array(keys, np.uint64),
    }


def _rows(shard: Shard) -> Iterator[_Row]:
    table = open_table(Path(shard.arrow))
    names = ("uuid", "instruction", "input", "output", "own")
    tasks = (task for task, _, size in shard.groups for _ in range(size))
    columns = (table[name].to_pylist() for name in names)
    for values in zip(tasks, *columns, strict=True):
        yield _Row(*values)


def _values(found: Sequence[Piece]) -> list[str]:
    return [piece.value for piece in found if piece.kind == "text"]


def _outline(row: _Row, given: Sequence[Piece], answer: Sequence[Piece]) -> Hashable:
    """What rows have in common that `preprocessors.prompt_signature` gives one outline."""
    other = _decode(row.own)[0] if row.own else {}
    said = _encode([other.get("options"), other.get("slots")]) if other else b""
    shown = row.output if _lists(row.task) else ""
    return (
        row.task,
        shown,
        said,
        *((piece.label, piece.kind) for piece in given),
        None,
        *(piece.kind for piece in answer),
    )


@lru_cache(maxsize=1024)
def _texts_of(task: str) -> int:
    """How many text pieces a task reads; 0 for an unknown one."""
    row = _known(task)
    return sum(piece.kind == "text" for piece in row.inputs) if row else 0


@lru_cache(maxsize=1024)
def _lists(task: str) -> bool:
    """Whether an instruction of the task may list labels: then it depends on the answer."""
    row = _known(task)
    return row is None or row.answer_kind.lists_options


def _known(task: str) -> TaskRow | None:
    try:
        return catalogue.get(task)
    except UnknownNameError:
        return None


def _kind(size: int) -> Any:
    return np.uint16 if size <= 2**16 else np.uint32


def _saved(array: NDArray[Any]) -> Write:
    return lambda handle: np.save(handle, array, allow_pickle=False)
