"""Ids of the texts of rows: those of a pool first, then those of their own words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.errors import StoreError
from audioflan_tasks.preprocessors.outlines import TaskLayout, read_layout
from audioflan_tasks.preprocessors.own_words import own_words
from audioflan_tasks.records import Instance
from audioflan_tasks.store import Store, build_store
from audioflan_tasks.tokens.text import text_side
from tests.engine.assembly.own_records import build_own_store

pytestmark = pytest.mark.usefixtures("quick_tokens")

TASKS = ("text_to_speech", "speaker_verification", "automatic_speech_recognition")
FIELDS = {
    "instruction": "Write it down.", "split": ["train"], "domain": "speech", "source": [],
    "other": None, "task_type": {"major": ["Speech Recognition"], "U/G": ["understanding"],
                                 "minor": ["Automatic Speech Recognition"], "unseen": False},
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(build_own_store(tmp_path, [catalogue.get(task) for task in TASKS]))


def small_store(folder: Path, *records: dict[str, Any]) -> Store:
    """A store without codes."""
    folder.mkdir()
    lines = [json.dumps({**FIELDS, "uuid": f"u{n}", **r}) for n, r in enumerate(records)]
    (folder / "rows.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    build_store(folder, folder / "store", tokenizer=None)
    return Store(folder / "store")


def record_of(store: Store, place: int) -> Instance:
    return store.shard(0).instance(place)


def test_the_texts_of_a_row_are_those_of_its_own_words(store: Store) -> None:
    side, shard = text_side("sentencepiece"), store.shard(0)
    extras = 0
    for place in range(shard.rows.count):
        record = record_of(store, place)
        row = catalogue.get(record.task)
        own = own_words(record, row, record.input_pieces, record.output_pieces)
        begin = int(shard.heads[place]["text"])
        slices = shard.texts[begin : begin + len(own.texts)]
        ids = [shard.ids[start : start + size].tolist() for start, size, _ in slices.tolist()]
        assert ids == [side.encode(text) for text in own.texts]
        of_pool = 1 + own.input_texts + own.output_texts
        assert [one.tolist() for one in shard.text_ids(place)] == ids[:of_pool]
        extras += len(own.texts) - of_pool
    assert extras > 10


def test_rows_have_one_outline_if_task_and_layout_are_equal(store: Store) -> None:
    shard = store.shard(0)
    keys: dict[TaskLayout, set[int]] = {}
    for place, key in enumerate(shard.heads["layout"].tolist()):
        record = record_of(store, place)
        row = catalogue.get(record.task)
        own = own_words(record, row, record.input_pieces, record.output_pieces)
        of_task = TaskLayout(record.task, own.layout)
        keys.setdefault(of_task, set()).add(key)
        assert read_layout(shard.outline(key)) == of_task
    assert all(len(of_layout) == 1 for of_layout in keys.values())
    assert len(set.union(*keys.values())) == len(keys) > 3


def test_a_wording_is_stored_once(tmp_path: Path) -> None:
    records = [{"input": f"<|SOA|>a{n}<|EOA|>", "output": "hello"} for n in range(50)]
    shard = small_store(tmp_path / "tree", *records).shard(0)
    encode = text_side("sentencepiece").encode
    assert shard.ids.tolist() == [*encode("Write it down."), *encode("hello")]
    assert len(set(shard.heads["layout"].tolist())) == 1


def test_a_start_without_an_end_is_text_beside_the_span(tmp_path: Path) -> None:
    shard = small_store(
        tmp_path / "tree",
        {"input": "<|SOA|><|SOA|>a<|EOA|>", "output": "hello"},
        {"input": "<|SOA|>a<|EOA|>", "output": "hello"},
    ).shard(0)
    first, second = shard.heads["layout"].tolist()
    assert 0 != first != second != 0


def test_a_key_without_an_outline_is_named(store: Store) -> None:
    with pytest.raises(StoreError, match="no outline; run audioflan verify"):
        store.shard(0).outline(1)


def test_lengths_do_not_count_own_words(tmp_path: Path) -> None:
    store = small_store(
        tmp_path / "tree", {"input": "<|SOA|>a<|EOA|> with a text", "output": "one\ntext: two\n"}
    )
    (lengths,) = store.lengths("automatic_speech_recognition", "train")
    encode = text_side("sentencepiece").encode
    assert lengths["text_instruction"] == len(encode("Write it down."))
    assert lengths["text_in"] == len(encode("with a text"))
    assert lengths["text_out"] == len(encode("one\ntext: two"))
