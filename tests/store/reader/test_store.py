"""Reading a store: from other processes, from several stores, and in time that does not grow."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from audioflan_tasks import Corpus, open_store
from audioflan_tasks.config import settings
from audioflan_tasks.errors import MissingAudioError, SettingsError, StoreError
from audioflan_tasks.store import JoinedStore, Store, build_store
from audioflan_tasks.tokens import get_tokenizer
from tests.store.conftest import FOLDER, make_tree
from tests.store.readers import KEY, total_of
from tests.store.tokenizers import SMALL_UNITS


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_read_the_same(built: Path, method: str) -> None:
    command = [sys.executable, "-m", "tests.store.readers", str(built), method]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    wanted, *workers = map(int, done.stdout.split())
    assert workers == [wanted] * 3 == [total_of(Store(built))] * 3


def test_a_store_is_sent_as_its_path(built: Path) -> None:
    store = Store(built, text="")
    total_codes = store.codes(*KEY, 0)
    data = pickle.dumps(store)
    assert len(data) < 2000
    again = pickle.loads(data)
    assert (again.tokenizer, again.text) == (store.tokenizer, "")
    assert np.array_equal(again.codes(*KEY, 0)[0], total_codes[0])


def test_codes_are_views_that_cannot_be_written(built: Path) -> None:
    codes = Store(built).codes(*KEY, 0)[0]
    assert codes.base is not None
    with pytest.raises(ValueError, match="read-only"):
        codes[0, 0] = 1


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts handles as Linux does")
def test_files_of_a_store_need_few_handles(built: Path) -> None:
    """The release has thousands of shards and buckets, a process about a thousand handles."""
    store = Store(built)
    read = [(store.codes(*key, 0), store.text_ids(*key, 0), store.instance(*key, 0))
            for key in store.pairs()]  # fmt: skip
    assert len(read) > 20
    handles = [handle.resolve() for handle in Path("/proc/self/fd").iterdir()]
    assert sum(path.is_relative_to(built) for path in handles) <= 64


@pytest.mark.parametrize("row", [-1, 10_000])
def test_a_row_that_is_not_there(built: Path, row: int) -> None:
    store = Store(built)
    for read in (store.instance, store.codes, store.text_ids):
        with pytest.raises(
            IndexError, match=rf"text_to_speech train has \d+ rows, asked for row {row}"
        ):
            read(*KEY, row)
    with pytest.raises(IndexError, match="no rows in train"):
        store.lengths("audioflan_key_detection", "train")
    assert store.size("audioflan_key_detection", "train") == 0


def test_names_with_and_without_prefix(built: Path) -> None:
    store = Store(built)
    assert store.size("audioflan_text_to_speech", "train") == store.size(*KEY)
    assert store.instance("audioflan_text_to_speech", "train", 1) == store.instance(*KEY, 1)


def test_a_store_without_codes_or_ids_says_so(own_tree: Path, tmp_path: Path) -> None:
    build_store(own_tree, tmp_path / "store", tokenizer=None, text=None)
    store = Store(tmp_path / "store")
    assert store.size(*KEY) > 0 and store.clip(f"{FOLDER}_agent-pass") is None
    assert not store.lengths(*KEY)["frames_out"].any()
    with pytest.raises(StoreError, match="built without codes; build it with --tokenizer"):
        store.codes(*KEY, 0)
    with pytest.raises(StoreError, match="built without text ids; build it with a text side"):
        store.text_ids(*KEY, 0)


@pytest.mark.slow
def test_a_reader_is_not_disturbed_by_a_later_build(own_tree: Path, tmp_path: Path) -> None:
    out = tmp_path / "store"
    build_store(own_tree, out, **SMALL_UNITS)
    before = Store(out)
    wanted = total_of(before)
    for file in sorted(own_tree.glob("metadata/**/text_to_speech.jsonl")):
        file.write_text("".join(file.read_text("utf-8").splitlines(keepends=True)[:1]), "utf-8")
    build_store(own_tree, out, **SMALL_UNITS)
    assert total_of(before) == wanted
    assert Store(out).size(*KEY) < before.size(*KEY)
    assert Store(out).fingerprint != before.fingerprint


@pytest.mark.slow
class TestJoined:
    @pytest.fixture
    def two(self, tmp_path: Path) -> tuple[Path, Path]:
        for name, most in (("a", 1), ("b", 3)):
            build_store(make_tree(tmp_path / f"tree-{name}", most), tmp_path / name)
        return tmp_path / "a", tmp_path / "b"

    def test_rows_follow_each_other(self, two: tuple[Path, Path]) -> None:
        first, second = map(Store, two)
        joined = open_store(*two)
        assert isinstance(joined, JoinedStore)
        assert set(joined.pairs()) == {*first.pairs(), *second.pairs()}
        for key in joined.pairs():
            sizes = first.size(*key), second.size(*key)
            assert joined.size(*key) == sum(sizes)
            pairs = zip((first, second), sizes, strict=True)
            whole = [store.instance(*key, r) for store, n in pairs for r in range(n)]
            assert [joined.instance(*key, r) for r in range(sum(sizes))] == whole
            assert len(joined.lengths(*key)) == sum(sizes)
        row = first.size(*KEY)
        assert np.array_equal(joined.codes(*KEY, row)[0], second.codes(*KEY, 0)[0])
        assert np.array_equal(joined.text_ids(*KEY, row)[0], second.text_ids(*KEY, 0)[0])
        with pytest.raises(IndexError):
            joined.instance(*KEY, joined.size(*KEY))
        assert total_of(joined) == total_of(first) + total_of(second)
        assert total_of(pickle.loads(pickle.dumps(joined))) == total_of(joined)

    def test_a_corpus_of_several_stores(
        self, two: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        roots: list[object] = [list(two), f"{two[0]}:{two[1]}"]
        for root in roots:
            corpus = Corpus(root)  # type: ignore[arg-type]
            assert corpus.size(*KEY) == sum(Store(path).size(*KEY) for path in two)
            instance = corpus.instance(*KEY, corpus.size(*KEY) - 1)
            assert len(corpus.audio(instance.audio_ids[0], 16_000, instance)) > 1000
        with pytest.raises(SettingsError, match="only stores can be joined"):
            Corpus([two[0], tmp_path / "tree-a"])

    def test_an_id_that_means_two_things_is_refused_not_guessed(
        self, two: tuple[Path, Path], tmp_path: Path
    ) -> None:
        first = Store(two[0])
        key = next(k for k in first.pairs() if k[0] == "automatic_speech_recognition")
        instance = first.instance(*key, 0)
        one = instance.audio_ids[0]
        folder = tmp_path / "tree-b" / "audio_files" / "speech" / FOLDER
        mine = folder / f"{one.removeprefix(f'{FOLDER}_')}.flac"
        other = next(file for file in sorted(folder.glob("*.flac")) if file != mine)
        mine.write_bytes(other.read_bytes())
        build_store(tmp_path / "tree-b", two[1])
        corpus = Corpus(list(two))
        with pytest.raises(StoreError, match=f"{one}.* means different audio in the joined stores"):
            corpus.coder(get_tokenizer())(one, instance)
        joined = open_store(*two)
        assert np.array_equal(joined.codes(*key, 0)[0], first.codes(*key, 0)[0])

    def test_different_tokenizers_are_refused(self, two: tuple[Path, Path]) -> None:
        source = Path(Store(two[1]).facts.source)
        build_store(source, two[1], tokenizer="convrvq_16k", options={"codebooks": 4})
        with pytest.raises(StoreError, match="name tokenizer and text that all have"):
            open_store(*two)
        both = open_store(*two, tokenizer=Store(two[0]).tokenizer)
        assert both.size(*KEY) > Store(two[0]).size(*KEY)


def test_open_store_needs_a_path() -> None:
    with pytest.raises(StoreError, match="needs the folder of a store"):
        open_store()


@pytest.mark.slow
def test_settings_may_name_a_store(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import seqio

    monkeypatch.setattr(settings, "data_dir", built)
    monkeypatch.setattr(settings, "cache_dir", tmp_path)
    task = seqio.get_mixture_or_task("audioflan_text_to_speech")
    example = next(task.get_dataset(split="train", seed=1).as_numpy_iterator())
    assert example["uuid"].decode() in {
        Store(built).instance(*KEY, r).uuid for r in range(Store(built).size(*KEY))
    }
    # Its codes came from the store: nothing was encoded.
    assert not list(tmp_path.rglob("*.npy"))


@pytest.mark.slow
def test_audio_needs_the_source(own_tree: Path, tmp_path: Path) -> None:
    build_store(own_tree, tmp_path / "store")
    own_tree.rename(tmp_path / "moved")
    corpus = Corpus(tmp_path / "store")
    instance = corpus.instance(*KEY, 0)
    assert Store(tmp_path / "store").codes(*KEY, 0)
    with pytest.raises(MissingAudioError, match="no file"):
        corpus.audio(instance.audio_ids[0], 16_000, instance)
