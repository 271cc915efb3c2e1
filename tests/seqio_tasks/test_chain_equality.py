"""The chain as it is written and the index engine give the same examples, id for id."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import seqio

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.corpus.examples import Example
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors import chain
from audioflan_tasks.seqio_tasks.task import make_task
from tests.conftest import maker_of
from tests.engine.assembly.changed_rows import (
    NAME,
    TASK,
    as_caption,
    as_label,
    install,
    write_corpus,
)
from tests.kinds import each_kind
from tests.seqio_tasks.chain_records import generated_records, source_of

SEED = 11
LENGTHS = {"inputs": 260, "targets": 90}


@pytest.fixture(autouse=True)
def _quick(quick_tokens: None) -> None:
    """For every test of this file."""


def read(dataset: Any) -> list[dict[str, Any]]:
    return list(dataset.as_numpy_iterator())


def assert_equal(element: Mapping[str, Any], example: Example) -> None:
    for name in ("inputs", "targets"):
        assert element[name].dtype == np.int32
        assert np.array_equal(element[name], getattr(example, name)), (example.provenance, name)
    for name, roles in (
        ("inputs_roles", example.input_roles), ("targets_roles", example.target_roles),
    ):  # fmt: skip
        assert np.array_equal(element[name], roles)
    assert element["targets_pretokenized"].decode() == example.answer
    assert [i.decode() for i in element["audio_ids"]] == [*example.audio_ids]
    assert [i.decode() for i in element["shots"]] == [*example.shots]
    for name, text in example.provenance.items():
        assert element[name].decode() == text


def full(options: Mapping[str, Any], lengths: Mapping[str, int] | None) -> Any:
    return pytest.param(options, lengths, marks=pytest.mark.full)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "lengths"),
    [
        (
            {"instructions": "mixed(0.5)", "languages": ("en", "zh"), "inversion": 0.5},
            {"inputs": 260, "targets": 90},
        ),
        full({"instructions": "pool"}, None),
        full({"instructions": "keep", "layout": "delay"}, {"inputs": 120}),
        full({"languages": ("zh",), "layout": "first"}, {"targets": 40}),
        full({"instructions": "mixed(0.2)", "shots": 2, "shot_budget": 900}, None),
    ],
)
def test_records_of_all_tasks_become_what_the_example_maker_makes(
    options: Mapping[str, Any], lengths: Mapping[str, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in options.items():
        monkeypatch.setattr(settings, name, value)
    corpus, records = open_corpus(), generated_records(open_corpus())
    assert len({record.task for record in records}) == 80
    # Two epochs of records of all tasks in one pipeline: each is asked what it is.
    task = (
        make_task(catalogue.get("key_detection"))
        .replace_step("apply_template", chain.apply_template())
        .replace_step("splice_spans", chain.splice_spans(with_roles=True))
        .replace(source=source_of(records))
    )
    elements = iter(read(task.get_dataset(lengths, seed=SEED, shuffle=False, num_epochs=2)))
    maker = maker_of(corpus, lengths)
    templates, kept = set(), 0
    for epoch in range(2):
        for record in records:
            example = maker.example(record, SEED, epoch)
            if example is not None:
                assert_equal(next(elements), example)
                templates.add(example.provenance["template"])
                kept += 1
    assert next(elements, None) is None
    assert (kept < 2 * len(records)) == bool(maker.skipped)
    assert len(templates) > (0 if options.get("instructions") == "keep" else 80)


# By default the test above has records of all tasks, and the next ones whole datasets of one.
@pytest.mark.full
@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in catalogue.tasks()])
def test_a_task_gives_the_same_dataset_both_ways(row: TaskRow) -> None:
    task = seqio.get_mixture_or_task(row.name)
    options = settings.example_options().replace(
        instructions="mixed(0.4)", languages=("en", "zh"), inversion=0.3
    )
    # Answers with many notes are longer than those of other tasks.
    lengths = {"inputs": 260, "targets": 900}
    run = {"seed": SEED, "num_epochs": 2, "options": options}
    ours = read(task.get_dataset(lengths, **run))
    dataset = task.get_dataset(lengths, **run, engine="seqio")
    assert dataset.element_spec == task.get_dataset(lengths, **run).element_spec
    assert_same(ours, read(dataset))


def assert_same(ours: list[dict[str, Any]], written: list[dict[str, Any]]) -> None:
    assert len(ours) == len(written) > 3
    for one, other in zip(ours, written, strict=True):
        assert set(one) == set(other)
        for name, value in one.items():
            assert np.array_equal(value, other[name]), name


@pytest.mark.slow
def test_a_shard_without_shuffling_is_the_same_both_ways() -> None:
    task = seqio.get_mixture_or_task("audioflan_chord_estimation")
    run = {"seed": SEED, "shard_info": seqio.ShardInfo(1, 2), "shuffle": False}
    assert_same(read(task.get_dataset(**run)), read(task.get_dataset(**run, engine="seqio")))


@pytest.mark.slow
def test_steps_that_become_one_call_are_the_steps_one_by_one() -> None:
    task = seqio.get_mixture_or_task("audioflan_key_detection")

    def apart(dataset: Any) -> Any:
        return dataset.map(lambda features: features)

    steps = [step for pair in task.preprocessors for step in (pair, apart)]
    run = {"split": "validation", "seed": SEED, "sequence_length": LENGTHS, "num_epochs": 2}
    ours = read(task.get_dataset(**run))
    assert_same(ours, read(task.replace(preprocessors=[apart, *steps]).get_dataset(**run)))


@pytest.mark.slow
def test_few_shot_brings_the_codes_of_its_exemplars() -> None:
    task = seqio.get_mixture_or_task("audioflan_key_detection")
    options = settings.example_options().replace(shots=2, shot_budget=900)
    run = {"split": "validation", "seed": SEED, "options": options}
    ours = read(task.get_dataset(**run))
    assert any(len(example["shots"]) for example in ours)
    assert_same(ours, read(task.get_dataset(**run, engine="seqio")))


@pytest.mark.slow
def test_a_catalogue_that_changes_counts_both_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, templates = write_corpus(tmp_path), []
    install(as_caption(tmp_path), monkeypatch)
    corpus = Corpus(folder)
    assert corpus.size(TASK, "train")
    for row in (as_caption(tmp_path), as_label(tmp_path)):
        install(row, monkeypatch)
        task = make_task(catalogue.get(NAME), lambda: corpus)
        ours = read(task.get_dataset(seed=SEED))
        assert_same(ours, read(task.get_dataset(seed=SEED, engine="seqio")))
        assert {example["task"] for example in ours} == {f"audioflan_{TASK}".encode()}
        templates.append({example["template"] for example in ours})
    # Only with labels does an instruction list them.
    assert any(b"+" in name for name in templates[1] - templates[0])


@pytest.mark.full
@pytest.mark.parametrize("row", each_kind(catalogue.tasks()))
def test_the_real_tokenizer_gives_the_same_both_ways(
    row: TaskRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "tokenizer", ExampleOptions().tokenizer)
    task = seqio.get_mixture_or_task(row.name)
    run = {"split": "validation", "seed": SEED}
    assert_same(read(task.get_dataset(**run)), read(task.get_dataset(**run, engine="seqio")))
