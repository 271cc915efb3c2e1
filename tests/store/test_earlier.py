"""A store can be built again under its readers: they keep what they opened."""

from __future__ import annotations

import json
import os
import pickle
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audioflan_tasks import Corpus
from audioflan_tasks.engine import Batches, batches
from audioflan_tasks.errors import StoreError
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.store import Store, build_store, diff_stores, earlier
from tests.store.conftest import edit_facts
from tests.store.tokenizers import CHEAP_UNITS

TASK = "text_to_speech"
DAY_S = 86_400


@pytest.fixture(autouse=True)
def _kept(monkeypatch: pytest.MonkeyPatch, _replaced_stores_are_not_kept: None) -> None:
    monkeypatch.setattr(earlier, "KEPT_DAYS", 7.0)


@pytest.fixture
def store(own_tree: Path, tmp_path: Path) -> Path:
    build_store(own_tree, tmp_path / "store", **CHEAP_UNITS)
    return tmp_path / "store"


def stream(store: Path) -> Batches:
    import tests.store.tokenizers  # noqa: F401 - registers what the store was built with

    options = ExampleOptions(tokenizer="mulaw")
    return batches(TASK, batch_size=2, seed=1, corpus=Corpus(store), options=options)


def rows_of(store: Store | Any) -> list[tuple[str, list[list[list[int]]]]]:
    count = store.size(TASK, "train")
    return [
        (store.instance(TASK, "train", r).uuid, [c.tolist() for c in store.codes(TASK, "train", r)])
        for r in range(count)
    ]


def change(tree: Path) -> None:
    """Some records of the task are no more."""
    files = sorted(tree.glob(f"metadata/**/{TASK}.jsonl"))
    file = next(f for f in files if '"split": ["train"]' in f.read_text("utf-8"))
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join(lines[: len(lines) // 2]) + "\n", "utf-8")


@pytest.mark.slow
def test_readers_keep_what_they_opened(own_tree: Path, store: Path) -> None:
    expected, reader = rows_of(Store(store)), Store(store)
    opened, sent = stream(store), pickle.dumps(stream(store))
    batch = next(stream(store))
    change(own_tree)
    build_store(own_tree, store, **CHEAP_UNITS)
    assert rows_of(reader) == expected
    assert rows_of(pickle.loads(pickle.dumps(reader))) == expected
    for late in (opened, pickle.loads(sent)):
        assert all(np.array_equal(values, batch[name]) for name, values in next(late).items())
    assert len(rows_of(Store(store))) < len(expected)


@pytest.mark.slow
def test_after_the_stated_time_they_are_told(own_tree: Path, store: Path) -> None:
    reader, sent = Store(store), pickle.dumps(Store(store))
    change(own_tree)
    build_store(own_tree, store, **CHEAP_UNITS)
    (kept,) = (store / earlier.EARLIER).iterdir()
    moment = time.time() - 8 * DAY_S
    os.utime(kept, (moment, moment))
    build_store(own_tree, store, **CHEAP_UNITS)
    assert not (store / earlier.EARLIER).exists()
    with pytest.raises(StoreError, match=r"was built again .* 7 days"):
        pickle.loads(sent)
    with pytest.raises(StoreError, match="open it anew"):
        rows_of(reader)


@pytest.mark.slow
def test_a_build_that_changes_nothing_keeps_nothing(own_tree: Path, store: Path) -> None:
    build_store(own_tree, store, **CHEAP_UNITS)
    assert not (store / earlier.EARLIER).exists()


@pytest.mark.slow
def test_a_difference_of_audio_and_of_the_catalogue_is_seen(
    own_tree: Path, store: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    build_store(own_tree, other, **CHEAP_UNITS)
    assert diff_stores(store, other) == []
    clip = max(own_tree.rglob("*.flac"), key=lambda path: path.stat().st_size)
    samples, rate = soundfile.read(clip)
    soundfile.write(clip, samples[::-1], rate)
    build_store(own_tree, other, **CHEAP_UNITS)
    lines = diff_stores(store, other)
    assert lines
    assert all(line[2:].startswith("codes and audio of mulaw-1, bucket") for line in lines)

    def edit(facts: dict[str, Any]) -> None:
        for texts in facts["texts"].values():
            texts["tasks"][TASK] = "0" * 16

    edit_facts(store, edit)
    assert f"~ catalogue's row of {TASK}" in diff_stores(store, other)


def test_a_difference_of_the_catalogue_is_seen_in_stores_without_texts(
    own_tree: Path, tmp_path: Path
) -> None:
    stores = tmp_path / "one", tmp_path / "other"
    for path in stores:
        build_store(own_tree, path, tokenizer=None, text=None)
    assert diff_stores(*stores) == []
    for marker in (stores[1] / "manifest").rglob("*.done"):
        facts = json.loads(marker.read_text("utf-8"))
        facts["tasks"][TASK] = "0" * 16
        marker.write_text(json.dumps(facts), "utf-8")
    assert diff_stores(*stores) == [f"~ catalogue's row of {TASK}"]
