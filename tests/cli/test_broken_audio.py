"""Commands over broken audio: each file is used, or counted by name; nothing is half there."""

from __future__ import annotations

import io
import json
import os
import random
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audioflan_tasks.audio.load import load
from tests.audio_faults import faulty_files, mutated, whole_files
from tests.cli.conftest import End, Run
from tests.kinds import first_of
from tests.record_faults import good_lines, write_corpus

_NO_FILES = ("pipe.wav", "device.wav", "gone.wav", "loop.wav")


def write_files(folder: Path, count: int) -> list[str]:
    """A folder with broken files, good ones, and what is no file; names of all."""
    folder.mkdir(parents=True)
    for name, data in faulty_files(count, seed=count):
        (folder / name).write_bytes(data)
    (folder / "good.wav").write_bytes(whole_files()["WAV_PCM_16.wav"])
    os.mkfifo(folder / "pipe.wav")
    (folder / "device.wav").symlink_to("/dev/zero")
    (folder / "gone.wav").symlink_to("nowhere")
    (folder / "loop.wav").symlink_to("loop.wav")
    names = sorted(path.name for path in folder.iterdir())
    (folder / "folder.wav").mkdir()
    return names


def assert_whole(out: Path) -> None:
    """No file has a temporary name, and all audio can be read to its end."""
    files = [path for path in out.rglob("*") if path.is_file()]
    assert not [f for f in files if f.name.startswith(".") or f.suffix in (".part", ".tmp")]
    for path in files:
        if "audio_files" in path.parts and path.suffix == ".flac":
            assert load(path, soundfile.info(path).samplerate).size


def lines_of(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text("utf-8").splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("preset", first_of("add_coloured_noise", "clip"))
@pytest.mark.parametrize("count", first_of(60, 1000))
def test_simulate(run: Run, tmp_path: Path, preset: str, count: int) -> None:
    names = write_files(tmp_path / "in", count)
    # Given one by one: of a folder only files with usual suffixes are audio.
    files = [tmp_path / "in" / name for name in names]
    printed = run("simulate", preset, *files, "--out", tmp_path / "out")
    (home,) = (tmp_path / "out" / "simulated" / "runs").iterdir()
    skipped = {name: reason for _, name, reason in lines_of(home / "skipped.tsv")}
    records = [
        json.loads(line)
        for file in (tmp_path / "out" / "metadata").rglob("*.jsonl")
        for line in file.read_text("utf-8").splitlines()
    ]
    used = {record["other"]["simulated"]["sounds"][0] for record in records}
    assert sorted([*skipped, *used]) == names and "good.wav" in used
    assert set(_NO_FILES) <= skipped.keys() and f"skipped {len(skipped)}" in printed
    assert count // 4 < len(skipped) < len(names)
    assert_whole(tmp_path / "out")


def test_names_that_are_not_utf8(run: Run, tmp_path: Path) -> None:
    (folder := tmp_path / "in").mkdir()
    good = whole_files()["WAV_PCM_16.wav"]
    for name, data in ((b"good\xff.wav", good), (b"bad\xff\n\t.wav", b"RIFF")):
        (folder / os.fsdecode(name)).write_bytes(data)
    printed = run("simulate", "add_coloured_noise", folder, "--out", tmp_path / "out")
    assert "skipped 1" in printed and "bad\\xff" in printed
    assert_whole(tmp_path / "out")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["copy", "flac"])
@pytest.mark.parametrize("count", first_of(60, 1000))
def test_import(run: Run, tmp_path: Path, mode: str, count: int) -> None:
    names = write_files(tmp_path / "in", count)
    rows = ["file,text", *(f"{name},words {n}" for n, name in enumerate(names))]
    (tmp_path / "in" / "table.csv").write_text("\n".join(rows))
    out = tmp_path / "out"
    printed = run(
        "import", "csv", tmp_path / "in", "--out", out, "--audio", mode,
        "--tasks", "automatic_speech_recognition",
    )  # fmt: skip
    (skip_list,), (audio_list,) = out.glob("skipped_*.tsv"), out.rglob("*.scp")
    skipped, clips = lines_of(skip_list), lines_of(audio_list)
    assert len(skipped) + len(clips) == len(names) and len(skipped) > count // 4
    assert f"skipped {len(skipped)} clips" in printed and f"{len(clips)} clips" in printed
    named = " ".join(reason for _, reason in skipped)
    assert all(name in named for name in _NO_FILES)
    assert_whole(out)


@pytest.mark.slow
def test_recipe(run: Run, tmp_path: Path) -> None:
    from tests.recipes.corpora.trees import TREES

    skipping = set[str]()
    for name, write in TREES.items():
        write(tmp_path / name)
        paths = sorted((tmp_path / name).rglob("*"))
        files = [path for path in paths if path.suffix in (".wav", ".flac", ".mp3")]
        for file in files[1::2]:
            start = file.read_bytes()[:50]
            # It may be a link to what others are links to.
            file.unlink()
            file.write_bytes(start)
        out = tmp_path / "out" / name
        printed = run("recipe", name, tmp_path / name, "--out", out)
        assert_whole(out)
        if "skipped" in printed:
            skipping.add(name)
    # Trees of one clip, and those in which the task's clips are none of the damaged, skip none.
    assert len(skipping) > len(TREES) // 2


@pytest.mark.slow
@pytest.mark.parametrize("count", first_of(40, 400))
def test_questions(run: Run, tmp_path: Path, count: int) -> None:
    lines = [line.replace(b'"train"', b'"test"') for line in good_lines(24)]
    root = write_corpus(tmp_path / "corpus", lines)
    broken = [data for _, data in faulty_files(count, seed=count)]
    for number, data in enumerate(broken):
        (root / "clip_0.wav").write_bytes(data)
        out = tmp_path / str(number) / "questions.jsonl"
        printed = run("questions", "gender_recognition", "--root", root, "--out", out)
        assert f"wrote {out}" in printed
        keys = [json.loads(line)["key"] for line in out.read_text("utf-8").splitlines()]
        assert len(keys) == len(set(keys)) and not list(out.parent.rglob(".*"))


@pytest.mark.slow
@pytest.mark.parametrize("count", first_of(60, 2000))
def test_decode(end: End, tmp_path: Path, count: int) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.arange(40, dtype=np.int32).reshape(2, 20))
    draw = random.Random(count)
    statuses = set()
    for number in range(count):
        path, out = tmp_path / f"{number}.npy", tmp_path / str(number)
        path.write_bytes(mutated(draw, buffer.getvalue(), number))
        status, _, errors = end("decode", path, "--out", out)
        statuses.add(status)
        assert status == 0 or (errors.count("\n") == 1 and not out.exists()), errors
    assert statuses == {0, 2}
