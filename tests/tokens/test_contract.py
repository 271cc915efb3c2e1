"""The contract of tokenizers: kept by ours, and each rule broken once by a bad one.

Of the extras, `codec2` is tested where pycodec2 is installed.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from audioflan_tasks.errors import MissingExtraError, TokenizerError
from audioflan_tasks.tokens import get_tokenizer, registry, vocabulary
from audioflan_tasks.tokens.codec2 import MODES
from audioflan_tasks.tokens.contract import RULES, SOUND_RULES, Rule, check_tokenizer
from audioflan_tasks.tokens.layout import from_sequence, to_sequence

SPEECH, _ = soundfile.read(
    Path(__file__).parents[1] / "data" / "librivox_0870.flac", dtype="float32"
)
Wave = NDArray[np.float32]

EACH_RULE = pytest.mark.parametrize("rule", [*RULES, *SOUND_RULES], ids=lambda r: r.__name__)


@EACH_RULE
@pytest.mark.parametrize(
    "codebooks",
    [
        8,
        pytest.param(12, marks=pytest.mark.slow),
        *(pytest.param(count, marks=pytest.mark.full) for count in (4, 6)),
    ],
)
def test_convrvq_keeps(rule: Rule, codebooks: int) -> None:
    rule(get_tokenizer("convrvq_16k", codebooks=codebooks))


@pytest.mark.parametrize("layout", ["flatten", "first", "delay"])
@pytest.mark.parametrize("codebooks", [4, 6, 8, 12])
def test_codes_pass_every_layout(layout: Any, codebooks: int) -> None:
    codes = get_tokenizer("convrvq_16k", codebooks=codebooks).encode(SPEECH[:16000])
    back = from_sequence(to_sequence(codes, layout), layout)
    assert np.array_equal(back, codes[:, :1] if layout == "first" else codes)


@pytest.mark.slow
@pytest.mark.parametrize("codebooks", [4, 6, 8, 12])
@pytest.mark.parametrize("gain", [1.0, 0.1])
def test_speech_comes_back_at_its_level(codebooks: int, gain: float) -> None:
    codec = get_tokenizer("convrvq_16k", codebooks=codebooks)
    given = SPEECH[:48000] * np.float32(gain)
    back = codec.decode(codec.encode(given))
    change = 10 * np.log10(np.mean(back**2) / np.mean(given**2))
    assert abs(change) < 2


class TestCodec2:
    @pytest.fixture(autouse=True)
    def _extra(self) -> None:
        pytest.importorskip("pycodec2", reason="the extra codec2 is not installed")

    @EACH_RULE
    @pytest.mark.parametrize("mode", MODES)
    def test_keeps(self, rule: Rule, mode: int) -> None:
        rule(get_tokenizer("codec2", mode=mode))

    @pytest.mark.parametrize("mode", MODES)
    def test_bits_are_those_of_the_library(self, mode: int) -> None:
        import pycodec2
        import soxr

        wave = soxr.resample(SPEECH, 16000, 8000)
        codec, peer = get_tokenizer("codec2", mode=mode), pycodec2.Codec2(mode)
        size = peer.samples_per_frame()
        assert codec.frame_rate == 8000 / size
        bits = sum(int(np.log2(books)) for books in codec.codebook_sizes)
        assert bits == peer.bits_per_frame()
        whole = wave[: len(wave) // size * size]
        samples = np.round(np.clip(whole, -1, 1) * 32767).astype(np.int16)
        wanted = b"".join(peer.encode(frame) for frame in samples.reshape(-1, size))
        codes = codec.encode(whole)
        rest = -bits % 8
        packed = codes.astype(np.uint8)
        packed[:, -1] <<= rest
        assert packed.tobytes() == wanted

    @pytest.mark.slow
    @pytest.mark.parametrize(("mode", "least"), [(3200, 0.75), (1300, 0.65)])
    def test_speech_is_intelligible(self, mode: int, least: float) -> None:
        import soxr
        from pystoi import stoi

        wave = soxr.resample(SPEECH, 16000, 8000)
        codec = get_tokenizer("codec2", mode=mode)
        back = codec.decode(codec.encode(wave))[: len(wave)]
        # The codec is late by a part of a frame: the best of some shifts counts.
        shifts = range(0, 400, 20)
        assert max(stoi(wave[: len(wave) - s], back[s:], 8000) for s in shifts) > least

    @pytest.mark.parametrize("mode", [3200, 1300])
    @pytest.mark.parametrize("layout", ["flatten", "first", "delay"])
    def test_its_codes_have_ids(self, layout: Any, mode: int) -> None:
        words = vocabulary("codec2", layout=layout, mode=mode)
        codes = get_tokenizer("codec2", mode=mode).encode(SPEECH[:8000])
        (segment,) = words.decode_segments(words.audio_block(codes))
        assert not segment.problem
        assert np.array_equal(segment.codes, codes[:, :1] if layout == "first" else codes)

    def test_an_unknown_mode_is_told(self) -> None:
        with pytest.raises(TokenizerError, match="no mode 1000; expected one of 3200, 2400"):
            get_tokenizer("codec2", mode=1000)


def test_codec2_without_its_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycodec2", None)
    registry._cached_tokenizer.cache_clear()
    with pytest.raises(MissingExtraError, match=r"pip install 'audioflan_tasks\[codec2\]'"):
        get_tokenizer("codec2")


@dataclasses.dataclass
class Plain:
    """8-bit samples at 8 kHz, one to a frame, with a way to be wrong."""

    name: Any = "plain"
    fingerprint: str = "plain-1"
    sample_rate: Any = 8000
    frame_rate: float = 8000.0
    codebook_sizes: tuple[int, ...] = (256,)
    made: Callable[[Any], Any] = lambda codes: codes
    heard: Callable[[Wave], Any] = lambda wave: wave
    careful: bool = True

    def encode(self, waveform: Wave) -> Any:
        wave = np.asarray(waveform)
        if self.careful and (
            wave.ndim != 1 or wave.dtype.kind != "f" or not np.isfinite(wave).all()
        ):
            raise TokenizerError("bad samples")
        codes = np.round((np.clip(wave, -1, 1) + 1) * 127).astype(np.int64).reshape(-1, 1)
        return self.made(codes)

    def decode(self, codes: Any) -> Any:
        table = np.asarray(codes)
        if self.careful and (
            table.ndim != 2 or table.shape[1] != 1 or table.dtype.kind not in "iu"
            or table.min(initial=0) < 0 or table.max(initial=0) > 255
        ):  # fmt: skip
            raise TokenizerError("bad codes")
        return self.heard((table[:, 0] / 127 - 1).astype(np.float32))


def _drifting() -> Callable[[Any], Any]:
    calls = iter(range(1000))
    return lambda codes: (codes + next(calls)) % 256


def _rising() -> Callable[[Wave], Wave]:
    calls = iter(range(1000))
    return lambda wave: wave + np.float32(next(calls))


class Streaming(Plain):
    def encode_stream(self, pieces: Any) -> Any:
        yield from (self.encode(piece) // 2 * 2 for piece in pieces)


WRONG: dict[str, tuple[Plain, str]] = {
    "no name": (Plain(name=""), "describes_itself: name '' is no text"),
    "rate of the wrong type": (Plain(sample_rate=8000.5), "sample_rate 8000.5"),
    "sizes": (Plain(codebook_sizes=(1 << 17,)), "whole numbers from 2 to 65536"),
    "codes too large": (Plain(made=lambda codes: codes + 200), "codes from 2"),
    "codes flat": (Plain(made=lambda codes: codes[:, 0]), r"expected \[frames, 1\]"),
    "codes no integers": (Plain(made=lambda codes: codes * 1.0), "codes of type float64"),
    "another rate": (Plain(frame_rate=4000.0), "is the audio of another sample rate"),
    "drifting": (Plain(made=_drifting()), "codes_are_deterministic: the same samples"),
    "decoding drifts": (Plain(heard=_rising()), "decoding_is_deterministic: the same codes"),
    "decoded too short": (Plain(heard=lambda wave: wave[:-9]), "samples come back as"),
    "decoded as double": (Plain(heard=lambda wave: wave * np.float64(1)), "float64"),
    "takes anything": (Plain(careful=False), "NaN: RuntimeWarning instead of an AudioFlanError"),
    "hums": (Plain(heard=lambda w: w + np.float32(0.1)), "silence comes back with a peak"),
    "streams apart": (Streaming(), "streams_equal_the_whole: codes differ"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_broken_rule_is_found_and_named(what: str) -> None:
    tokenizer, words = WRONG[what]
    with pytest.raises(TokenizerError, match=words):
        check_tokenizer(tokenizer)


def test_a_right_one_passes_and_crashes_are_findings() -> None:
    check_tokenizer(Plain())
    with pytest.raises(TokenizerError, match="breaks 8 rules") as caught:
        check_tokenizer(Plain(made=lambda codes: codes["x"]))
    assert "codes_are_deterministic: IndexError" in str(caught.value)
