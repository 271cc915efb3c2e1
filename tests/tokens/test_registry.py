"""The registry, and the contract that every tokenizer must keep, a user's own included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from audioflan_tasks.errors import AudioFlanError, TokenizerError, UnknownNameError
from audioflan_tasks.tokens import get_tokenizer, registry
from audioflan_tasks.tokens.protocol import AudioTokenizer


class MuLaw:
    """A user's own: 8-bit mu-law samples at 8 kHz, eight to a frame."""

    name, fingerprint = "mu_law_8k", "mu_law_8k-v1"
    sample_rate, frame_rate = 8000, 1000.0
    codebook_sizes = (256,) * 8

    def __init__(self, gain: float = 1.0) -> None:
        self._gain = gain

    def encode(self, waveform: NDArray[np.float32]) -> NDArray[np.integer[Any]]:
        x = np.asarray(waveform, np.float32)
        if x.ndim != 1 or not np.isfinite(x).all():
            raise TokenizerError(f"expected finite mono samples, got {x.shape}")
        x = np.clip(np.pad(x, (0, -len(x) % 8)) * self._gain, -1, 1)
        y = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)
        return np.round((y + 1) * 127.5).astype(np.int64).reshape(-1, 8)

    def decode(self, codes: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        if np.min(codes, initial=0) < 0 or np.max(codes, initial=0) > 255:
            raise TokenizerError("codes must be 0 to 255")
        y = np.asarray(codes, np.float32).ravel() / 127.5 - 1
        return np.asarray(np.sign(y) * np.expm1(np.abs(y) * np.log(256)) / 255, np.float32)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(registry, "_added", {})
    registry._made.cache_clear()
    registry.register_tokenizer("mu_law_8k", MuLaw)
    return "mu_law_8k"


@pytest.fixture(params=["convrvq_16k", "mu_law_8k"])
def tokenizer(request: pytest.FixtureRequest, own: str) -> AudioTokenizer:
    return get_tokenizer(request.param)


def tone(tokenizer: AudioTokenizer, seconds: float) -> NDArray[np.float32]:
    t = np.arange(round(seconds * tokenizer.sample_rate)) / tokenizer.sample_rate
    return np.asarray(0.4 * np.sin(2 * np.pi * 440 * t), np.float32)


def test_contract_shapes_ranges_and_determinism(tokenizer: AudioTokenizer) -> None:
    audio = tone(tokenizer, 1.37)
    codes = tokenizer.encode(audio)
    assert codes.ndim == 2
    assert codes.shape[1] == len(tokenizer.codebook_sizes)
    assert np.issubdtype(codes.dtype, np.integer)
    assert codes.min() >= 0
    assert (codes.max(axis=0) < np.array(tokenizer.codebook_sizes)).all()
    assert np.array_equal(codes, tokenizer.encode(audio.copy()))
    assert abs(len(codes) / tokenizer.frame_rate - 1.37) <= 2 / tokenizer.frame_rate


def test_contract_round_trip(tokenizer: AudioTokenizer) -> None:
    audio = tone(tokenizer, 1.0)
    back = tokenizer.decode(tokenizer.encode(audio))
    assert back.dtype == np.float32
    assert back.ndim == 1
    frame = tokenizer.sample_rate / tokenizer.frame_rate
    assert 0 <= len(back) - len(audio) < 2 * frame
    strongest = np.abs(np.fft.rfft(back[: tokenizer.sample_rate])).argmax()
    assert strongest == pytest.approx(440, abs=3)


@pytest.mark.parametrize("samples", [0, 1])
def test_contract_nothing_and_one_sample(tokenizer: AudioTokenizer, samples: int) -> None:
    codes = tokenizer.encode(np.full(samples, 0.1, np.float32))
    assert codes.shape == (min(samples, 1), len(tokenizer.codebook_sizes))
    assert np.isfinite(tokenizer.decode(codes)).all()


def test_contract_bad_input(tokenizer: AudioTokenizer) -> None:
    with pytest.raises(AudioFlanError):
        tokenizer.encode(np.array([0.0, np.nan], np.float32))
    with pytest.raises(AudioFlanError):
        tokenizer.encode(np.zeros((2, 100), np.float32))
    with pytest.raises(AudioFlanError):
        tokenizer.decode(np.full((1, len(tokenizer.codebook_sizes)), 1 << 20))


def test_equal_options_give_the_same_object(own: str) -> None:
    assert get_tokenizer(own, gain=0.5) is get_tokenizer(own, gain=0.5)
    assert get_tokenizer(own, gain=0.5) is not get_tokenizer(own)


def test_names(own: str) -> None:
    assert own in registry.tokenizer_names()
    with pytest.raises(TokenizerError, match="exists already"):
        registry.register_tokenizer(own, MuLaw)
    with pytest.raises(UnknownNameError, match="did you mean mu_law_8k"):
        get_tokenizer("mu_law8k")
    with pytest.raises(TokenizerError, match=r"mu_law_8k with options \{'colour': 1\}"):
        get_tokenizer(own, colour=1)


def test_what_is_no_tokenizer_is_told(own: str) -> None:
    registry.register_tokenizer("dictionary", dict)
    with pytest.raises(TokenizerError, match="dict is no AudioTokenizer; it needs name"):
        get_tokenizer("dictionary")


class _EntryPoint:
    name = "from_package"

    def load(self) -> type[MuLaw]:
        return MuLaw


def test_a_packages_tokenizer(monkeypatch: pytest.MonkeyPatch, own: str) -> None:
    monkeypatch.setattr(registry, "entry_points", lambda group: [_EntryPoint()])
    assert get_tokenizer("from_package").name == "mu_law_8k"
    assert "from_package" in registry.tokenizer_names()
