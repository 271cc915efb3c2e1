"""Files that are whole or as they were before, also on a disk that is full."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from audioflan_tasks.errors import FileWriteError
from audioflan_tasks.whole_files import WholeFiles, open_named, write_whole
from tests.conftest import SmallDisk


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_and_its_folders_are_written(tmp_path: Path) -> None:
    write_whole(tmp_path / "a" / "b" / "x.txt", "naïve \udcff")
    assert (tmp_path / "a" / "b" / "x.txt").read_bytes() == "naïve \\udcff".encode()
    write_whole(tmp_path / "a" / "b" / "x.txt", b"\xff")
    assert (tmp_path / "a" / "b" / "x.txt").read_bytes() == b"\xff"


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, small_disk: SmallDisk) -> None:
    write_whole(tmp_path / "x.txt", "before")
    with small_disk(100), pytest.raises(FileWriteError, match=r"x\.txt: cannot be written \(File"):
        write_whole(tmp_path / "x.txt", "a" * 200)
    assert names_in(tmp_path) == ["x.txt"] and (tmp_path / "x.txt").read_text() == "before"


# What the buffer of a file holds is written only when the file is closed.
@pytest.mark.parametrize("size", [200, 200_000])
def test_a_full_disk_leaves_none_of_several_files(
    tmp_path: Path, small_disk: SmallDisk, size: int
) -> None:
    with (
        small_disk(100),
        pytest.raises(FileWriteError, match=r"b\.txt\S*: cannot be written \(File too large"),
        WholeFiles() as files,
    ):
        files.open(tmp_path / "a.txt").write("few")
        files.open(tmp_path / "b.txt").write("a" * size)
    assert not names_in(tmp_path)


def test_a_file_to_which_lines_are_added(tmp_path: Path, small_disk: SmallDisk) -> None:
    with open_named(tmp_path / "new" / "log.txt", "a") as file:
        file.write("one\n")
    with (
        small_disk(10),
        pytest.raises(FileWriteError, match=r"log\.txt: cannot be written"),
        open_named(tmp_path / "new" / "log.txt", "a") as file,
    ):
        file.write("two, which is too much\n")
    assert (tmp_path / "new" / "log.txt").read_text().startswith("one\n")


def test_an_error_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(KeyError), WholeFiles() as files:
        files.open(tmp_path / "a.txt").write("few")
        raise KeyError
    assert not names_in(tmp_path)


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("before")
    (tmp_path / "link").symlink_to("x.txt")
    write_whole(tmp_path / "link", "after")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "x.txt").read_text() == "after"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=write_whole, args=(tmp_path / "pipe", "words"), daemon=True)
    writer.start()
    assert (tmp_path / "pipe").read_text() == "words"
    writer.join()
    assert names_in(tmp_path) == ["pipe"]


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(FileWriteError, match=r"cannot be written \(Is a directory"):
        write_whole(tmp_path, "words")
    (tmp_path / "file").touch()
    with pytest.raises(FileWriteError, match=r"cannot be written \(File exists"):
        write_whole(tmp_path / "file" / "x.txt", "words")
