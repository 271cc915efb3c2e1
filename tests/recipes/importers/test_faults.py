"""Labels with faults: each import ends in one line, or has each clip written or counted."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import shutil
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks.errors import AudioFlanError, RecordError, SettingsError
from audioflan_tasks.recipes import foreign_corpus
from audioflan_tasks.recipes.corpus_writer import CorpusCounts
from tests.audio_faults import mutated
from tests.kinds import first_of
from tests.recipes.importers.test_formats import CHATS, CLIPS, WRITERS, copied

Mutation = Callable[[random.Random, bytes], bytes]


def as_chat(root: Path) -> None:
    copied(root)
    lines = [json.dumps(CHATS[form] | {"audios": [clip.name]}) for form, clip in zip(
        [*CHATS] * 3, CLIPS, strict=True)]  # fmt: skip
    (root / "chat.jsonl").write_text("\n".join(lines))


FORMATS = {**WRITERS, "chat": ("chat", as_chat)}


def _replace(draw: random.Random, data: bytes, new: bytes) -> bytes:
    """A word of the text replaced by another."""
    words = [n for n, byte in enumerate(data) if byte in b' ,\t":']
    begin = draw.choice(words) + 1 if words else 0
    return data[:begin] + new + data[begin + draw.randrange(8) :]


_WORDS = (
    b"\0", b"\xff", b"x" * 200_000, b"x" * 1_000_000, b"../" * 3 + b"etc/passwd", b"/dev/zero",
    b"\\ud800", "\u2028".encode(), b'"', b"\r", b"\n", b"1" * 5000, b"1e999", b"-1", b"NaN",
    b"null", b"[" * 2000, b"{}", b"[]", b"..", b".", b"/", b"|", b"a.ark:3", b"pipe.wav", b"\xc3",
)  # fmt: skip


def _encoded(encoding: str) -> Mutation:
    return lambda draw, data: data.decode("utf-8", "replace").encode(encoding, "replace")


TEXT_MUTATIONS: tuple[Mutation, ...] = (
    *((lambda draw, data, word=word: _replace(draw, data, word)) for word in _WORDS),
    *map(_encoded, ("utf-8-sig", "utf-16", "utf-16-be", "latin-1", "ascii")),
    lambda draw, data: data.replace(b"\n", draw.choice([b"\r\n", b"\r", b"\n\n"])),
    lambda draw, data: data + data,
    lambda draw, data: b"\n".join(draw.sample(lines := data.split(b"\n"), len(lines))),
)


def faulty(draw: random.Random, path: Path, number: int) -> None:
    """Puts one fault into a file, or something else in its place."""
    kinds = len(TEXT_MUTATIONS)
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    kind = number % (kinds + 16)
    if kind < kinds:
        text = TEXT_MUTATIONS[kind](draw, text)
    elif kind < kinds + 12:
        if draw.random() < 0.5:
            path.write_bytes(mutated(draw, data, number))
            return
        text = mutated(draw, text, number)
    else:
        path.unlink()
        (lambda: None, lambda: os.mkfifo(path), path.mkdir, lambda: path.symlink_to(path.name))[
            kind - kinds - 12
        ]()
        return
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


def imported(name: str, root: Path, out: Path) -> CorpusCounts:
    task = ["automatic_speech_recognition"]
    source = foreign_corpus(name, root, defaults={"language": "English"})
    counts = source.write(out, task)
    seen_count = counts.clips + counts.skip_count + counts.unused
    assert seen_count == len(list(source.recordings()))
    return counts


def labels_in(root: Path) -> list[Path]:
    names = {clip.name for clip in CLIPS}
    return sorted(p for p in root.rglob("*") if p.is_file() and p.name not in names)


@pytest.mark.slow
@pytest.mark.parametrize("count", first_of(12, 250))
@pytest.mark.parametrize("form", FORMATS)
def test_each_clip_is_written_or_counted(form: str, count: int, tmp_path: Path) -> None:
    name, write = FORMATS[form]
    (whole := tmp_path / "whole").mkdir()
    write(whole)
    draw, ends = random.Random(f"{form} {count}"), Counter[str]()
    for number in range(count):
        root, out = tmp_path / "in", tmp_path / "out"
        shutil.copytree(whole, root)
        os.mkfifo(root / "pipe.wav")
        path = draw.choice(labels_in(root))
        # A few of all kinds in a short run.
        faulty(draw, path, number if count > 100 else draw.randrange(10_000))
        try:
            counts = imported(name, root, out)
        except AudioFlanError as error:
            ends["refused"] += 1
            assert "\n" not in str(error) and len(str(error)) < 3000
        else:
            ends["read"] += 1
            assert counts.clips
        assert not [p for p in out.rglob("*") if p.name.startswith(".")]
        shutil.rmtree(root)
        shutil.rmtree(out, ignore_errors=True)
    assert ends.total() == count


def tar_of(path: Path, *members: tuple[str, bytes, bytes]) -> None:
    """An archive of members: name, type and content."""
    with tarfile.open(path, "w") as tar:
        for name, kind, content in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            if kind == tarfile.REGTYPE:
                member.size = len(content)
            else:
                member.linkname = content.decode()
            tar.addfile(member, io.BytesIO(content))


def test_members_of_archives_stay_below_the_folder(tmp_path: Path) -> None:
    (root := tmp_path / "in").mkdir()
    audio, suffix = CLIPS[0].read_bytes(), CLIPS[0].suffix
    tar_of(
        root / "a.tar",
        (f"../../up{suffix}", tarfile.REGTYPE, audio), ("../../up.txt", tarfile.REGTYPE, b"up"),
        (f"/abs{suffix}", tarfile.REGTYPE, audio), ("/abs.txt", tarfile.REGTYPE, b"abs"),
        (f"link{suffix}", tarfile.SYMTYPE, b"/etc/passwd"), ("link.txt", tarfile.REGTYPE, b"l"),
        (f"hard{suffix}", tarfile.LNKTYPE, b"link.txt"), ("hard.txt", tarfile.REGTYPE, b"h"),
        ("none.txt", tarfile.REGTYPE, b"words without audio"),
    )  # fmt: skip
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    counts = foreign_corpus("webdataset", root, defaults={"language": "English"}).write(
        tmp_path / "out", ["automatic_speech_recognition"]
    )
    assert (counts.clips, counts.skip_count) == (2, 3)
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert all(path.is_relative_to(tmp_path / "out") for path in new)
    (skipped,) = (tmp_path / "out").glob("skipped_*.tsv")
    assert all(name in skipped.read_text() for name in ("link", "hard", "none"))


def test_columns_of_later_rows_are_read(tmp_path: Path) -> None:
    names = [clip.name for clip in copied(tmp_path)]
    rows: list[dict[str, Any]] = [{"file": name} for name in names]
    rows[3]["text"], rows[4]["words"] = "three", "not the text: it has a column"
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    recordings = foreign_corpus("jsonl", tmp_path / "t.jsonl").recordings()
    assert [recording.text for recording in recordings] == ["", "", "", "three", "", ""]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("t.csv", b"file,text,text\na.wav,x,y\n", r"t\.csv:1: two columns named 'text'"),
        ("t.csv", b"file,text\na.wav,\xff\n", r"t\.csv:2: not UTF-8"),
        ("t.csv", b"file,text\na.wav,y\n\xc3,z\n", r"t\.csv:3: not UTF-8"),
        ("t.csv", b"file,text\na.wav," + b"x" * 200_000, r"t\.csv:\d: no row of a table \(field"),
        ("t.jsonl", b'{"file": "a.wav"}\n\n[' + b"[" * 100_000, r"t\.jsonl:3: no JSON"),
        ("t.jsonl", b'{"file": "a.wav", "text": "\\ud800"}', r"t\.jsonl:1: half of a surrogate"),
        ("t.jsonl.gz", gzip.compress(b"{}" * 99, mtime=0)[:-9], r"t\.jsonl\.gz: cannot be read"),
    ],
)  # fmt: skip
def test_the_line_is_named(name: str, data: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    format_name = "csv" if name.endswith(".csv") else "jsonl"
    with pytest.raises(RecordError, match=words):
        list(foreign_corpus(format_name, tmp_path / name).recordings())


def test_an_id_that_no_file_can_have(tmp_path: Path) -> None:
    names = [clip.name for clip in copied(tmp_path)]
    ids = ["x" * 1000, "y" * 1000, "..", "///", "é" * 150, "a\0b"]
    rows = [{"file": f, "text": "t", "id": i} for f, i in zip(names, ids, strict=True)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    counts = foreign_corpus("jsonl", tmp_path / "t.jsonl").write(
        tmp_path / "out", ["automatic_speech_recognition"]
    )
    assert (counts.clips, counts.skip_count) == (6, 0)


def test_a_column_of_a_million_letters_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(json.dumps({"x" * 1_000_000: 1, "y\nz": 2}))
    with pytest.raises(SettingsError, match=r"there are x{60}, y z \(--column audio") as caught:
        list(foreign_corpus("jsonl", tmp_path / "t.jsonl").recordings())
    assert len(str(caught.value)) < 200


def test_separators_of_unicode_are_text(tmp_path: Path) -> None:
    (name, *_) = [clip.name for clip in copied(tmp_path)]
    row = json.dumps({"file": name, "text": "a\u2028b\x85c"}, ensure_ascii=False)
    for suffix in (".json", ".jsonl"):
        (tmp_path / f"t{suffix}").write_text(f"{row}\n{row}\n", "utf-8")
        recordings = foreign_corpus("jsonl", tmp_path / f"t{suffix}").recordings()
        assert [recording.text for recording in recordings] == ["a\u2028b\x85c"] * 2
