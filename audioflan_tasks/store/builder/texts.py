"""Ids of the records' own texts, one unit a manifest shard.

`.ids.npy` holds the ids of all different texts one after the other, `.starts.npy` where each
begins, `.rows.npy` the numbers of each row's texts (those of `OwnWords.texts`), and `.first.npy`
where each row's begin there. `.inputs.npy` says how many belong to instruction and input, and
`.pieces.npy` how many to these and the output; the others are of the row's own words alone.
Templates and labels are the pools' and are not here; but rows with equal `PromptFacts` have the
same number in `.signatures.npy`, and `.keys.npy` has the key that an instruction is drawn by.
Rows with equal `OwnLayout` have the same number in `.layouts.npy`. Both numbers are -1 where they
are not known, as for a row without uuid.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.preprocessors.own_words import OwnLayout, own_words
from audioflan_tasks.preprocessors.prompt_signature import (
    PromptFacts,
    catalogue_digest,
    prompt_facts,
)
from audioflan_tasks.preprocessors.render import draw_key
from audioflan_tasks.records import Instance, Piece
from audioflan_tasks.records.spans import audio_ids
from audioflan_tasks.store.builder.manifest import ShardRef
from audioflan_tasks.store.files import Write
from audioflan_tasks.store.schema import OwnFields, SharedFields, TextMarker, TextSource
from audioflan_tasks.store.tables import open_table
from audioflan_tasks.store.units import find_unit, publish_unit
from audioflan_tasks.tokens.text import text_side
from audioflan_tasks.tokens.text_protocol import TextSide

__all__ = ["build_texts"]

# More than the different texts of most shards.
_MEMO = 2**18
_COLUMNS = ("uuid", "instruction", "input", "output", "lead_in", "shared", "own")

_decode_own = msgspec.json.Decoder(OwnFields).decode
_decode_shared = lru_cache(maxsize=4096)(msgspec.json.Decoder(SharedFields).decode)


def build_texts(shard: ShardRef, text: str, folder: str) -> TextMarker:
    """Builds the texts of a shard in `folder`, unless they are there.

    Raises:
      StoreError: they cannot be written.
      TokenizerError: no such text side.
    """
    side = text_side(text)
    source = TextSource(manifest=shard.sha256, text=side.fingerprint, tasks=_task_digests(shard))
    unit = find_unit(Path(folder), shard.name, TextMarker, source)
    if unit is not None:
        return unit
    arrays = _arrays(shard, side)
    files: dict[str, Write] = {f".{name}.npy": _saving(array) for name, array in arrays.items()}
    ids, rows = len(arrays["ids"]), len(arrays["rows"])
    return publish_unit(
        Path(folder), shard.name, files, lambda: TextMarker(source=source, ids=ids, texts=rows)
    )


def _task_digests(shard: ShardRef) -> dict[str, str]:
    """The digest of the catalogue's row, by task of the shard; "" for an unknown task."""
    tasks = sorted({group.task for group in shard.groups if group.task})
    return {task: catalogue_digest(_catalogue_row(task)) for task in tasks}


class _TextNumbers:
    """Numbers texts in the order in which they come, and keeps their ids."""

    def __init__(self, encode: Callable[[str], Sequence[int]]) -> None:
        self._encode = encode
        self._numbers: dict[str, int] = {}
        self.ids: list[Sequence[int]] = []

    def number(self, text: str) -> int:
        number = self._numbers.get(text)
        if number is None:
            number = len(self.ids)
            self.ids.append(self._encode(text))
            if len(self._numbers) < _MEMO:
                self._numbers[text] = number
        return number


class _Numbers(dict[Hashable, int]):
    """Numbers values in the order in which they come."""

    def number(self, value: Hashable | None) -> int:
        """-1 for None."""
        return -1 if value is None else self.setdefault(value, len(self))


@dataclass(frozen=True, slots=True)
class _RowTexts:
    """The texts of a row, and what decides the words around them in a pool and in its own words.

    Fields as of `OwnWords`; `prompt` and `layout` are None where they are not known.
    """

    texts: tuple[str, ...]
    input_texts: int
    output_texts: int
    prompt: PromptFacts | None
    layout: OwnLayout | None


def _arrays(shard: ShardRef, side: TextSide) -> dict[str, NDArray[Any]]:
    texts, signature_numbers, layout_numbers = _TextNumbers(side.encode), _Numbers(), _Numbers()
    rows: list[int] = []
    first, inputs, pieces = [0], [], []
    signatures, layouts, keys = [], [], []
    for instance in _records(shard):
        row = _row_texts(instance)
        rows += map(texts.number, row.texts)
        first.append(len(rows))
        inputs.append(1 + row.input_texts)
        pieces.append(inputs[-1] + row.output_texts)
        signatures.append(signature_numbers.number(row.prompt))
        layouts.append(layout_numbers.number(row.layout))
        keys.append(draw_key(instance.task, instance.uuid))
    return {
        "ids": np.fromiter((i for ids in texts.ids for i in ids), _id_type(side.size)),
        "starts": np.cumsum([0, *map(len, texts.ids)], dtype=np.uint32),
        "rows": np.array(rows, np.uint32),
        "first": np.array(first, np.uint32),
        "inputs": _counts(inputs, np.uint8),
        "pieces": _counts(pieces, np.uint16),
        "signatures": np.array(signatures, np.int32),
        "layouts": np.array(layouts, np.int32),
        "keys": np.array(keys, np.uint64),
    }


def _counts(counts: list[int], kind: Any) -> NDArray[Any]:
    """Counts, those that do not fit as the largest that does."""
    return np.minimum(np.array(counts, np.int64), np.iinfo(kind).max).astype(kind)


def _records(shard: ShardRef) -> Iterator[Instance]:
    """The records of a shard, with the fields that their texts depend on."""
    table = open_table(Path(shard.arrow))
    tasks = (group.task for group in shard.groups for _ in range(group.rows))
    columns = (table[name].to_pylist() for name in _COLUMNS)
    rows = zip(tasks, *columns, strict=True)
    for task, uuid, instruction, source, output, lead_in, shared, own in rows:
        facts = _decode_shared(shared)
        yield Instance(
            task=task, uuid=uuid, instruction=instruction, input=source, output=output,
            lead_in=lead_in, corpus=facts.corpus, vocabulary=facts.vocabulary,
            other=_decode_own(own).other if own else {},
        )  # fmt: skip


def _row_texts(instance: Instance) -> _RowTexts:
    """The texts of a record; its prompt and layout are not known where it has no uuid to draw by,
    nobody knows its task, or its pieces have other spans than the store."""
    inputs, outputs = instance.input_pieces, instance.output_pieces
    row = _catalogue_row(instance.task)
    if row is None:
        sides = _texts(inputs), _texts(outputs)
        texts = (instance.instruction, *sides[0], *sides[1])
        return _RowTexts(texts, len(sides[0]), len(sides[1]), None, None)
    words = own_words(instance, row, inputs, outputs)
    spans = (*audio_ids(instance.input), *instance.output_audio_ids)
    if not instance.uuid or words.audio_ids != spans:
        return _RowTexts(words.texts, words.input_texts, words.output_texts, None, None)
    facts = prompt_facts(row, instance, inputs, outputs)
    return _RowTexts(words.texts, words.input_texts, words.output_texts, facts, words.layout)


def _catalogue_row(task: str) -> TaskRow | None:
    try:
        return catalogue.get(task)
    except UnknownNameError:
        return None


def _texts(pieces: Sequence[Piece]) -> list[str]:
    return [piece.value for piece in pieces if piece.kind == "text"]


def _id_type(size: int) -> Any:
    return np.uint16 if size <= 2**16 else np.uint32


def _saving(array: NDArray[Any]) -> Write:
    return lambda handle: np.save(handle, array, allow_pickle=False)
