"""EnCodec, DAC, Mimi and X-Codec through transformers, as tokenizers (extra `neural`).

Weights are the user's: a local folder in the format of transformers, or a name on the hub.
References: Défossez et al. 2022 (EnCodec), Kumar et al. 2023 (DAC), Défossez et al. 2024
(Mimi), Ye et al. 2024 (X-Codec).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MissingExtraError, TokenizerError
from audioflan_tasks.tokens.checks import check_codes, check_wave

__all__ = ["FAMILIES", "Neural"]


@dataclass(frozen=True, slots=True)
class Family:
    """How transformers serves one codec.

    `books` names the number of codebooks in the configuration, `encode` makes codes
    [1, at least codebooks, frames] of a waveform [1, 1, samples], `decode` a waveform of them.
    """

    model: str
    weights: str
    books: str
    encode: Callable[[Any, Any, int], Any]
    decode: Callable[[Any, Any], Any]


def _by_bandwidth(model: Any, wave: Any, books: int) -> Any:
    """Codes at the smallest bandwidth with enough codebooks: the first ones are the same."""
    rate = _rate(model.config) / _hop(model.config)
    bits = model.config.codebook_size.bit_length() - 1
    bandwidths = sorted(model.config.target_bandwidths)
    enough = (b for b in bandwidths if b * 1000 >= books * rate * bits - 1)
    return model.encode(wave, bandwidth=next(enough, bandwidths[-1])).audio_codes


FAMILIES: Mapping[str, Family] = {
    "encodec": Family(
        "EncodecModel", "facebook/encodec_24khz", "num_quantizers",
        lambda model, wave, books: _by_bandwidth(model, wave, books)[0],
        lambda model, codes: model.decode(codes[None], [None]).audio_values,
    ),
    "dac": Family(
        "DacModel", "descript/dac_24khz", "n_codebooks",
        lambda model, wave, books: model.encode(wave, n_quantizers=books).audio_codes,
        lambda model, codes: model.decode(audio_codes=codes).audio_values,
    ),
    "mimi": Family(
        "MimiModel", "kyutai/mimi", "num_quantizers",
        lambda model, wave, books: model.encode(wave, num_quantizers=books).audio_codes,
        lambda model, codes: model.decode(codes).audio_values,
    ),
    "xcodec": Family(
        "XcodecModel", "hf-audio/xcodec-hubert-librispeech", "num_quantizers",
        _by_bandwidth,
        lambda model, codes: model.decode(codes).audio_values,
    ),
}  # fmt: skip


class Neural:
    """One of `FAMILIES`: mono audio at the model's rate, residual codes of equal size.

    Args:
      family: encodec, dac, mimi or xcodec.
      weights: a folder with config.json and model.safetensors, or a name on the hub.
      codebooks: residual stages kept; unset, all of the model.
      device: of torch, such as cpu or cuda.

    Raises:
      MissingExtraError: torch or transformers is not installed.
      TokenizerError: the weights cannot be loaded or are of another model, or `codebooks`
        is out of range.
    """

    def __init__(
        self, family: str, weights: str = "", codebooks: int | None = None, device: str = "cpu"
    ) -> None:
        self.name = family
        self._family = FAMILIES[family]
        self._source = str(weights) or self._family.weights
        self._model = _load_model(family, self._source).to(device)
        config = self._model.config
        if getattr(config, "audio_channels", 1) != 1 or getattr(config, "chunk_length_s", None):
            raise TokenizerError(
                f"{family} {self._source}: a model for stereo or for chunks; expected a mono one, "
                f"such as {self._family.weights}"
            )
        max_codebooks = int(getattr(config, self._family.books))
        if codebooks is not None and not 1 <= codebooks <= max_codebooks:
            raise TokenizerError(
                f"{family} {self._source} has 1 to {max_codebooks} codebooks, not {codebooks}"
            )
        self.codebooks = codebooks or max_codebooks
        self.codebook_sizes = (int(config.codebook_size),) * self.codebooks
        self.sample_rate = _rate(config)
        self._hop = _hop(config)
        self.frame_rate = self.sample_rate / self._hop
        digest = _digest(family, self._source)
        self.fingerprint = f"{family}-{digest[:12]}-{self.codebooks}"

    def encode(self, waveform: NDArray[np.float32]) -> NDArray[np.uint16]:
        """Codes [ceil(samples / hop), codebooks] of a waveform [samples] at `sample_rate`.

        Raises:
          AudioInputError: not one-dimensional, not floating point, or NaN or infinite.
        """
        import torch

        wave = np.asarray(waveform)
        check_wave(wave)
        frames = -(-len(wave) // self._hop)
        if not frames:
            return np.empty((0, self.codebooks), np.uint16)
        padded_wave = np.pad(wave.astype(np.float32), (0, frames * self._hop - len(wave)))
        with torch.inference_mode():
            batch = torch.from_numpy(padded_wave)[None, None].to(self._model.device)
            code_batch = self._family.encode(self._model, batch, self.codebooks)
        codes = code_batch[0, : self.codebooks].cpu().numpy().T
        if len(codes) < frames:
            codes = np.pad(codes, ((0, frames - len(codes)), (0, 0)), mode="edge")
        return np.asarray(codes[:frames], np.uint16)

    def decode(self, codes: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """Waveform [frames * hop] of codes [frames, codebooks].

        Raises:
          TokenRangeError: not a two-dimensional integer array, or codes out of range.
        """
        import torch

        table = np.asarray(codes)
        check_codes(table, self.codebook_sizes)
        if not len(table):
            return np.empty(0, np.float32)
        with torch.inference_mode():
            batch = torch.from_numpy(table.T.astype(np.int64))[None].to(self._model.device)
            wave_batch = self._family.decode(self._model, batch)
        wave = wave_batch.reshape(-1).float().cpu().numpy()[: len(table) * self._hop]
        return np.asarray(np.pad(wave, (0, len(table) * self._hop - len(wave))), np.float32)


def _hop(config: Any) -> int:
    """Samples of a frame."""
    hop = getattr(config, "hop_length", None)
    return int(hop) if hop else round(_rate(config) / config.frame_rate)


def _rate(config: Any) -> int:
    """Samples a second, which X-Codec names otherwise than the rest."""
    return int(getattr(config, "sampling_rate", 0) or config.sample_rate)


def _load_model(family: str, source: str) -> Any:
    try:
        import transformers
        from safetensors import SafetensorError
    except ImportError as error:
        raise MissingExtraError("transformers", "neural", f"the tokenizer {family}") from error
    try:
        model, loading_info = getattr(transformers, FAMILIES[family].model).from_pretrained(
            source, output_loading_info=True
        )
    except ImportError as error:
        raise MissingExtraError("torch", "neural", f"the tokenizer {family}") from error
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise TokenizerError(f"{family}: cannot load {source!r}: {error}") from error
    # transformers would fill missing weights at random.
    lacking = sorted(loading_info["missing_keys"])
    if lacking:
        raise TokenizerError(
            f"{family}: {source!r} lacks {len(lacking)} weights of the model, such as "
            f"{lacking[0]!r}; is it a model of that kind?"
        )
    return model.eval()


def _digest(family: str, source: str) -> str:
    """SHA-256 over the configuration and the weights."""
    digest = hashlib.sha256()
    for path in _files(source):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _files(source: str) -> list[Path]:
    home = Path(source)
    names = ("config.json", "model.safetensors")
    if home.is_dir():
        weights = sorted(home.glob("*.safetensors")) or sorted(home.glob("*.bin"))
        return [home / names[0], *weights]
    from transformers.utils import cached_file

    paths = [
        cached_file(source, name, _raise_exceptions_for_missing_entries=False) for name in names
    ]
    return [Path(path) for path in paths if path]
