"""The registry of tokenizers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from audioflan_tasks.errors import TokenizerError, UnknownNameError
from audioflan_tasks.tokens import get_tokenizer, registry
from audioflan_tasks.tokens.checks import check_codes, check_wave
from audioflan_tasks.tokens.contract import check_tokenizer


class MuLaw:
    """A user's own: 8-bit mu-law samples at 8 kHz, eight to a frame."""

    name, fingerprint = "mu_law_8k", "mu_law_8k-v1"
    sample_rate, frame_rate = 8000, 1000.0
    codebook_sizes = (255,) * 8

    def __init__(self, gain: float = 1.0) -> None:
        self._gain = gain

    def encode(self, waveform: NDArray[np.float32]) -> NDArray[np.uint16]:
        x = np.asarray(waveform)
        check_wave(x)
        x = np.clip(np.pad(x, (0, -len(x) % 8)) * self._gain, -1, 1)
        y = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)
        return np.asarray(np.round((y + 1) * 127), np.uint16).reshape(-1, 8)

    def decode(self, codes: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        check_codes(np.asarray(codes), self.codebook_sizes)
        y = np.asarray(codes, np.float32).ravel() / 127 - 1
        return np.asarray(np.sign(y) * np.expm1(np.abs(y) * np.log(256)) / 255, np.float32)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(registry, "_registered_factories", {})
    registry._cached_tokenizer.cache_clear()
    registry.register_tokenizer("mu_law_8k", MuLaw)
    return "mu_law_8k"


def test_a_users_own_keeps_the_contract(own: str) -> None:
    check_tokenizer(get_tokenizer(own))


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
    registry.register_tokenizer("dictionary", dict)  # type: ignore[arg-type]
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
