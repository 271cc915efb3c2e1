"""Files that killed processes left behind are removed, and those that others write are not."""

from __future__ import annotations

import fcntl
import os
import signal
from pathlib import Path

import pytest

from audioflan_tasks.claimed_files import claimed_file, remove_unclaimed


def test_a_file_is_claimed_until_it_is_renamed(tmp_path: Path) -> None:
    folder, whole = tmp_path / "temporary", tmp_path / "whole"
    with claimed_file(folder) as (handle, path):
        handle.write(b"all of it")
        remove_unclaimed(folder)
        assert list(folder.iterdir()) == [path]
        handle.flush()
        path.replace(whole)
    assert whole.read_bytes() == b"all of it" and not list(folder.iterdir())


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError), claimed_file(tmp_path):
        raise KeyError
    assert not list(tmp_path.iterdir())


def test_a_killed_process_s_file_is_removed_and_a_living_one_s_is_not(tmp_path: Path) -> None:
    readable, writable = os.pipe()
    child = os.fork()
    if not child:
        with claimed_file(tmp_path):
            os.write(writable, b"x")
            signal.pause()
    assert os.read(readable, 1) == b"x"
    remove_unclaimed(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert len(list(tmp_path.iterdir())) == 1
    remove_unclaimed(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_removed_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = 0

    def flock(descriptor: int, operation: int) -> None:
        nonlocal locks
        locks += 1
        if locks == 1:
            (path,) = tmp_path.iterdir()
            path.unlink()
        lock(descriptor, operation)

    lock = fcntl.flock
    monkeypatch.setattr(fcntl, "flock", flock)
    with claimed_file(tmp_path) as (handle, path):
        handle.write(b"x")
        assert path.exists() and locks == 2


def test_no_folder_is_no_error(tmp_path: Path) -> None:
    remove_unclaimed(tmp_path / "nowhere")
