"""Recordings of an hour, and segments of them."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audioflan_tasks.audio.load import load, load_blocks
from audioflan_tasks.audio.resolve import AUDIO_SUFFIXES
from audioflan_tasks.demo import demo_root
from audioflan_tasks.store import Store, build_store
from audioflan_tasks.tokens import get_tokenizer
from tests.store.tokenizers import MuLaw

pytestmark = pytest.mark.slow

RATE = 22_050


def write_music(root: Path, seconds: int) -> Path:
    """Real music, one clip after the other, at 22.05 kHz, as long.flac in this folder."""
    root.mkdir(exist_ok=True)
    files = sorted((demo_root() / "audio_files" / "music").rglob("*"))
    waves = [load(clip, RATE) for clip in files if clip.suffix in AUDIO_SUFFIXES][:40]
    with soundfile.SoundFile(root / "long.flac", "w", RATE, 1, format="FLAC") as file:
        written, number = 0, 0
        while written < seconds * RATE:
            wave = waves[number % len(waves)][: seconds * RATE - written]
            file.write(wave)
            written, number = written + len(wave), number + 1
    return root


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a recording of twelve minutes."""
    return write_music(tmp_path_factory.mktemp("recording"), 720)


def record(path: str, **segment: float) -> dict[str, Any]:
    return {
        "instruction": "Describe it.", "input": "<|SOA|><AUDIO><|EOA|>", "output": "Music.",
        "split": ["train"], "audio_path": [path], **segment, "domain": "music",
        "task_type": {"major": ["Music Caption"], "minor": ["Music Caption"],
                      "U/G": ["understanding"], "unseen": False},
        "uuid": f"{path}{segment}",
    }  # fmt: skip


def test_blocks_joined_are_the_whole(recording: Path) -> None:
    file = recording / "long.flac"
    for rate in (RATE, 16_000, 48_000):
        whole = load(file, rate, 100.25, 190.5)
        blocks = list(load_blocks(file, rate, 100.25, 190.5, block_s=7.3))
        assert len(blocks) > 10
        assert np.array_equal(np.concatenate(blocks), whole)


def test_segments_are_cut_out_of_the_file(recording: Path, tmp_path: Path) -> None:
    segments = [(0.0, 4.0), (400.0, 403.5), (717.0, -1)]
    rows = [record("long.flac", audio_start=a, audio_end=b) for a, b in segments]
    (recording / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    build_store(recording, tmp_path / "store", text=None)
    store, tokenizer = Store(tmp_path / "store"), get_tokenizer()
    for row, (start, end) in enumerate(segments):
        wave = load(recording / "long.flac", 16_000, start, None if end < 0 else end)
        assert np.array_equal(store.codes("music_caption", "train", row)[0], tokenizer.encode(wave))
    assert store.lengths("music_caption", "train")["seconds_in"].tolist() == [4.0, 3.5, 3.0]


@pytest.mark.full
def test_an_hour_streams_with_the_codes_of_the_whole_in_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = []

    def stream(self: MuLaw, waves: Any) -> Any:
        rest = np.zeros(0, np.float32)
        for wave in waves:
            pieces.append(len(wave))
            rest = np.concatenate([rest, wave])
            whole = len(rest) // 80 * 80
            yield MuLaw.encode(self, rest[:whole])
            rest = rest[whole:]
        yield MuLaw.encode(self, rest)

    monkeypatch.setattr(MuLaw, "encode_stream", stream, raising=False)
    recording = write_music(tmp_path / "hour", 3600)
    (recording / "rows.jsonl").write_text(json.dumps(record("long.flac")) + "\n")
    tracemalloc.start()
    build_store(recording, tmp_path / "store", tokenizer="mulaw", text=None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    codes = Store(tmp_path / "store").codes("music_caption", "train", 0)[0]
    assert len(pieces) > 50 and codes.shape == (360_000, 80)
    whole = MuLaw().encode(np.concatenate(list(load_blocks(recording / "long.flac", 8000))))
    assert np.array_equal(codes, whole)
    # The codes of this tokenizer are 58 MB, and are joined once; the samples, 115 MB and 318 MB
    # before they are resampled, are never there together.
    assert peak < 2 * 58e6 + 10e6


def test_the_built_in_tokenizer_streams_with_identical_codes(
    recording: Path, tmp_path: Path
) -> None:
    rows = [record("long.flac", audio_start=300.0, audio_end=390.0)]
    (recording / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    build_store(recording, tmp_path / "store", text=None)
    codes = Store(tmp_path / "store").codes("music_caption", "train", 0)[0]
    assert codes.shape == (4500, 8)
    whole = get_tokenizer().encode(load(recording / "long.flac", 16_000, 300.0, 390.0))
    assert np.array_equal(codes, whole)
