"""Codes are made once, survive damage, and work without a folder."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audioflan_tasks.tokens import CodeCache, get_tokenizer

WAVE, _ = soundfile.read(
    Path(__file__).parents[1] / "data" / "librivox_0870.flac", dtype="float32", stop=16000
)


def test_made_once_and_read_by_another(tmp_path: Path) -> None:
    tokenizer = get_tokenizer()
    first, second = CodeCache(tmp_path, tokenizer), CodeCache(tmp_path, tokenizer)
    made = first.codes("clip", lambda: WAVE)
    assert np.array_equal(first.codes("clip", _never), made)
    assert np.array_equal(second.codes("clip", _never), made)
    assert (first.counts["made"], second.counts["read"]) == (1, 1)
    assert np.array_equal(made, tokenizer.encode(WAVE))
    assert not made.flags.writeable


def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    tokenizer = get_tokenizer()
    made = CodeCache(tmp_path, tokenizer).codes("clip", lambda: WAVE)
    (file,) = tmp_path.rglob("*.npy")
    file.write_bytes(file.read_bytes()[:40])
    again = CodeCache(tmp_path, tokenizer)
    assert np.array_equal(again.codes("clip", lambda: WAVE), made)
    assert again.counts["damaged"] == 1


def test_no_room_on_disk_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    cache = CodeCache(blocked, get_tokenizer())
    with caplog.at_level(logging.WARNING):
        made = cache.codes("clip", lambda: WAVE)
    assert "in memory only" in caplog.text
    assert np.array_equal(cache.codes("clip", _never), made)


def _never() -> np.ndarray:
    raise AssertionError("the codes should be there")
