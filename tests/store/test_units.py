"""Units are whole or not there, and are found by what they were made from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO

import pytest

from audioflan_tasks.store.schema import CodeSource, TextMarker, TextSource
from audioflan_tasks.store.units import damaged_files, find_unit, publish_unit, unit_markers

SOURCE = TextSource(manifest="m1", text="bytes", tasks={"denoising": "d1"})


def publish(folder: Path, source: TextSource = SOURCE, content: bytes = b"abc") -> TextMarker:
    return publish_unit(
        folder,
        "shard",
        {".ids.npy": lambda handle: handle.write(content)},
        lambda: TextMarker(source=source, ids=3, texts=1),
    )


def test_a_unit_is_found_by_its_source(tmp_path: Path) -> None:
    marker = publish(tmp_path)
    # By an independent program: sha256sum of "abc".
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert (marker.files[".ids.npy"].size, marker.files[".ids.npy"].sha256) == (3, digest)
    assert (tmp_path / f"{marker.unit}.ids.npy").read_bytes() == b"abc"
    assert find_unit(tmp_path, "shard", TextMarker, SOURCE) == marker
    changed = TextSource(manifest="m1", text="bytes", tasks={"denoising": "d2"})
    assert find_unit(tmp_path, "shard", TextMarker, changed) is None
    assert publish(tmp_path, changed).unit != marker.unit
    assert find_unit(tmp_path, "shard", TextMarker, SOURCE) == marker


def test_a_source_of_another_kind_or_format_finds_nothing(tmp_path: Path) -> None:
    publish(tmp_path)
    codes = CodeSource(bits=0, tokenizer="t", clips="c")
    assert find_unit(tmp_path, "shard", TextMarker, codes) is None
    old = TextSource(manifest="m1", text="bytes", tasks={"denoising": "d1"}, format=2)
    assert find_unit(tmp_path, "shard", TextMarker, old) is None


def test_what_is_damaged_is_named(tmp_path: Path) -> None:
    marker = publish(tmp_path)
    (marker_path,) = unit_markers(tmp_path, "shard")
    file = tmp_path / f"{marker.unit}.ids.npy"
    assert damaged_files(marker_path) == []
    file.write_bytes(b"abd")
    assert damaged_files(marker_path) == [file]
    file.write_bytes(b"ab")
    assert find_unit(tmp_path, "shard", TextMarker, SOURCE) is None
    fields = json.loads(marker_path.read_text())
    marker_path.write_text(json.dumps(fields | {"ids": 4}))
    assert damaged_files(marker_path) == [marker_path]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(handle: BinaryIO) -> None:
        handle.write(b"half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish_unit(
            tmp_path, "shard", {".ids.npy": fail}, lambda: TextMarker(source=SOURCE, ids=0, texts=0)
        )
    assert list(tmp_path.iterdir()) == []
