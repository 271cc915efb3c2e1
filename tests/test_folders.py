"""Folders: a server's are walked as those of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from audioflan_tasks.folders import files_in, is_folder, subfolders, walk
from audioflan_tasks.remote import open_root
from tests.memory_server import memory_server

FILES = ("top.jsonl", "a/x.wav", "a/deep/er/y.wav", "b/z.scp", "skipped/s.wav", "skipped/t/u.wav")


@pytest.fixture
def roots(tmp_path: Path) -> Iterator[list[Path]]:
    """The same tree on this machine and on a server."""
    with memory_server() as server:
        for file in FILES:
            server.pipe(f"/tree/{file}", b"x")
            path = tmp_path / "tree" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
        yield [tmp_path / "tree", open_root("memory://tree", tmp_path, None)]


def relative(paths: list[Path], root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in paths]


def test_a_walk_leaves_out_what_the_caller_takes_out(roots: list[Path]) -> None:
    for root in roots:
        files = []
        for parent, folders, names in walk(root):
            folders[:] = sorted(name for name in folders if name not in ("skipped", "er"))
            files += [Path(parent, name) for name in names]
        assert relative(sorted(files), root) == ["a/x.wav", "b/z.scp", "top.jsonl"]


def test_a_whole_walk_is_that_of_the_system(roots: list[Path]) -> None:
    local, remote = roots
    entries = [(os.path.relpath(p, local), sorted(d), sorted(f)) for p, d, f in os.walk(local)]
    walked = [(os.path.relpath(p, remote), sorted(d), sorted(f)) for p, d, f in walk(remote)]
    assert sorted(walked) == sorted(entries)


def test_folders_and_files_of_one_level(roots: list[Path]) -> None:
    for root in roots:
        assert relative(subfolders(root), root) == ["a", "b", "skipped"]
        assert relative(files_in(root, ".jsonl"), root) == ["top.jsonl"]
        assert files_in(root / "nowhere", ".jsonl") == subfolders(root / "nowhere") == []
        assert is_folder(root / "a" / "deep") and is_folder(root)
        assert not is_folder(root / "nowhere") and not is_folder(root / "top.jsonl")
