"""The cache: whole files only, its bound, and several processes in one folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from audioflan_tasks.errors import RemoteError
from audioflan_tasks.remote.addresses import place_of
from audioflan_tasks.remote.cache import FileCache, cache_of
from audioflan_tasks.remote.servers import RemoteState

SIZE = 1000


@pytest.fixture
def cache(tmp_path: Path) -> FileCache:
    cache = cache_of(place_of("s3://bucket", tmp_path))
    cache.set_most_bytes(4 * SIZE)
    return cache


def place(cache: FileCache, name: str) -> Path:
    return cache.folder / "s3" / "bucket" / name


def state(version: str = "1") -> RemoteState:
    return RemoteState(SIZE, version)


def add(cache: FileCache, name: str, used_at: int = 0) -> Path:
    """A file of the cache, used last at that time."""
    path = place(cache, name)
    cache.add(path, state(), lambda temporary: temporary.write_bytes(b"x" * SIZE))
    if used_at:
        os.utime(path, ns=(used_at, path.stat().st_mtime_ns))
    return path


def names(cache: FileCache) -> list[str]:
    return sorted(path.name for path in (cache.folder / "s3" / "bucket").iterdir())


def size_of(cache: FileCache) -> int:
    return sum(path.stat().st_size for path in (cache.folder / "s3").rglob("*") if path.is_file())


def test_a_file_has_its_version_as_time_of_change(cache: FileCache) -> None:
    path = add(cache, "a")
    assert cache.holds(path, state()) and cache.holds(path, RemoteState(None, "1"))
    assert not cache.holds(path, state("2"))
    assert not cache.holds(path, RemoteState(SIZE + 1, "1"))
    assert not cache.holds(place(cache, "b"), state())


def test_those_used_longest_ago_make_room(cache: FileCache) -> None:
    for number, name in enumerate("abcd", 1):
        add(cache, name, used_at=number)
    with cache.opening(place(cache, "a")) as is_there:
        assert is_there
    add(cache, "e")
    # Room is made to nine tenths of the bound.
    assert names(cache) == ["a", "d", "e"]
    for number in range(40):
        add(cache, f"f{number}")
        assert size_of(cache) <= 4 * SIZE


def test_a_file_that_is_being_opened_stays_and_one_that_is_open_can_be_read(
    cache: FileCache,
) -> None:
    first, second = add(cache, "a", 1), add(cache, "b", 2)
    with cache.opening(first), second.open("rb") as handle:
        for name in "cdefgh":
            add(cache, name)
        assert first.exists() and not second.exists()
        assert handle.read() == b"x" * SIZE
    with cache.opening(second) as is_there:
        assert not is_there


def test_what_fails_leaves_nothing_and_no_room_taken(cache: FileCache) -> None:
    def fail(path: Path) -> None:
        path.write_bytes(b"x" * 10)
        raise RemoteError("cut")

    for _ in range(10):
        with pytest.raises(RemoteError, match="cut"):
            cache.add(place(cache, "a"), state(), fail)
    assert not place(cache, "a").exists()
    assert list((cache.folder / ".incoming").iterdir()) == []
    assert int((cache.folder / ".used").read_text()) == 0


def test_a_file_that_is_too_large_is_an_error_that_says_what_to_raise(cache: FileCache) -> None:
    too_large = RemoteState(4 * SIZE + 1, "1")
    with pytest.raises(RemoteError, match=r"4,001 bytes, more than .*REMOTE_CACHE_BYTES"):
        cache.add(place(cache, "a"), too_large, lambda path: None)
    # The same where its size is only known when it is there.
    with pytest.raises(RemoteError, match="5,000 bytes, more than"):
        cache.add(place(cache, "a"), RemoteState(None, ""), lambda p: p.write_bytes(b"x" * 5000))


def test_what_a_killed_process_leaves_is_removed_and_counted_anew(cache: FileCache) -> None:
    add(cache, "a")
    (cache.folder / ".incoming" / "abandoned").write_bytes(b"x" * 10 * SIZE)
    (cache.folder / ".used").write_text("half a num")
    add(cache, "b")
    assert list((cache.folder / ".incoming").iterdir()) == []
    assert names(cache) == ["a", "b"]
    assert int((cache.folder / ".used").read_text()) == 2 * SIZE


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "remote-files").write_text("a file")
    cache = cache_of(place_of("s3://bucket", tmp_path))
    with pytest.raises(RemoteError, match="AUDIOFLAN_CACHE_DIR"):
        cache.set_most_bytes(5)
    with pytest.raises(RemoteError, match="AUDIOFLAN_CACHE_DIR"):
        cache.add(place(cache, "a"), state(), lambda path: None)
