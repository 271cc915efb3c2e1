"""Slices of a store's files that are read without mapping them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from audioflan_tasks.errors import StoreError
from audioflan_tasks.store.packed import packed_arrays
from audioflan_tasks.store.reader.file_parts import FileHandles, FileParts
from audioflan_tasks.store.reader.mapped import map_arrays

HANDLES = Path("/proc/self/fd")
ARRAYS: dict[str, NDArray[Any]] = {
    "numbers": np.arange(1000, dtype=np.uint32),
    "letters": np.arange(30, dtype=np.uint8),
}


def write_arrays(path: Path) -> str:
    with path.open("wb") as handle:
        packed_arrays(ARRAYS)(handle)
    return str(path)


def test_slices_are_those_of_the_mapped_file(tmp_path: Path) -> None:
    path = write_arrays(tmp_path / "one.texts")
    parts, mapped = FileParts(path, FileHandles()), map_arrays(path)
    for name, array in ARRAYS.items():
        assert parts.kind(name) == array.dtype
        assert len(parts[name]) == array.nbytes
        for begin, end in ((0, 0), (0, 1), (3, 20), (0, array.nbytes), (array.nbytes,) * 2):
            assert parts[name][begin:end] == mapped.data(name)[begin:end].tobytes()


@pytest.mark.parametrize(("begin", "end"), [(-4, 0), (-8, -4), (28, 32), (40, 44), (8, 4)])
def test_nothing_is_read_outside_of_an_array(begin: int, end: int, tmp_path: Path) -> None:
    parts = FileParts(write_arrays(tmp_path / "one.texts"), FileHandles())
    assert parts["letters"][begin:end] == b""


def test_a_file_that_was_cut_since_gives_less(tmp_path: Path) -> None:
    path = write_arrays(tmp_path / "one.texts")
    parts = FileParts(path, FileHandles())
    os.truncate(path, 400)
    assert len(parts["numbers"][0:4000]) < 4000


@pytest.mark.parametrize("damage", ["gone", "pipe", "cut", "header"])
def test_a_damaged_file_is_named(damage: str, tmp_path: Path) -> None:
    path = write_arrays(tmp_path / "one.texts")
    data = Path(path).read_bytes()
    Path(path).unlink()
    if damage == "pipe":
        # Nobody writes to it: to wait would be for ever.
        os.mkfifo(path)
    elif damage != "gone":
        Path(path).write_bytes(data[:-1] if damage == "cut" else b"B" + data[1:])
    with pytest.raises(StoreError, match=r"one\.texts: not readable"):
        FileParts(path, FileHandles())


@pytest.mark.skipif(not HANDLES.is_dir(), reason="counts handles as Linux does")
def test_all_stores_together_have_few_files_open(tmp_path: Path) -> None:
    paths = [write_arrays(tmp_path / f"{number}.texts") for number in range(150)]
    for _ in range(3):
        handles = FileHandles()
        parts = [FileParts(path, handles) for path in paths]
        for part in (*parts, *parts):
            assert part["numbers"][4:8] == b"\1\0\0\0"
    open_files = [handle.resolve() for handle in HANDLES.iterdir()]
    assert 0 < sum(path.is_relative_to(tmp_path.resolve()) for path in open_files) <= 64


def test_a_file_that_is_pushed_out_while_it_is_read_is_read_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handles, read = FileHandles(), os.pread
    paths = [tmp_path / str(number) for number in range(150)]
    for number, path in enumerate(paths):
        path.write_bytes(bytes([number]))

    def read_late(number: int, size: int, begin: int) -> bytes:
        # What another thread does between the opening and the reading.
        monkeypatch.setattr(os, "pread", read)
        for path in paths[1:]:
            handles.read(str(path), 0, 1)
        return read(number, size, begin)

    monkeypatch.setattr(os, "pread", read_late)
    assert handles.read(str(paths[0]), 0, 1) == b"\0"


def test_a_store_that_is_opened_again_reads_a_mended_file(tmp_path: Path) -> None:
    path, mended = tmp_path / "one", tmp_path / "mended"
    path.write_bytes(b"a")
    mended.write_bytes(b"b")
    assert FileHandles().read(str(path), 0, 1) == b"a"
    mended.replace(path)
    assert FileHandles().read(str(path), 0, 1) == b"b"
