"""Examples put together from a store's ids are those of its records, id for id."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks import seeds
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.engine.assembly.assembler import ExampleAssembler
from audioflan_tasks.engine.rows import Rows
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.mixtures.plan import permutation
from audioflan_tasks.mixtures.plan.plan import Draws
from audioflan_tasks.store import build_store
from audioflan_tasks.tokens import registry
from tests.conftest import Loudness, maker_of

RECORDS = 3


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of a few test records of each of the 80 tasks."""
    work = tmp_path_factory.mktemp("rows")
    tree, demo = work / "tree", demo_root()
    for name in ("audio_files", "scp_files", "simulated"):
        shutil.copytree(demo / name, tree / name)
    for file in demo.glob("metadata/**/test/**/*.jsonl"):
        copy = tree / file.relative_to(demo)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:RECORDS]))
    if "loudness" not in registry.tokenizer_names():
        registry.register_tokenizer("loudness", Loudness)
    build_store(tree, work / "store", tokenizer="loudness")
    return work / "store"


@pytest.fixture
def plain() -> Iterator[None]:
    before = {name: getattr(settings, name) for name in ("layout", "languages", "tokenizer")}
    settings.tokenizer = "loudness"
    yield
    for name, value in before.items():
        setattr(settings, name, value)


def draws(places: Iterable[tuple[int, int, int]]) -> Draws:
    """Draws of (task, epoch, row)."""
    task, epoch, row = np.array(list(places), np.int64).T
    return Draws(task, row, epoch, row)


def all_rows(rows: Rows) -> Draws:
    return draws(
        (number, 0, row) for number, size in enumerate(rows.sizes.values()) for row in range(size)
    )


SHORT = {"inputs": 60, "targets": 40}
BOTH = ("en", "zh")
# Each value of each argument, and each pair of lengths and languages.
FEW = [
    ("flatten", None, ("en",)),
    ("delay", SHORT, ("en",)),
    ("first", None, BOTH),
    ("flatten", SHORT, BOTH),
]
OTHERS = [
    arguments
    for arguments in product(("flatten", "delay", "first"), (None, SHORT), (("en",), BOTH))
    if arguments not in FEW
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layout", "lengths", "languages"),
    [*FEW, *(pytest.param(*arguments, marks=pytest.mark.full) for arguments in OTHERS)],
)
@pytest.mark.usefixtures("plain")
def test_both_ways_give_the_same(
    built: Path, layout: str, lengths: dict[str, int] | None, languages: tuple[str, ...]
) -> None:
    settings.layout, settings.languages = layout, languages  # type: ignore[assignment]
    # A twin behind it, so that rows are found through both ways of opening.
    corpus = Corpus(built) if languages == ("en",) else Corpus([built, built])
    rows = Rows(corpus, "test", settings.example_options())
    read, fast = (
        maker_of(corpus, lengths),
        maker_of(corpus, lengths),
    )
    tasks = tuple(rows.sizes)
    make = ExampleAssembler(rows, fast, 11, tasks)
    assert len(rows.sizes) == 80
    seen = cropped = 0
    for task, size in rows.sizes.items():
        for epoch in range(2):
            block = make.assemble(draws((tasks.index(task), epoch, row) for row in range(size)))
            for row in range(size):
                wanted = read.example(rows.instance(task, row), 11, epoch)
                found = block.example(row)
                if wanted is None:
                    assert found is None
                    assert not block.lengths[row].any()
                    continue
                assert found is not None
                assert block.lengths[row].tolist() == [len(wanted.inputs), len(wanted.targets)]
                for name in ("inputs", "targets", "input_roles", "target_roles"):
                    one, other = getattr(found, name), getattr(wanted, name)
                    assert one.dtype == other.dtype
                    assert np.array_equal(one, other), (task, row, name)
                for name in ("answer", "audio_ids", "shots", "provenance"):
                    assert getattr(found, name) == getattr(wanted, name)
                seen += 1
                cropped += lengths is not None and len(found.inputs) == lengths["inputs"]
    assert fast.skipped == read.skipped
    assert seen > 400
    assert bool(cropped) == (lengths is not None)


@pytest.mark.slow
@pytest.mark.usefixtures("plain")
def test_many_rows_at_once_give_the_same(built: Path) -> None:
    corpus = Corpus([built, built])
    rows = Rows(corpus, "test", settings.example_options())
    tasks = tuple(rows.sizes)
    make = ExampleAssembler(rows, maker_of(corpus), 3, tasks)
    places = [(t, e, r) for t, task in enumerate(tasks) for e in (0, 5) for r in range(6)]
    np.random.default_rng(1).shuffle(places)
    block = make.assemble(draws(places))
    for number, place in enumerate(places):
        one, other = block.example(number), make.assemble(draws([place])).example(0)
        assert one is not None
        assert other is not None
        assert np.array_equal(one.inputs, other.inputs)
        assert np.array_equal(one.target_roles, other.target_roles)
        assert one.provenance == other.provenance


@pytest.mark.slow
@pytest.mark.usefixtures("plain")
def test_no_record_is_read_but_those_compared(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = Corpus(built)
    rows = Rows(corpus, "test", settings.example_options())
    make = ExampleAssembler(rows, maker_of(corpus), 3, tuple(rows.sizes))
    first = make.assemble(all_rows(rows))
    monkeypatch.setattr("audioflan_tasks.engine.assembly.first_examples.ROWS_A_RECORD", 10**9)
    monkeypatch.setattr("audioflan_tasks.store.reader.shard.ShardReader.instance", None)
    again = make.assemble(all_rows(rows))
    assert np.array_equal(first.lengths, again.lengths)
    widths = tuple(first.lengths.max(0).tolist())
    count = len(first)
    for one, other in zip(
        first.tables(np.arange(count), count, widths, 0),
        again.tables(np.arange(count), count, widths, 0),
        strict=True,
    ):
        assert np.array_equal(one, other)


@pytest.mark.slow
@pytest.mark.parametrize("setting", [("instructions", "keep"), ("shots", 1), ("inversion", 0.5)])
@pytest.mark.usefixtures("plain")
def test_other_settings_read_the_records(
    built: Path, setting: tuple[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, *setting)
    corpus = Corpus(built)
    rows = Rows(corpus, "test", settings.example_options())
    maker = maker_of(corpus)
    tasks = ("audioflan_audio_caption", "audioflan_denoising")
    for place in ((0, 0, 0), (1, 1, 2)):
        found = ExampleAssembler(rows, maker, 3, tasks).assemble(draws([place])).example(0)
        wanted = maker.example(rows.instance(tasks[place[0]], place[2]), 3, place[1])
        assert found is not None
        assert wanted is not None
        assert np.array_equal(found.inputs, wanted.inputs)
        assert np.array_equal(found.input_roles, wanted.input_roles)
        assert found.provenance == wanted.provenance


@pytest.mark.slow
@pytest.mark.usefixtures("plain")
def test_little_memory_gives_the_same(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = Corpus(built)
    rows = Rows(corpus, "test", settings.example_options())
    tasks = tuple(rows.sizes)
    wanted = ExampleAssembler(rows, maker_of(corpus), 3, tasks).assemble(all_rows(rows))
    monkeypatch.setattr("audioflan_tasks.engine.assembly.row_prompts._PROMPTS", 5)
    make = ExampleAssembler(rows, maker_of(corpus), 3, tasks)
    asked = all_rows(rows)
    for number in [*range(len(wanted)), 0, 1]:
        block = make.assemble(Draws(*(column[number : number + 1] for column in asked)))
        one, found = wanted.example(number), block.example(0)
        assert one is not None
        assert found is not None
        assert np.array_equal(one.inputs, found.inputs)
        assert make._prompts.count <= 5
        assert len(make._prompts._prompts_by_number) <= 5


@pytest.mark.slow
@pytest.mark.usefixtures("plain")
def test_a_stream_goes_to_another_process_after_use(built: Path) -> None:
    stream = Stream(mixture("denoising", "audio_caption"), Corpus(built), split="test", seed=3)
    steps = np.arange(8)
    first = [row.example for row in stream.examples(steps)]
    other = [row.example for row in pickle.loads(pickle.dumps(stream)).examples(steps)]
    for one, two in zip(first, other, strict=True):
        assert one is not None
        assert two is not None
        assert np.array_equal(one.targets, two.targets)


@pytest.mark.slow
@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20))
def test_one_number_is_mixed_as_many_are(values: list[int]) -> None:
    many = permutation.mixed(np.array(values, np.uint64)).tolist()
    assert [seeds.mixed(value) for value in values] == many
