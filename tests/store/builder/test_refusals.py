"""A build ends before audio is read where records would be lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks import Corpus
from audioflan_tasks.errors import RecordError, StoreError, UnusableRecordsError
from audioflan_tasks.records.schema import MINIMAL_RECORD
from audioflan_tasks.store import Store, build_store, repair_store, verify_store

RIGHT: dict[str, Any] = {
    "instruction": "Which accent?", "input": "<|SOA|>a<|EOA|>", "output": "The accent is Hubei.",
    "uuid": "HQ-Conv-Accent Recognition-0", "task": "Accent Recognition", "split": "train",
}  # fmt: skip


def corpus(folder: Path, *records: dict[str, Any]) -> Path:
    folder.mkdir()
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (folder / "r.jsonl").write_text(lines, "utf-8")
    return folder


def build(root: Path, out: Path, **arguments: Any) -> Any:
    return build_store(root, out, **{"tokenizer": None, "text": None, **arguments})


@pytest.mark.parametrize("policy", ["error", "keep"])
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"task": "Telepathy"}, "no task is named 'Telepathy'"),
        ({"task": ""}, "no task is named ''"),
        (
            {"task_type": {"minor": ["Gender Recognition"]}},
            "task_type names 'Gender Recognition', but task names 'Accent Recognition'",
        ),
        ({"split": "trian"}, "unknown split 'trian' (did you mean train?)"),
    ],
)
def test_an_unknown_task_or_split_ends_a_build_before_audio_is_looked_for(
    tmp_path: Path, policy: str, wrong: dict[str, Any], reason: str
) -> None:
    root = corpus(tmp_path / "c", RIGHT, RIGHT, {**RIGHT, **wrong})
    # There is no audio: a build that looked for it would say so.
    with pytest.raises(UnusableRecordsError) as error:
        build(root, tmp_path / "store", tokenizer="convrvq_16k", policy=policy)
    assert f"r.jsonl:3: {reason}" in str(error.value)
    assert MINIMAL_RECORD in str(error.value)
    assert error.value.exit_status == 1
    assert not (tmp_path / "store" / "store.json").exists()


def test_under_skip_such_records_are_left_out(tmp_path: Path) -> None:
    root = corpus(tmp_path / "c", RIGHT, {**RIGHT, "task": "Telepathy"}, {**RIGHT, "split": "tset"})
    summary = build(root, tmp_path / "store", policy="skip")
    assert (summary.rows, summary.quarantined) == (1, 2)
    two_tasks = {**RIGHT, "task_type": {"minor": ["Gender Recognition"]}}
    root = corpus(tmp_path / "d", *[RIGHT] * 2, two_tasks)
    summary = build(root, tmp_path / "other", policy="skip")
    assert (summary.rows, summary.quarantined) == (2, 1)


def test_places_count_from_the_start_of_the_file(tmp_path: Path) -> None:
    root = corpus(tmp_path / "c", *[RIGHT] * 30, {**RIGHT, "task": "Telepathy"}, RIGHT)
    with pytest.raises(UnusableRecordsError, match=r"r\.jsonl:31: no task is named 'Telepathy'"):
        build(root, tmp_path / "store", part_bytes=1000)


def test_no_rows_at_all_end_a_build(tmp_path: Path) -> None:
    root = corpus(tmp_path / "c", {"input": "only"})
    with pytest.raises(UnusableRecordsError, match="0 rows from 0 records"):
        build(root, tmp_path / "store")


def test_a_store_keeps_what_a_mapping_says_of_splits(tmp_path: Path) -> None:
    root = corpus(tmp_path / "c", RIGHT, {**RIGHT, "split": "tset"})
    out = tmp_path / "store"
    build(root, out, splits={"tset": "test"})
    assert Store(out).pairs() == (("accent_recognition", "test"), ("accent_recognition", "train"))
    unit = next((out / "manifest").glob("*.arrow"))
    unit.write_bytes(b"damaged")
    repair_store(out, verify_store(out))
    assert verify_store(out) == []
    assert Store(out).size("accent_recognition", "test") == 1


def test_rows_have_all_that_was_read(tmp_path: Path) -> None:
    root = corpus(tmp_path / "c", {**RIGHT, "source": ["studio"]})
    build(root, tmp_path / "store")
    row = Store(tmp_path / "store").instance("accent_recognition", "train", 0)
    assert row == Corpus(root).instance("accent_recognition", "train", 0)
    assert (row.output, row.lead_in, row.source) == ("Hubei", "The accent is ", ("studio",))
    assert (row.corpus, row.vocabulary) == ("HQ-Conversations", "mandarin_provinces")


def test_a_corpus_without_store_is_as_strict_with_splits(tmp_path: Path) -> None:
    root = corpus(tmp_path / "c", RIGHT, {**RIGHT, "split": "tset"})
    with pytest.raises(RecordError, match=r"r\.jsonl:2: unknown split 'tset'"):
        _ = Corpus(root).rows
    mapped = Corpus(root, splits={"tset": "test"})
    assert mapped.instance("accent_recognition", "test", 0).raw["split"] == "tset"


def test_the_error_is_one_of_stores() -> None:
    assert issubclass(UnusableRecordsError, StoreError)
