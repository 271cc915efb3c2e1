"""Ids of the records' own texts, one unit a manifest shard.

`.ids.npy` holds the ids of all different texts one after the other, `.starts.npy` where each
begins, `.rows.npy` the numbers of each row's texts (instruction, texts of the input, texts of
the output), `.first.npy` where each row's begin there, and `.heard.npy` how many belong to the
input. Templates and labels are the pools' and are not here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.records.spans import pieces
from audioflan_tasks.store.clips import open_table
from audioflan_tasks.store.layout import FORMAT
from audioflan_tasks.store.publish import Write, find_unit, publish_unit
from audioflan_tasks.tokens.text import TextSide, text_side

__all__ = ["Shard", "build_texts", "own_texts"]

# Distinct instructions are few; distinct transcripts are not worth remembering.
_MEMO = 65_536


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


def own_texts(
    instruction: str, given: str, answer: str, texts: int
) -> tuple[list[str], list[str], list[str]]:
    """The texts of a record that have ids in a store: instruction, of input, of output.

    `texts` is the number of text pieces that the task reads.
    """
    return (
        [instruction],
        [p.value for p in pieces(given, texts) if p.kind == "text"],
        [p.value for p in pieces(answer) if p.kind == "text"],
    )


def _arrays(shard: Shard, side: TextSide) -> dict[str, NDArray[Any]]:
    numbers: dict[str, int] = {}
    ids: list[list[int]] = []
    rows: list[int] = []
    first, heard = [0], []
    for instruction, given, answer in _texts(shard):
        for one in (*instruction, *given, *answer):
            number = numbers.get(one)
            if number is None:
                number = len(ids)
                ids.append(side.encode(one))
                if len(numbers) < _MEMO:
                    numbers[one] = number
            rows.append(number)
        first.append(len(rows))
        heard.append(len(instruction) + len(given))
    flat = np.fromiter((i for one in ids for i in one), _kind(side.size))
    return {
        "ids": flat,
        "starts": np.cumsum([0, *map(len, ids)], dtype=np.uint32),
        "rows": np.array(rows, np.uint32),
        "first": np.array(first, np.uint32),
        "heard": np.minimum(np.array(heard, np.int64), 255).astype(np.uint8),
    }


def _texts(shard: Shard) -> Iterator[tuple[list[str], list[str], list[str]]]:
    table = open_table(Path(shard.arrow))
    columns = (table[name].to_pylist() for name in ("instruction", "input", "output"))
    counts = (n for task, _, size in shard.groups for n in [_texts_of(task)] * size)
    for instruction, given, answer, texts in zip(*columns, counts, strict=True):
        yield own_texts(instruction, given, answer, texts)


@lru_cache(maxsize=1024)
def _texts_of(task: str) -> int:
    """How many text pieces a task reads; 0 for an unknown one."""
    try:
        return sum(piece.kind == "text" for piece in catalogue.get(task).inputs)
    except UnknownNameError:
        return 0


def _kind(size: int) -> Any:
    return np.uint16 if size <= 2**16 else np.uint32


def _saved(array: NDArray[Any]) -> Write:
    return lambda handle: np.save(handle, array, allow_pickle=False)
