"""Codes are made once, survive damage, and work without a folder."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audioflan_tasks.errors import TokenizerError, TokenRangeError
from audioflan_tasks.tokens import CodeCache, get_tokenizer

WAVE, _ = soundfile.read(
    Path(__file__).parents[1] / "data" / "librivox_0870.flac", dtype="float32", stop=16000
)


def test_made_once_and_read_by_another(tmp_path: Path) -> None:
    tokenizer = get_tokenizer()
    first, second = CodeCache(tmp_path, tokenizer), CodeCache(tmp_path, tokenizer)
    made = first.codes("clip", lambda: [WAVE])
    assert np.array_equal(first.codes("clip", _never), made)
    assert np.array_equal(second.codes("clip", _never), made)
    assert (first.counts["made"], second.counts["read"]) == (1, 1)
    assert np.array_equal(made, tokenizer.encode(WAVE))
    assert not made.flags.writeable


def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    tokenizer = get_tokenizer()
    made = CodeCache(tmp_path, tokenizer).codes("clip", lambda: [WAVE])
    (file,) = tmp_path.rglob("*.npy")
    file.write_bytes(file.read_bytes()[:40])
    again = CodeCache(tmp_path, tokenizer)
    assert np.array_equal(again.codes("clip", lambda: [WAVE]), made)
    assert again.counts["damaged"] == 1


def test_no_room_on_disk_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    cache = CodeCache(blocked, get_tokenizer())
    with caplog.at_level(logging.WARNING):
        made = cache.codes("clip", lambda: [WAVE])
    assert "in memory only" in caplog.text
    assert np.array_equal(cache.codes("clip", _never), made)


def _never() -> list[np.ndarray]:
    raise AssertionError("the codes should be there")


class Misbehaving:
    """A tokenizer whose codes are what it is told, or that raises it."""

    name, fingerprint, sample_rate, frame_rate = "misbehaving", "m", 16_000, 50.0
    codebook_sizes = (64, 64)

    def __init__(self, codes: object) -> None:
        self.codes = codes

    def encode(self, waveform: np.ndarray) -> object:
        if isinstance(self.codes, Exception):
            raise self.codes
        return self.codes


@pytest.mark.parametrize(
    "codes",
    [
        np.array([[65536 + 3, 1]]), np.array([[-1, 1]]), np.array([[3.7, 1.0]]),
        np.array([[np.nan, 1.0]]), np.array([[np.inf, 1.0]]), np.array([[64, 0]]),
        np.array([1, 2]), np.array([[1, 2, 3]]), np.array([[True, False]]), [["a", "b"]], None,
        np.zeros((0, 2), np.uint16),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_stream", [False, True])
def test_what_are_no_codes_is_refused_and_not_kept(
    codes: object, is_stream: bool, tmp_path: Path
) -> None:
    tokenizer = Misbehaving(codes)
    if is_stream:
        if codes is None:
            return
        tokenizer.encode_stream = lambda blocks: [tokenizer.codes for _ in blocks]  # type: ignore[attr-defined]
    cache = CodeCache(tmp_path, tokenizer)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(
            TokenRangeError, match="tokenizer 'misbehaving' gives what are no codes"
        ):
            cache.codes("clip", lambda: [WAVE])
    assert not list(tmp_path.rglob("*.npy"))
    tokenizer.codes = np.array([[1, 2]])
    assert cache.codes("clip", lambda: [WAVE]).tolist() == [[1, 2]]


@pytest.mark.parametrize("error", [StopIteration(), KeyError("x"), RuntimeError("two\nlines")])
def test_what_a_tokenizer_raises_is_named(error: Exception, tmp_path: Path) -> None:
    cache = CodeCache(tmp_path, Misbehaving(error))  # type: ignore[arg-type]
    # StopIteration would end the stream that asks for codes.
    with pytest.raises(
        TokenizerError,
        match=f"'misbehaving' cannot encode .* 16000 samples: {type(error).__name__}",
    ) as caught:
        cache.codes("clip", lambda: [WAVE])
    assert "\n" not in str(caught.value)


def test_kept_codes_of_a_larger_codebook_are_made_again(tmp_path: Path) -> None:
    tokenizer = Misbehaving(np.array([[63, 2]]))
    CodeCache(tmp_path, tokenizer).codes("clip", lambda: [WAVE])  # type: ignore[arg-type]
    tokenizer.codebook_sizes, tokenizer.codes = (8, 8), np.array([[7, 2]])
    cache = CodeCache(tmp_path, tokenizer)  # type: ignore[arg-type]
    assert cache.codes("clip", lambda: [WAVE]).tolist() == [[7, 2]]
    assert cache.counts["damaged"] == 1


def test_no_temporary_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*unused: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    tokenizer = get_tokenizer()
    monkeypatch.setattr(np, "save", full)
    CodeCache(tmp_path, tokenizer).codes("clip", lambda: [WAVE])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    tokenizer = get_tokenizer()
    CodeCache(tmp_path, tokenizer).codes("clip", lambda: [WAVE])
    (folder,) = tmp_path.rglob("temporary")
    (folder / "half").write_bytes(b"half a file")
    cache = CodeCache(tmp_path, tokenizer)
    assert not list(folder.iterdir()) and cache.codes("clip", _never).size
