"""Corpora and stores on a server are read as those on this machine."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from audioflan_tasks import Corpus, open_store
from audioflan_tasks.audio.check import check
from audioflan_tasks.config import local_root, settings
from audioflan_tasks.errors import RemoteError, SettingsError, StoreError
from audioflan_tasks.records import Instance
from audioflan_tasks.remote import servers
from audioflan_tasks.store import Store, build_store, store_info, verify_store
from tests.memory_server import memory_server
from tests.store.tokenizers import SMALL_UNITS

KEY = ("text_to_speech", "train")


@pytest.fixture
def server(
    tree: Path, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MemoryFileSystem]:
    """A server with the tree and the store of it, and a cache of its own."""
    monkeypatch.setattr(settings, "cache_dir", tmp_path / "cache")
    monkeypatch.setattr(servers, "PAUSES_S", ())
    with memory_server() as server:
        server.put(str(tree), "/tree", recursive=True)
        server.put(str(built), "/store", recursive=True)
        yield server


def instances(corpus: Corpus) -> list[Instance]:
    return list(corpus.instances())


def fetched_files(tmp_path: Path) -> list[str]:
    folder = tmp_path / "cache" / "remote-files" / "memory"
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.mark.slow
def test_a_tree_of_a_server_has_the_same_records_and_audio(
    server: MemoryFileSystem, tree: Path, tmp_path: Path
) -> None:
    local, remote = Corpus(tree), Corpus("memory://tree")
    assert remote.address == "memory://tree" and repr(remote) == "Corpus('memory://tree')"
    assert instances(remote) == instances(local)
    # Audio is fetched when it is read, and nothing else of its folder.
    assert not any("audio_files" in name for name in fetched_files(tmp_path))
    instance = local.instance(*KEY, 0)
    audio_id = instance.audio_ids[0]
    wave = remote.audio(audio_id, 16_000, instance)
    assert np.array_equal(wave, local.audio(audio_id, 16_000, instance))
    assert sum("audio_files" in name for name in fetched_files(tmp_path)) == 1
    assert remote.recipes == local.recipes


def test_one_file_of_a_server_is_a_corpus(server: MemoryFileSystem, tree: Path) -> None:
    file = next((tree / "metadata").rglob("*.jsonl")).relative_to(tree).as_posix()
    assert instances(Corpus(f"memory://tree/{file}")) == instances(Corpus(tree / file))


@pytest.mark.slow
def test_a_check_of_a_server_reports_the_same(server: MemoryFileSystem, tree: Path) -> None:
    report = check(local_root("memory://tree")).as_dict()
    assert report == check(tree).as_dict() | {"root": "memory://tree"}


def test_a_store_of_a_server_has_the_same_rows(
    server: MemoryFileSystem, built: Path, tmp_path: Path
) -> None:
    local, remote = open_store(built), open_store("memory://store")
    assert fetched_files(tmp_path) == ["store/store.json"]
    assert remote.pairs() == local.pairs() and remote.fingerprint == local.fingerprint
    for row in range(local.size(*KEY)):
        assert remote.instance(*KEY, row) == local.instance(*KEY, row)
        for remote_codes, codes in zip(
            remote.codes(*KEY, row), local.codes(*KEY, row), strict=True
        ):
            assert np.array_equal(remote_codes, codes)
    # Shards that no row was asked of are not there.
    assert len(fetched_files(tmp_path)) < len([p for p in built.rglob("*") if p.is_file()])
    info = store_info("memory://store").as_dict()
    assert info["rows"] == store_info(built).as_dict()["rows"]


def test_a_corpus_of_several_stores_and_one_sent_to_a_worker(
    server: MemoryFileSystem, built: Path
) -> None:
    corpus = Corpus(f"memory://store:{built}")
    assert corpus.size(*KEY) == 2 * Store(built).size(*KEY)
    copy = pickle.loads(pickle.dumps(Corpus("memory://store")))
    assert copy.address == "memory://store"
    assert copy.instance(*KEY, 0) == Store(built).instance(*KEY, 0)


@pytest.mark.slow
def test_what_is_spoilt_on_the_way_is_fetched_again_and_on_the_server_is_an_error(
    server: MemoryFileSystem, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = MemoryFileSystem.get_file
    counts = {"spoilt": 0}

    def spoil_once(fs: MemoryFileSystem, name: str, path: str) -> None:
        original(fs, name, path)
        if name.endswith(".arrow") and not counts["spoilt"]:
            counts["spoilt"] += 1
            data = bytearray(Path(path).read_bytes())
            data[len(data) // 2] ^= 1
            Path(path).write_bytes(data)

    monkeypatch.setattr(MemoryFileSystem, "get_file", spoil_once)
    assert open_store("memory://store").instance(*KEY, 0) == Store(built).instance(*KEY, 0)
    assert counts["spoilt"] == 1
    name = next(name for name in server.store if name.endswith(".refs"))
    server.pipe(name, server.cat(name)[:-1] + b"?")
    with pytest.raises(RemoteError, match=r"memory://store/.*\.refs: not what its checksums say"):
        for task, split in open_store("memory://store").pairs():
            open_store("memory://store").codes(task, split, 0)


def test_a_copy_that_is_damaged_later_is_removed_and_the_error_says_so(
    server: MemoryFileSystem, tmp_path: Path
) -> None:
    open_store("memory://store").instance(*KEY, 0)
    for file in (tmp_path / "cache").rglob("*.arrow"):
        data = bytearray(file.read_bytes())
        data[: len(data) // 2] = bytes(len(data) // 2)
        file.write_bytes(data)
    with pytest.raises(StoreError, match=r"memory://store/manifest/.*was removed"):
        open_store("memory://store").instance(*KEY, 0)
    assert open_store("memory://store").instance(*KEY, 0)


@pytest.mark.slow
def test_a_build_from_a_server_is_that_from_this_machine(
    server: MemoryFileSystem, built: Path, tmp_path: Path
) -> None:
    build_store("memory://tree", tmp_path / "out", **SMALL_UNITS)
    remote, local = Store(tmp_path / "out"), Store(built)
    assert remote.facts.source == "memory://tree"
    assert remote.facts.files == local.facts.files and remote.facts.shards == local.facts.shards
    corpus = Corpus(tmp_path / "out")
    instance = corpus.instance(*KEY, 0)
    assert len(corpus.audio(instance.audio_ids[0], 16_000, instance))


@pytest.mark.slow
def test_a_server_that_fails_ends_a_build_and_leaves_no_record_out(
    server: MemoryFileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = MemoryFileSystem.get_file

    def fail(fs: MemoryFileSystem, name: str, path: str) -> None:
        if "audio_files" in name:
            raise ConnectionError("no route to host")
        original(fs, name, path)

    monkeypatch.setattr(MemoryFileSystem, "get_file", fail)
    with pytest.raises(RemoteError, match=r"memory://tree/audio_files/.*no route to host"):
        build_store("memory://tree", tmp_path / "out", policy="skip", **SMALL_UNITS)
    assert not (tmp_path / "out" / "store.json").exists()


def test_what_is_not_there_or_cannot_be_written_is_refused(
    server: MemoryFileSystem, tree: Path
) -> None:
    with pytest.raises(SettingsError, match="memory://nowhere: no such corpus"):
        Corpus("memory://nowhere")
    with pytest.raises(SettingsError, match="written to a local folder"):
        build_store(tree, "memory://out")
    with pytest.raises(StoreError, match="verified where it lies"):
        verify_store("memory://store")
