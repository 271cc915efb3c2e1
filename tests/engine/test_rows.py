"""Examples put together from a store's ids are those of its records, id for id."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks import seeds
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.demo import demo_root
from audioflan_tasks.engine.rowmaker import RowMaker
from audioflan_tasks.engine.source import Rows
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.mixtures import bijection, mixture
from audioflan_tasks.store import build_store
from audioflan_tasks.tokens import registry
from tests.conftest import Loudness

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


@pytest.mark.parametrize("layout", ["flatten", "delay", "first"])
@pytest.mark.parametrize("lengths", [None, {"inputs": 60, "targets": 40}])
@pytest.mark.parametrize("languages", [("en",), ("en", "zh")])
@pytest.mark.usefixtures("plain")
def test_both_ways_give_the_same(
    built: Path, layout: str, lengths: dict[str, int] | None, languages: tuple[str, ...]
) -> None:
    settings.layout, settings.languages = layout, languages  # type: ignore[assignment]
    # A twin behind it, so that rows are found through both ways of opening.
    corpus = Corpus(built) if languages == ("en",) else Corpus([built, built])
    rows = Rows(corpus, "test")
    read, fast = ExampleMaker(corpus, lengths), ExampleMaker(corpus, lengths)
    make = RowMaker(rows, fast, 11)
    assert len(rows.sizes) == 80
    seen = cropped = 0
    for task, size in rows.sizes.items():
        for epoch in range(2):
            places = [(task, epoch, row) for row in range(size)]
            for (_, _, row), draft in zip(places, make(places), strict=True):
                wanted = read(rows.instance(task, row), 11, epoch)
                if wanted is None:
                    assert draft is None
                    continue
                assert draft is not None
                assert draft.size == len(wanted.inputs) + len(wanted.targets)
                found = draft.example
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


@pytest.mark.usefixtures("plain")
def test_the_second_time_no_record_is_read(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = Corpus(built)
    rows = Rows(corpus, "test")
    make = RowMaker(rows, ExampleMaker(corpus), 3)
    places = [(task, 0, row) for task, size in rows.sizes.items() for row in range(size)]
    first = make(places)
    monkeypatch.setattr("audioflan_tasks.store.shard.ShardReader.instance", None)
    again = make(places)
    assert all(
        np.array_equal(one.inputs.ids, other.inputs.ids)
        for one, other in zip(first, again, strict=True)
        if one is not None and other is not None
    )


@pytest.mark.parametrize("setting", [("instructions", "keep"), ("shots", 1), ("inversion", 0.5)])
@pytest.mark.usefixtures("plain")
def test_other_settings_read_the_records(
    built: Path, setting: tuple[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, *setting)
    corpus = Corpus(built)
    rows = Rows(corpus, "test")
    maker = ExampleMaker(corpus)
    for place in (("audioflan_audio_caption", 0, 0), ("audioflan_denoising", 1, 2)):
        (draft,) = RowMaker(rows, maker, 3)([place])
        wanted = maker(rows.instance(place[0], place[2]), 3, place[1])
        assert draft is not None
        assert wanted is not None
        assert np.array_equal(draft.inputs.ids, wanted.inputs)
        assert draft.facts.provenance == wanted.provenance


@pytest.mark.usefixtures("plain")
def test_little_memory_gives_the_same(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = Corpus(built)
    rows = Rows(corpus, "test")
    places = [(task, 0, row) for task, size in rows.sizes.items() for row in range(size)] * 2
    wanted = RowMaker(rows, ExampleMaker(corpus), 3)(places)
    monkeypatch.setattr("audioflan_tasks.engine.rowmaker._CASTS", 5)
    make = RowMaker(rows, ExampleMaker(corpus), 3)
    for one, place in zip(wanted, places, strict=True):
        (found,) = make([place])
        assert one is not None
        assert found is not None
        assert np.array_equal(one.inputs.ids, found.inputs.ids)
        assert len(make._casts) <= 5
        assert len(make._known) <= 16


@pytest.mark.usefixtures("plain")
def test_a_stream_goes_to_another_process_after_use(built: Path) -> None:
    stream = Stream(mixture("denoising", "audio_caption"), Corpus(built), split="test", seed=3)
    steps = np.arange(8)
    _, first = stream.drafts(steps)
    _, other = pickle.loads(pickle.dumps(stream)).drafts(steps)
    for one, two in zip(first, other, strict=True):
        assert one is not None
        assert np.array_equal(one.targets.ids, two.targets.ids)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20))
def test_one_number_is_mixed_as_many_are(values: list[int]) -> None:
    many = bijection.mixed(np.array(values, np.uint64)).tolist()
    assert [seeds.mixed(value) for value in values] == many
