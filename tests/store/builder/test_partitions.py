"""Cutting and gathering source files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.errors import RecordError
from audioflan_tasks.store.builder.partitions import part_bytes_of, parts_of

LINES = st.lists(st.binary(max_size=60).map(lambda b: b.replace(b"\n", b"")), max_size=40)


@pytest.mark.slow
@given(files=st.lists(LINES, min_size=1, max_size=6), size=st.integers(1, 400), end=st.booleans())
def test_parts_cover_every_byte_once_and_begin_at_lines(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[bytes]], size: int, end: bool
) -> None:
    root = tmp_path_factory.mktemp("files")
    data = {}
    for number, lines in enumerate(files):
        content = b"x" + b"\n".join(lines) + b"\n" * end
        (root / f"{number}.jsonl").write_bytes(content)
        data[f"{number}.jsonl"] = content
    parts = parts_of(root, size)
    seen = dict.fromkeys(data, b"")
    for part in parts:
        for piece in part.pieces:
            content = data[piece.file]
            assert piece.start == len(seen[piece.file])
            assert piece.start == 0 or content[piece.start - 1 : piece.start] == b"\n"
            seen[piece.file] += content[piece.start : piece.end]
    assert seen == data
    assert len({part.name for part in parts}) == len(parts)


def test_small_files_share_a_part_and_large_ones_are_cut(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number:02d}.jsonl").write_text("{}\n" * 10)
    (tmp_path / "large.jsonl").write_text("{}\n" * 5000)
    parts = parts_of(tmp_path, 1000)
    small = [part for part in parts if part.pieces[0].file != "large.jsonl"]
    assert 2 <= len(small) <= 7
    assert sum(p.file == "large.jsonl" for part in parts for p in part.pieces) == 15


def test_a_new_file_changes_the_parts_near_it_only(tmp_path: Path) -> None:
    for number in range(0, 600, 2):
        (tmp_path / f"{number:03d}.jsonl").write_text("{}\n" * 10)
    before = set(parts_of(tmp_path, 500))
    (tmp_path / "101.jsonl").write_text("{}\n" * 10)
    after = set(parts_of(tmp_path, 500))
    assert len(before) > 30
    assert len(after - before) <= 6


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").symlink_to(tmp_path / "nowhere")
    with pytest.raises(RecordError, match=r"a\.jsonl: cannot be opened"):
        parts_of(tmp_path)


@pytest.mark.parametrize(
    ("megabytes", "part"),
    [(0, 4), (3, 4), (31, 4), (36, 4), (64, 8), (255, 16), (256, 32), (9999, 32)],
)
def test_a_small_source_has_smaller_parts(tmp_path: Path, megabytes: int, part: int) -> None:
    for number in range(2):
        with (tmp_path / f"{number}.jsonl").open("wb") as file:
            file.truncate(megabytes * 2**19)
    assert part_bytes_of(tmp_path) == part * 2**20
