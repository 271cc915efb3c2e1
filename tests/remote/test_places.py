"""Files of a server by their local places: fetched whole, of one version, or an error."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from audioflan_tasks.errors import MissingExtraError, RemoteError
from audioflan_tasks.plain_files import file_state, is_plain_file, open_plain_file
from audioflan_tasks.remote import open_root, use_file
from audioflan_tasks.remote.cache import cache_of

DATA = b"0123456789" * 100


@pytest.fixture
def root(bucket: MemoryFileSystem, tmp_path: Path) -> Path:
    bucket.pipe("/bucket/a", DATA)
    return open_root("memory://bucket", tmp_path, None)


def read(path: Path) -> bytes:
    with open_plain_file(path) as handle:
        return handle.read()


class Failures:
    """Makes the next downloads fail, one way each; counts all."""

    def __init__(self, *ways: Callable[[Path], None]) -> None:
        self.ways, self.count = list(ways), 0

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        original = MemoryFileSystem.get_file

        def get_file(fs: MemoryFileSystem, name: str, path: str, **options: Any) -> None:
            self.count += 1
            original(fs, name, path, **options)
            if self.ways:
                self.ways.pop(0)(Path(path))

        monkeypatch.setattr(MemoryFileSystem, "get_file", get_file)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def break_off(path: Path) -> None:
    cut(path)
    raise ConnectionResetError("connection reset by peer")


def test_a_file_is_fetched_when_it_is_first_read(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads = Failures()
    downloads.install(monkeypatch)
    assert is_plain_file(root / "a") and not is_plain_file(root / "b")
    assert file_state(root / "a").size == len(DATA)
    assert downloads.count == 0
    assert read(root / "a") == read(root / "a") == DATA
    assert downloads.count == 1
    with pytest.raises(FileNotFoundError):
        open_plain_file(root / "b")


def test_connections_that_break_off_or_are_cut_are_tried_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads = Failures(break_off, cut, break_off)
    downloads.install(monkeypatch)
    assert read(root / "a") == DATA
    assert downloads.count == 4


def test_what_never_comes_whole_is_one_line_that_names_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Failures(*[cut] * 50).install(monkeypatch)
    with pytest.raises(RemoteError) as caught:
        read(root / "a")
    assert str(caught.value) == (
        "memory://bucket/a: cannot be fetched (999 of 1,000 bytes came); tried 5 times; check "
        "the connection and run it again: what was fetched is kept"
    )
    assert not (root / "a").exists()


def test_a_refusal_is_not_tried_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError("Access Denied")

    downloads = Failures(*[refuse] * 9)
    downloads.install(monkeypatch)
    with pytest.raises(RemoteError, match=r"Access Denied.*credentials"):
        read(root / "a")
    assert downloads.count == 1


def test_a_change_is_noticed_when_the_root_is_opened_anew(
    root: Path, bucket: MemoryFileSystem, tmp_path: Path
) -> None:
    assert read(root / "a") == DATA
    before = file_state(root / "a")
    bucket.pipe("/bucket/a", DATA[::-1])
    # This process goes on with what it has, also of the same size.
    assert read(root / "a") == DATA
    (root / "a").unlink()
    with pytest.raises(RemoteError, match=r"memory://bucket/a: has changed .* again"):
        read(root / "a")
    open_root("memory://bucket", tmp_path, None)
    assert read(root / "a") == DATA[::-1]
    assert file_state(root / "a") != before


def test_a_file_that_changes_while_it_is_fetched_is_an_error(
    root: Path, bucket: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    Failures(lambda path: bucket.pipe("/bucket/a", DATA[::-1])).install(monkeypatch)
    with pytest.raises(RemoteError, match="has changed"):
        read(root / "a")
    assert not (root / "a").exists()


def test_a_checked_file_is_fetched_until_it_is_right_and_not_asked_for_again(
    root: Path, bucket: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(path: Path) -> None:
        path.write_bytes(DATA[::-1])

    def fault(path: Path, place: Path) -> str:
        return "" if path.read_bytes() == DATA else "not its checksum"

    downloads = Failures(spoil, spoil)
    downloads.install(monkeypatch)
    with use_file(root / "a", fault):
        assert (root / "a").read_bytes() == DATA
    assert downloads.count == 3
    bucket.rm("/bucket/a")
    with use_file(root / "a", fault):
        assert (root / "a").read_bytes() == DATA
    bucket.pipe("/bucket/b", DATA[::-1])
    with pytest.raises(RemoteError, match=r"memory://bucket/b: not its checksum, 5 times"):
        use_file(root / "b", fault).__enter__()


def test_a_small_cache_reads_all_files_in_turn(
    root: Path, bucket: MemoryFileSystem, tmp_path: Path
) -> None:
    for number in range(20):
        bucket.pipe(f"/bucket/many/{number}", bytes([number]) * 1000)
    open_root("memory://bucket", tmp_path, 3000)
    for _ in range(2):
        for number in range(20):
            assert read(root / "many" / str(number)) == bytes([number]) * 1000
            files = [path for path in cache_of(root).folder.rglob("*") if path.is_file()]
            assert sum(f.stat().st_size for f in files if f.name[0] != ".") <= 3000


def test_a_missing_client_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not that of s3://, which tests of the same process may have loaded: fsspec remembers it.
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    root = open_root("gs://bucket/corpus", tmp_path, None)
    with pytest.raises(MissingExtraError, match=r"gcsfs.*pip install 'audioflan_tasks\[remote\]'"):
        is_plain_file(root / "a")


def test_tries_are_logged(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Failures(break_off).install(monkeypatch)
    with caplog.at_level(logging.INFO, "audioflan_tasks"):
        read(root / "a")
    assert "memory://bucket/a: connection reset by peer; it is tried again" in caplog.messages
