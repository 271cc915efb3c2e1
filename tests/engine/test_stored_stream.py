"""The engine on a store: what it reads there is what it reads of the records."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import audioflan_tasks
from audioflan_tasks import foreign
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.engine import batches
from audioflan_tasks.engine.mean_lengths import mean_lengths
from audioflan_tasks.engine.rows import RowStore, rows_of
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.store import Store, build_store
from audioflan_tasks.tokens import registry
from tests.conftest import Loudness

TASKS = ("denoising", "key_detection", "text_to_speech")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the test records of three tasks of the demo corpus."""
    work = tmp_path_factory.mktemp("stores")
    tree, demo = work / "tree", demo_root()
    for name in ("audio_files", "scp_files", "simulated"):
        (tree / name).parent.mkdir(exist_ok=True)
        shutil.copytree(demo / name, tree / name)
    for task in TASKS:
        for file in demo.glob(f"metadata/**/test/**/{task}.jsonl"):
            copy = tree / file.relative_to(demo)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
    if "loudness" not in registry.tokenizer_names():
        registry.register_tokenizer("loudness", Loudness)
    build_store(tree, work / "store", tokenizer="loudness")
    return work / "store"


@pytest.fixture
def stored(built: Path) -> Corpus:
    return Corpus(built)


@pytest.mark.slow
def test_it_is_a_store(built: Path) -> None:
    assert isinstance(Store(built), RowStore)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [None, {"not_grade": "W"}])
def test_seconds_are_those_that_are_heard(stored: Corpus, rows: Any) -> None:
    mix = mixture("denoising", "key_detection", rows=rows)
    one = mean_lengths(
        mix, rows_of(mix, stored, "test", audioflan_tasks.settings.example_options()), "seconds"
    )
    other = mean_lengths(
        mix, rows_of(mix, Corpus(), "test", audioflan_tasks.settings.example_options()), "seconds"
    )
    assert one == pytest.approx(other, rel=1e-4)


@pytest.mark.slow
def test_shares_hold_in_seconds(stored: Corpus) -> None:
    weights = {"denoising": 1, "key_detection": 1, "text_to_speech": 2}
    mix = mixture(weights=weights, weight_by="seconds")
    stream = batches(mix, corpus=stored, batch_size=32, split="test", seed=1)
    store = stored.store_for(stream.options)
    assert isinstance(store, Store)
    heard = np.zeros(3)
    for batch in itertools.islice(stream, 25):
        for task, row in zip(batch["task"].tolist(), batch["row"].tolist(), strict=True):
            codes = store.codes(stream.tasks[task], "test", row)
            heard[task] += sum(map(len, codes))
    assert heard / heard.sum() == pytest.approx([0.25, 0.25, 0.5], abs=0.02)


def test_buckets_are_sorted_by_the_lengths_of_the_store(stored: Corpus) -> None:
    mix = mixture(*TASKS, policy="equal")
    options: dict[str, Any] = {"batch_size": 4, "split": "test", "seed": 1}
    bucketed = batches(mix, corpus=stored, form="bucketed", window=6, **options)
    padded = batches(mix, corpus=stored, **options)
    steps = [[s for b in itertools.islice(one, 6) for s in b["step"].tolist()]
             for one in (bucketed, padded)]  # fmt: skip
    assert sorted(steps[0]) == sorted(steps[1])
    assert bucketed.padding < 0.8 * padded.padding


@pytest.mark.slow
def test_batches_of_a_store_are_those_of_its_corpus(
    stored: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    mix = mixture(*TASKS, policy="equal")
    made = [
        next(batches(mix, corpus=corpus, batch_size=24, split="test", seed=7))
        for corpus in (stored, Corpus())
    ]
    assert made[0].keys() == made[1].keys()
    for name, values in made[0].items():
        assert np.array_equal(values, made[1][name]), name
    # Nothing was encoded for the first: its cache may be out of reach.
    monkeypatch.setattr(Loudness, "encode", None)
    monkeypatch.setattr(audioflan_tasks.settings, "cache_dir", Path("/nowhere"))
    again = next(batches(mix, corpus=stored, batch_size=24, split="test", seed=7))
    assert np.array_equal(again["targets"], made[0]["targets"])


@pytest.mark.parametrize("form", ["padded", "packed"])
def test_rows_of_a_text_task_stand_among_those_of_a_store(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Any
) -> None:
    monkeypatch.setattr(foreign.registry, "_text_tasks", {})
    lines = [json.dumps({"input": f"{n}?", "output": f"{n}!"}) for n in range(9)]
    path = tmp_path / "text.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    foreign.text_task("words", {"test": path})
    mix = mixture("denoising", "words", "key_detection", policy="equal", rows={"not_grade": "X"})
    options: dict[str, Any] = {
        "batch_size": 3, "form": form, "split": "test", "seed": 2, "num_epochs": 1,
        "lengths": {"inputs": 900, "targets": 900},
    }  # fmt: skip
    stored = list(batches(mix, corpus=Corpus(built), **options))
    plain = list(batches(mix, corpus=Corpus(built.parent / "tree"), **options))
    for one, other in zip(stored, plain, strict=True):
        assert all(np.array_equal(one[name], other[name]) for name in one)
    only_text = next(batches("words", corpus=Corpus(built), **options))
    assert (only_text["task"] == 0).any()
