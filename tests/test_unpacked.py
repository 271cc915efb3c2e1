"""Compressed files are read where others are; damaged ones and bombs give one line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pytest

from audioflan_tasks import unpacked as unpacked_module
from audioflan_tasks.config import settings, unpacked_cache
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import RecordError, RemoteError
from audioflan_tasks.metrics.answer_rows import read_rows
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.recipes.importers import format_of
from audioflan_tasks.recipes.importers.tables import json_rows
from audioflan_tasks.records import Ledger, iter_instances
from audioflan_tasks.records.repairs import ProblemKind
from audioflan_tasks.store import build_store
from audioflan_tasks.unpacked import open_unpacked, plain_name


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "cache_dir", tmp_path_factory.mktemp("cache"))


def zstandard(data: bytes) -> bytes:
    packed: bytes = pyarrow.Codec("zstd").compress(data, asbytes=True)
    return packed


PACKERS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstandard}

TASK = {"major": ["Global MIR"], "minor": ["Key Detection"], "U/G": ["understanding"],
        "unseen": False}  # fmt: skip


def lines(count: int) -> bytes:
    records = (
        {"instruction": "Which key?", "input": f"<|SOA|>clip_{n}<|EOA|>", "output": "C major",
         "uuid": f"u{n}", "split": ["train"], "task_type": TASK, "domain": "music",
         "source": ["x"], "other": None}
        for n in range(count)
    )  # fmt: skip
    return "".join(json.dumps(record) + "\n" for record in records).encode()


@pytest.mark.parametrize("suffix", PACKERS)
def test_records_are_the_same(suffix: str, tmp_path: Path) -> None:
    pack = PACKERS[suffix]
    (folder := tmp_path / "tree" / "metadata" / "music" / "01_Mine" / "jsonl").mkdir(parents=True)
    # Two members in one file, as tools append them.
    (folder / f"key_detection.jsonl{suffix}").write_bytes(pack(lines(3)) + pack(lines(2)))
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "a.jsonl").write_bytes(lines(3) + lines(2))
    packed, plain = (list(iter_instances(tmp_path / name)) for name in ("tree", "plain"))
    assert [i.uuid for i in packed] == [i.uuid for i in plain]
    assert packed[4].where == f"metadata/music/01_Mine/jsonl/key_detection.jsonl{suffix}:5"
    corpus = Corpus(tmp_path / "tree")
    assert corpus.instance("key_detection", "train", 3).uuid == "u0"
    assert [row.values["uuid"] for row in json_rows(folder / f"key_detection.jsonl{suffix}")] == [
        "u0", "u1", "u2", "u0", "u1",
    ]  # fmt: skip
    assert len(read_rows(folder / f"key_detection.jsonl{suffix}").rows) == 5


@pytest.mark.slow
@pytest.mark.parametrize("suffix", PACKERS)
def test_a_store_cuts_a_compressed_file_as_any_other(suffix: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / f"a.jsonl{suffix}").write_bytes(PACKERS[suffix](lines(40)))
    build_store(tmp_path / "in", tmp_path / "store", tokenizer=None, text=None, part_bytes=4000)
    corpus = Corpus(tmp_path / "store")
    assert corpus.stores[0].shard_count > 1
    assert [i.uuid for i in corpus.instances()] == [f"u{n}" for n in range(40)]


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("damage", ["cut", "flipped", "no such data", "empty"])
def test_damage_is_counted_as_one_unreadable_file(suffix: str, damage: str, tmp_path: Path) -> None:
    whole = PACKERS[suffix](lines(200))
    data = {
        "cut": whole[: len(whole) // 2],
        "flipped": whole[:40] + bytes(b ^ 0x5A for b in whole[40:60]) + whole[60:],
        "no such data": b"plain text that nobody compressed",
        "empty": b"",
    }[damage]
    (tmp_path / f"a.jsonl{suffix}").write_bytes(data)
    (tmp_path / "b.jsonl").write_bytes(lines(1))
    ledger = Ledger()
    assert len(list(iter_instances(tmp_path, ledger=ledger))) == 1
    expected = {} if damage == "empty" else {ProblemKind.UNREADABLE: 1}
    assert ledger.problems == expected
    if expected:
        with pytest.raises(RecordError, match="damaged") as error:
            next(json_rows(tmp_path / f"a.jsonl{suffix}"))
        assert "\n" not in str(error.value)
        with pytest.raises(RecordError, match=r"cannot be opened .*damaged"):
            build_store(tmp_path, tmp_path / "out", tokenizer=None, text=None)


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_bomb_is_refused_before_it_is_unpacked(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacked_module, "_ALWAYS_ALLOWED", 1 << 20)
    bomb = tmp_path / f"a.jsonl{suffix}"
    bomb.write_bytes(PACKERS[suffix](bytes(8 << 20)))
    with pytest.raises(OSError, match="unpacks to more than"):
        open_unpacked(bomb)
    assert copies() == []


def copies() -> list[Path]:
    return [path for path in unpacked_cache().folder.rglob("copies/*") if path.is_file()]


def test_a_copy_is_kept_until_its_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(lines(1)))
    for _ in range(2):
        with open_unpacked(file) as handle:
            assert handle.read() == lines(1)
    (copy,) = copies()
    before = copy.stat().st_ino
    file.write_bytes(gzip.compress(lines(300)))
    with open_plain_file(file) as handle:
        assert handle.read() == lines(300)
    assert [path.stat().st_ino for path in copies()] != [before]
    assert len(copies()) == 1


def test_copies_take_no_more_room_than_files_of_servers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "remote_cache_bytes", 4 * len(lines(10)))
    for number in range(9):
        (file := tmp_path / f"{number}.jsonl.gz").write_bytes(gzip.compress(lines(10)))
        with open_unpacked(file) as handle:
            assert handle.read() == lines(10)
    assert 1 < len(copies()) <= 4
    (file := tmp_path / "large.jsonl.gz").write_bytes(gzip.compress(lines(50)))
    with pytest.raises(RemoteError, match=r"more than the cache .* raise it: AUDIOFLAN_REMOTE"):
        open_unpacked(file)


def test_a_file_and_its_compressed_copy_are_not_read_twice(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(1))
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines(1)))
    with pytest.raises(RecordError, match=r"a\.jsonl\.gz: a\.jsonl beside it .* move one away"):
        list(iter_instances(tmp_path))


def test_names_and_formats_do_not_depend_on_compression(tmp_path: Path) -> None:
    assert [plain_name(n) for n in ("a.jsonl.gz", "a.jsonl.zst", "a.jsonl", "a.gz.b")] == [
        "a.jsonl", "a.jsonl", "a.jsonl", "a.gz.b",
    ]  # fmt: skip
    rows = {
        "chat": {"messages": []}, "lhotse": {"supervisions": []},
        "jsonl": {"audio_filepath": "a.wav", "text": "x"}, "": {"instruction": "?", "input": ""},
    }  # fmt: skip
    for name, row in rows.items():
        for suffix, pack in PACKERS.items():
            (file := tmp_path / f"m{name}.jsonl{suffix}").write_bytes(
                pack(json.dumps(row).encode())
            )
            assert format_of(file) == name
