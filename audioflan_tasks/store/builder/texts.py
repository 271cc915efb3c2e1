"""Ids of the records' own texts, one unit a manifest shard.

A unit is one file, `.texts`, of these arrays (`store.packed`). `ids` holds the ids of all different
texts one after the other, `texts` a `layout.TEXT_SLICE` for each text of each row (those of
`OwnWords.texts`), `rows` a `layout.ROW` for each row. Templates and labels are the pools' and are
not here; but `outlines` has the bytes of what decides the words around the values of the shard's
rows (`preprocessors.outlines`), `outline_starts` where each begins [n + 1], and `outline_keys`
their keys, which rise. A row has key 0 where its outline is not known, as without a uuid.
`provenance` and `provenance_bytes` say where each row comes from (`store.row_provenance`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.preprocessors.catalogue_digest import catalogue_digest, file_digest
from audioflan_tasks.preprocessors.outlines import TaskLayout, outline, outline_key
from audioflan_tasks.preprocessors.own_words import own_words
from audioflan_tasks.preprocessors.prompt_signature import PromptFacts, prompt_facts
from audioflan_tasks.preprocessors.render import draw_key
from audioflan_tasks.records import Instance, Piece
from audioflan_tasks.records.spans import audio_ids
from audioflan_tasks.store.builder.manifest import ShardRef
from audioflan_tasks.store.builder.provenance import provenance_arrays, provenance_of
from audioflan_tasks.store.item_checks import text_check, with_checks
from audioflan_tasks.store.layout import ROW, TEXT_SLICE, checked_ends
from audioflan_tasks.store.packed import packed_arrays
from audioflan_tasks.store.reader.rows import ShardRows
from audioflan_tasks.store.schema import OwnFields, SharedFields, TextMarker, TextSource
from audioflan_tasks.store.tables import open_table
from audioflan_tasks.store.units import find_unit, publish_unit
from audioflan_tasks.tokens.text import text_side
from audioflan_tasks.tokens.text_protocol import TextSide

__all__ = ["build_texts", "file_digests"]

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
    marker = TextMarker(source=source, ids=len(arrays["ids"]), texts=len(arrays["texts"]))
    files = {".texts": packed_arrays(arrays)}
    return publish_unit(Path(folder), shard.name, files, lambda: marker)


def _task_digests(shard: ShardRef) -> dict[str, str]:
    """The digest of the catalogue's row, by task of the shard; "" for an unknown task."""
    tasks = sorted({group.task for group in shard.groups if group.task})
    return {task: catalogue_digest(catalogue.find(task)) for task in tasks}


def file_digests(digests: Mapping[str, str]) -> dict[str, str]:
    """`file_digest` by task, of those whose digest is that of the catalogue of now."""
    rows = {task: catalogue.find(task) for task in digests}
    return {
        task: file_digest(row)
        for task, row in rows.items()
        if catalogue_digest(row) == digests[task]
    }


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


class _Outlines:
    """Outlines by key."""

    def __init__(self) -> None:
        self._keys: dict[Hashable, int] = {}
        self._bytes: dict[int, bytes] = {}

    def key(self, value: PromptFacts | TaskLayout | None) -> int:
        """The key of an outline; 0 for None."""
        if value is None:
            return 0
        if value not in self._keys:
            data = outline(value)
            self._keys[value] = outline_key(data)
            self._bytes[self._keys[value]] = data
        return self._keys[value]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays of a unit that are of outlines."""
        keys = sorted(self._bytes)
        outlines = [self._bytes[key] for key in keys]
        return {
            "outline_keys": np.array(keys, np.uint64),
            "outline_starts": np.cumsum([0, *map(len, outlines)], dtype=np.int64),
            "outlines": np.frombuffer(b"".join(outlines), np.uint8),
        }


@dataclass(frozen=True, slots=True)
class _RowTexts:
    """The texts of a row, and what decides the words around them in a pool and in its own words.

    Fields as of `OwnWords`; `prompt` and `layout` are None where they are not known.
    """

    texts: tuple[str, ...]
    input_texts: int
    output_texts: int
    prompt: PromptFacts | None
    layout: TaskLayout | None


def _arrays(shard: ShardRef, side: TextSide) -> dict[str, NDArray[Any]]:
    texts, outlines = _TextNumbers(side.encode), _Outlines()
    _, spans = ShardRows(Path(shard.arrow), lambda: shard.groups).clips
    numbers: list[int] = []
    rows = []
    provenance = []
    for instance, span in zip(_records(shard), spans.tolist(), strict=False):
        row = _row_texts(instance)
        inputs = 1 + row.input_texts
        rows.append(
            (draw_key(instance.task, instance.uuid), outlines.key(row.prompt),
             outlines.key(row.layout), len(numbers), span, inputs + row.output_texts, inputs, 0)
        )  # fmt: skip
        numbers += map(texts.number, row.texts)
        provenance.append(provenance_of(instance))
    return {
        "rows": with_checks(np.array(rows, ROW)),
        **_text_arrays(numbers, texts.ids, _id_type(side.size)),
        **outlines.arrays(),
        **provenance_arrays(provenance),
    }


def _text_arrays(
    numbers: Sequence[int], texts: Sequence[Sequence[int]], kind: Any
) -> dict[str, NDArray[Any]]:
    """The arrays of a unit that are of texts: of each place, and of all different ones."""
    ends = checked_ends(list(map(len, texts)))
    slices = np.empty(len(numbers), TEXT_SLICE)
    slices["start"], slices["size"] = ends[numbers], np.diff(ends)[numbers]
    data = [np.array(ids, kind).tobytes() for ids in texts]
    slices["check"] = [text_check(data[number], place) for place, number in enumerate(numbers)]
    return {"texts": slices, "ids": np.frombuffer(b"".join(data), kind)}


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
    row = catalogue.find(instance.task)
    if row is None:
        sides = _texts(inputs), _texts(outputs)
        texts = (instance.instruction, *sides[0], *sides[1])
        return _RowTexts(texts, len(sides[0]), len(sides[1]), None, None)
    words = own_words(instance, row, inputs, outputs)
    spans = (*audio_ids(instance.input), *instance.output_audio_ids)
    if not instance.uuid or words.audio_ids != spans:
        return _RowTexts(words.texts, words.input_texts, words.output_texts, None, None)
    facts = prompt_facts(row, instance, inputs, outputs)
    layout = TaskLayout(row.id, words.layout)
    return _RowTexts(words.texts, words.input_texts, words.output_texts, facts, layout)


def _texts(pieces: Sequence[Piece]) -> list[str]:
    return [piece.value for piece in pieces if piece.kind == "text"]


def _id_type(size: int) -> Any:
    return np.uint16 if size <= 2**16 else np.uint32
