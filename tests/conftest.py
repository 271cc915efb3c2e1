"""Settings of all tests, and a tokenizer that costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

import audioflan_tasks
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.tokens import registry

# The same examples in every run: a failure of CI can be made again, and none comes by chance.
settings.register_profile("project", derandomize=True)
settings.load_profile("project")


class Loudness:
    """Loudness and sign changes of 20 ms frames: real codes of real audio, at no cost."""

    name, fingerprint = "loudness", "loudness-v1"
    sample_rate, frame_rate = 16_000, 50.0
    codebook_sizes = (64, 64)

    def encode(self, waveform: NDArray[np.float32]) -> NDArray[np.uint16]:
        x = np.pad(waveform, (0, -len(waveform) % 320)).reshape(-1, 320)
        loud = np.clip(np.log2((x**2).mean(1) + 1e-9) * 2 + 60, 0, 63)
        turns = np.clip((np.diff(np.sign(x), axis=1) != 0).sum(1) // 5, 0, 63)
        return np.stack([loud, turns], 1).astype(np.uint16)

    def decode(self, codes: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        return np.repeat(np.asarray(codes)[:, 0] / 64, 320).astype(np.float32)


@pytest.fixture
def quick_tokens(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tasks use the tokenizer that costs nothing."""
    if "loudness" not in registry.tokenizer_names():
        registry.register_tokenizer("loudness", Loudness)
    monkeypatch.setattr(audioflan_tasks.settings, "tokenizer", "loudness")
    monkeypatch.setattr(
        audioflan_tasks.settings, "cache_dir", tmp_path_factory.getbasetemp() / "loudness"
    )


def maker_of(corpus: Corpus, lengths: Mapping[str, int] | None = None) -> ExampleMaker:
    """What makes examples of a corpus with the settings as they are now."""
    return ExampleMaker(corpus, audioflan_tasks.settings.example_options(), lengths)
