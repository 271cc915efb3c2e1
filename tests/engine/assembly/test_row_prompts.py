"""Rows that keep their own words are put together from a store's ids as their records give them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audioflan_tasks import ExampleOptions, catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import Example, ExampleMaker
from audioflan_tasks.engine.assembly import assembler, first_examples, row_prompts
from audioflan_tasks.engine.assembly.assembler import ExampleAssembler
from audioflan_tasks.engine.batching.batches import batches
from audioflan_tasks.engine.batching.collate import Batch
from audioflan_tasks.engine.rows import Rows
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.mixtures.plan.plan import Draws
from audioflan_tasks.records import Instance
from audioflan_tasks.store.reader.shard import ShardReader
from audioflan_tasks.tokens import registry
from tests.conftest import Loudness
from tests.engine.assembly.own_records import CLIP_IDS, build_own_store

MODES = ("pool", "keep", "mixed(0.5)")
SEED = 11
OPTIONS: dict[str, Mapping[str, Any]] = {
    "plain": {},
    "delayed": {"layout": "delay"},
    "languages": {"languages": ("zh", "en"), "layout": "first"},
}
LENGTHS = {"plain": None, "delayed": {"inputs": 60, "targets": 40}, "languages": None}


def one_of_each_shape() -> list[TaskRow]:
    """Tasks that differ in kinds of pieces, slots, or labels."""
    shapes: dict[object, TaskRow] = {}
    for row in catalogue.tasks():
        shapes.setdefault((row.reads, row.writes, bool(row.slots), bool(row.labels)), row)
    return list(shapes.values())


def register_loudness() -> None:
    if "loudness" not in registry.tokenizer_names():
        registry.register_tokenizer("loudness", Loudness)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    register_loudness()
    return build_own_store(tmp_path_factory.mktemp("own"), one_of_each_shape())


@pytest.fixture(scope="module")
def store_of_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    register_loudness()
    return build_own_store(tmp_path_factory.mktemp("all"), catalogue.tasks())


class TwoWays:
    """Rows of all tasks in two epochs, by the engine and by their records."""

    def __init__(
        self, *stores: Path, lengths: Mapping[str, int] | None = None, **options: Any
    ) -> None:
        corpus = Corpus(list(stores))
        chosen = ExampleOptions(tokenizer="loudness", missing_audio="skip", **options)
        self.rows = Rows(corpus, "train", chosen)
        self.tasks = tuple(self.rows.sizes)
        self.maker, self.fast_maker = (ExampleMaker(corpus, chosen, lengths) for _ in range(2))
        self.assembler = ExampleAssembler(self.rows, self.fast_maker, SEED, self.tasks)
        assert self.assembler.is_stored
        sizes = enumerate(self.rows.sizes.values())
        places = [(t, e, r) for t, size in sizes for e in range(2) for r in range(size)]
        np.random.default_rng(1).shuffle(places)
        self.places = np.array(places, np.int64)

    def by_engine(self, begin: int, end: int) -> list[Example | None]:
        task, epoch, row = self.places[begin:end].T
        block = self.assembler.assemble(Draws(task, row, epoch, row))
        return [block.example(number) for number in range(len(block))]

    def by_records(self) -> list[Example | None]:
        return [
            self.maker.example(self.rows.instance(self.tasks[task], row), SEED, epoch)
            for task, epoch, row in self.places.tolist()
        ]

    def compare(self, block_size: int = 300) -> Counter[str]:
        """Compares all rows, and counts how many have which template, a pool's by its task."""
        templates: Counter[str] = Counter()
        expected = self.by_records()
        for begin in range(0, len(expected), block_size):
            end = min(begin + block_size, len(expected))
            for one, other in zip(self.by_engine(begin, end), expected[begin:end], strict=True):
                assert_same(one, other)
                if other is not None:
                    templates[other.provenance["template"].partition("/")[0]] += 1
        assert self.fast_maker.skipped == self.maker.skipped
        return templates


def assert_same(one: Example | None, other: Example | None) -> None:
    if one is None or other is None:
        assert one is other
        return
    for name in ("inputs", "targets", "input_roles", "target_roles"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), (name, one.provenance)
    assert len(other.targets) == len(other.target_roles)
    for name in ("answer", "audio_ids", "shots", "provenance"):
        assert getattr(one, name) == getattr(other, name)


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("options", OPTIONS)
def test_both_ways_give_the_same(store: Path, mode: str, options: str) -> None:
    ways = TwoWays(store, lengths=LENGTHS[options], instructions=mode, **OPTIONS[options])
    templates = ways.compare()
    assert bool(ways.maker.skipped["too long"]) == (LENGTHS[options] is not None)
    assert ways.maker.skipped["missing audio"]
    assert templates["keep"] > 50
    assert len(templates) > 8
    assert templates.total() - templates["keep"] > 15


@pytest.mark.full
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("options", OPTIONS)
def test_both_ways_give_the_same_for_all_tasks(store_of_all: Path, mode: str, options: str) -> None:
    ways = TwoWays(store_of_all, lengths=LENGTHS[options], instructions=mode, **OPTIONS[options])
    templates = ways.compare()
    assert templates["keep"] > 300
    # The pools of the other tasks fit none of their records, whose questions are not plain.
    assert len(templates) > 45


@pytest.mark.slow
def test_shards_with_the_same_outlines(store: Path) -> None:
    TwoWays(store, store, instructions="mixed(0.5)").compare()


@pytest.mark.slow
def test_what_is_forgotten_is_made_anew(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_prompts, "_PROMPTS", 5)
    ways = TwoWays(store, instructions="mixed(0.5)")
    ways.compare(block_size=3)
    # A block may bring as many as it has rows, after the rest was forgotten.
    assert ways.assembler._prompts.count < 5 + 3


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_the_second_time_no_record_is_read(
    store: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_examples, "ROWS_A_RECORD", 10**9)
    ways = TwoWays(store, instructions=mode)
    before = ways.by_engine(0, len(ways.places))
    # Audio that was missing may be there by now, and a span in a text is left to the record.
    records: list[Instance] = []
    read = ShardReader.instance

    def noted(shard: ShardReader, place: int) -> Instance:
        records.append(read(shard, place))
        return records[-1]

    monkeypatch.setattr(ShardReader, "instance", noted)
    again = ways.by_engine(0, len(ways.places))
    for one, other in zip(before, again, strict=True):
        assert_same(one, other)
    assert len(records) < len(before) / 4
    for record in records:
        reads_audio = "audio" in catalogue.get(record.task).reads
        assert set(record.audio_ids) - set(CLIP_IDS) or not reads_audio


@pytest.mark.slow
def test_records_without_an_instruction_are_asked_by_the_pool(store: Path) -> None:
    ways = TwoWays(store, instructions="keep")
    examples = ways.by_engine(0, len(ways.places))
    asked = [e for e in examples if e is not None and e.provenance["template"] != "keep"]
    assert asked
    assert all(example.input_roles.min(initial=9) >= 1 for example in asked)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["padded", "bucketed", "packed"])
@pytest.mark.parametrize("mode", ["keep", "mixed(0.5)"])
def test_batches_are_those_of_the_records(
    store: Path, form: Any, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ExampleOptions(tokenizer="loudness", missing_audio="skip", instructions=mode)
    names = [row.id for row in one_of_each_shape()]
    made: list[list[Batch]] = []
    for is_whole in (assembler._is_whole, lambda rows, maker: False):
        monkeypatch.setattr(assembler, "_is_whole", is_whole)
        stream = batches(
            mixture(*names), corpus=Corpus(store), batch_size=8, form=form, seed=3, window=4,
            lengths={"inputs": 90, "targets": 60}, options=options,
        )  # fmt: skip
        assert stream.stream.is_stored == (not made)
        made.append(list(itertools.islice(stream, 12)))
    for one, other in zip(*made, strict=True):
        assert one.keys() == other.keys()
        for name, values in one.items():
            assert np.array_equal(values, other[name]), name
