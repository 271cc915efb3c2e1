"""Ids of the records' own texts, one unit a manifest shard.

`.ids.npy` holds the ids of all different texts one after the other, `.starts.npy` where each
begins, `.rows.npy` the numbers of each row's texts (instruction, texts of the input, texts of
the output), `.first.npy` where each row's begin there, and `.inputs.npy` how many belong to
instruction and input. Templates and labels are the pools' and are not here; but rows with equal
`PromptFacts` have the same number in `.signatures.npy` (-1 for a row without uuid), and
`.keys.npy` has the key that an instruction is drawn by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.preprocessors.prompt_signature import (
    PromptFacts,
    catalogue_digest,
    prompt_facts,
)
from audioflan_tasks.preprocessors.render import draw_key
from audioflan_tasks.records import Instance, Piece
from audioflan_tasks.store.builder.manifest import ShardRef
from audioflan_tasks.store.files import Write
from audioflan_tasks.store.schema import OwnFields, SharedFields, TextMarker, TextSource
from audioflan_tasks.store.tables import open_table
from audioflan_tasks.store.units import find_unit, publish_unit
from audioflan_tasks.tokens.text import text_side
from audioflan_tasks.tokens.text_protocol import TextSide

__all__ = ["build_texts"]

# Distinct instructions are few; distinct transcripts are not worth remembering.
_MEMO = 65_536
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


def _arrays(shard: ShardRef, side: TextSide) -> dict[str, NDArray[Any]]:
    texts = _TextNumbers(side.encode)
    signature_numbers: dict[PromptFacts, int] = {}
    rows: list[int] = []
    first, inputs = [0], []
    signatures, keys = [], []
    for instance in _records(shard):
        input_pieces, output_pieces = instance.input_pieces, instance.output_pieces
        input_texts = _texts(input_pieces)
        own_texts = (instance.instruction, *input_texts, *_texts(output_pieces))
        rows += map(texts.number, own_texts)
        first.append(len(rows))
        inputs.append(1 + len(input_texts))
        facts = _facts(instance, input_pieces, output_pieces)
        number = -1
        if facts is not None:
            number = signature_numbers.setdefault(facts, len(signature_numbers))
        signatures.append(number)
        keys.append(draw_key(instance.task, instance.uuid))
    return {
        "ids": np.fromiter((i for ids in texts.ids for i in ids), _id_type(side.size)),
        "starts": np.cumsum([0, *map(len, texts.ids)], dtype=np.uint32),
        "rows": np.array(rows, np.uint32),
        "first": np.array(first, np.uint32),
        "inputs": np.minimum(np.array(inputs, np.int64), 255).astype(np.uint8),
        "signatures": np.array(signatures, np.int32),
        "keys": np.array(keys, np.uint64),
    }


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


def _facts(
    instance: Instance, inputs: Sequence[Piece], outputs: Sequence[Piece]
) -> PromptFacts | None:
    """The facts of a record; None where it has no uuid to draw by, or nobody knows its task."""
    row = _catalogue_row(instance.task) if instance.uuid else None
    return None if row is None else prompt_facts(row, instance, inputs, outputs)


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
