"""convrvq_16k: the default audio tokenizer, a small learned residual-VQ codec in NumPy.

16 kHz mono, 50 frames/s, 1 to 12 codebooks of 1,024 codes (8 by default: 400 tokens/s,
4 kbit/s). The network is a ConvNeXt encoder over STFT frames, residual vector quantisation,
and a ConvNeXt decoder that ends in an inverse STFT; its weights are int8 and were trained for
this project (scripts/codec). Speech stays intelligible and recognisable with audible artefacts;
music and sound effects keep their character and lose detail. `docs/tokenizer.md` has the
measurements. It is no match for neural codecs of 10 to 80 M parameters such as EnCodec or Mimi.

Liu et al., "A ConvNet for the 2020s", 2022; Zeghidour et al., "SoundStream", 2021;
Siuzdak, "Vocos: closing the gap between time-domain and Fourier-based neural vocoders", 2023.
"""

from __future__ import annotations

import functools
import hashlib
import io
import os
import threading
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import TokenizerError
from audioflan_tasks.tokens.checks import check_codes, check_wave
from audioflan_tasks.tokens.one_thread import ONE_BLAS_THREAD

Floats: TypeAlias = NDArray[np.float32]

__all__ = ["ConvRVQ"]

HOP = 320
WINDOW = 640
STAGES = 12
CODES = 1024
# Frames per network call. Blocks lie on a fixed grid and the shape of a call follows from the
# length of the whole signal, so a stream gives the same bits wherever it is cut: BLAS may order sums
# by shape.
BLOCK = 128
# Rows beyond the end of the signal are left out, up to a multiple of this.
ROW_STEP = 16
# Frames of context on each side: half the receptive field, plus the overlap of the spectra.
ENCODE_CONTEXT = 10
DECODE_CONTEXT = 24
KERNEL = 7
SYNTHESIS_HOP = 160
# Samples that encode() processes at a time: bounds the memory for long recordings.
PIECE = 1 << 20


class ConvRVQ:
    """Residual-VQ codec for 16 kHz mono audio of any kind; deterministic and thread safe.

    Codes are a prefix code over stages: the first k columns for 8 codebooks are the codes for
    k codebooks. Weights are read at the first use and shared by all instances.

    Args:
      codebooks: residual stages kept, 1 to 12; 8 is 400 tokens/s.
      weights: another weights file in the format of scripts/codec/export.py.

    Raises:
      TokenizerError: `codebooks` is out of range, or the weights cannot be read.
    """

    name = "convrvq_16k"
    sample_rate = 16_000
    frame_rate = 50.0

    def __init__(self, codebooks: int = 8, weights: str | os.PathLike[str] | None = None) -> None:
        if not 1 <= codebooks <= STAGES:
            raise TokenizerError(f"{self.name} has 1 to {STAGES} codebooks, not {codebooks}")
        self.codebooks = codebooks
        self.codebook_sizes: tuple[int, ...] = (CODES,) * codebooks
        self._path = None if weights is None else os.fspath(weights)

    @property
    def fingerprint(self) -> str:
        """Names the exact codes: tokenizer, weights file and codebook count."""
        return f"{self.name}-{_digest(self._path)[:12]}-{self.codebooks}"

    def encode(self, waveform: Floats) -> NDArray[np.uint16]:
        """Codes [ceil(samples / 320), codebooks] of a waveform [samples] at 16 kHz, about +-1.

        Raises:
          AudioInputError: not one-dimensional, not floating point, or NaN or infinite.
        """
        wave = np.asarray(waveform)
        check_wave(wave)
        pieces = (wave[start : start + PIECE] for start in range(0, len(wave), PIECE))
        codes = list(self.encode_stream(pieces))
        return np.concatenate([np.empty((0, self.codebooks), np.uint16), *codes])

    def encode_stream(self, pieces: Iterable[Floats]) -> Iterator[NDArray[np.uint16]]:
        """Codes of a waveform that arrives in pieces of any length.

        Joined, they equal `encode` of the joined waveform bit for bit.
        """
        network = _network(self._path)
        rows = BLOCK + 2 * ENCODE_CONTEXT
        need = rows * HOP + (WINDOW - HOP)
        buffer = np.zeros(ENCODE_CONTEXT * HOP + (WINDOW - HOP) // 2, np.float32)
        samples = frame = 0
        for piece in pieces:
            wave = np.asarray(piece)
            check_wave(wave)
            samples += len(wave)
            buffer = np.concatenate([buffer, wave.astype(np.float32, copy=False)])
            while len(buffer) >= need:
                yield network.encode(buffer[:need], frame, frame + rows, self.codebooks)
                buffer = buffer[BLOCK * HOP :]
                frame += BLOCK
        frames = -(-samples // HOP)
        while frame < frames:
            last_rows = _last_rows(rows, ENCODE_CONTEXT + frames - frame)
            block = np.zeros(last_rows * HOP + (WINDOW - HOP), np.float32)
            signal = buffer[: len(block)]
            block[: len(signal)] = signal
            yield network.encode(block, frame, frames, self.codebooks)[: frames - frame]
            buffer = buffer[BLOCK * HOP :]
            frame += BLOCK

    def decode(self, codes: NDArray[np.integer]) -> Floats:
        """Waveform [frames * 320] of codes [frames, k], k from 1 to `codebooks`.

        Raises:
          TokenRangeError: not a two-dimensional integer array, or codes out of range.
        """
        table = np.asarray(codes)
        check_codes(table, self.codebook_sizes, allow_fewer=True)
        step = PIECE // HOP
        pieces = (table[start : start + step] for start in range(0, len(table), step))
        waves = list(self.decode_stream(pieces))
        return np.concatenate([np.empty(0, np.float32), *waves])

    def decode_stream(self, pieces: Iterable[NDArray[np.integer]]) -> Iterator[Floats]:
        """Waveform of codes that arrive in pieces; joined, equal to `decode` bit for bit."""
        network = _network(self._path)
        need = BLOCK + 2 * DECODE_CONTEXT
        buffer = np.zeros((DECODE_CONTEXT, network.latent), np.float32)
        frames = frame = 0
        for piece in pieces:
            table = np.asarray(piece)
            check_codes(table, self.codebook_sizes, allow_fewer=True)
            latent = network.lookup(table)
            frames += len(latent)
            buffer = np.concatenate([buffer, latent])
            while len(buffer) >= need:
                yield network.decode(buffer[:need], frame, frame + need)
                buffer = buffer[BLOCK:]
                frame += BLOCK
        while frame < frames:
            last_rows = _last_rows(need, DECODE_CONTEXT + frames - frame)
            block = np.zeros((last_rows, network.latent), np.float32)
            signal = buffer[:last_rows]
            block[: len(signal)] = signal
            yield network.decode(block, frame, frames)[: (frames - frame) * HOP]
            buffer = buffer[BLOCK:]
            frame += BLOCK


@functools.cache
def _blob(path: str | None) -> bytes:
    try:
        if path is None:
            file = resources.files("audioflan_tasks.tokens") / "data" / "convrvq_16k.npz"
            return file.read_bytes()
        return Path(path).read_bytes()
    except OSError as error:
        raise TokenizerError(f"cannot read the weights of convrvq_16k: {error}") from error


@functools.cache
def _digest(path: str | None) -> str:
    return hashlib.sha256(_blob(path)).hexdigest()


_LOCK = threading.Lock()
_NETWORKS: dict[str | None, _Network] = {}


def _network(path: str | None) -> _Network:
    """The network of a weights file, built once for all threads."""
    with _LOCK:
        if path not in _NETWORKS:
            _NETWORKS[path] = _Network(_blob(path))
        return _NETWORKS[path]


class _WeightArrays:
    """Named arrays of a weights file; int8 matrices come back as float32."""

    def __init__(self, blob: bytes) -> None:
        try:
            with np.load(io.BytesIO(blob), allow_pickle=False) as archive:
                self.arrays = {name: archive[name] for name in archive.files}
        except (OSError, ValueError) as error:
            raise TokenizerError(f"not a convrvq_16k weights file: {error}") from error

    def __getitem__(self, name: str) -> Floats:
        if name not in self.arrays:
            raise TokenizerError(f"the convrvq_16k weights file has no array {name!r}")
        return np.ascontiguousarray(self.arrays[name].astype(np.float32))

    def matrix(self, name: str) -> tuple[Floats, Floats]:
        """Weight [inputs, outputs] and bias [outputs] of a linear layer."""
        weight = self[f"{name}.weight"] * self[f"{name}.step"][:, None]
        return np.ascontiguousarray(weight.T), self[f"{name}.bias"]

    def norm(self, name: str) -> tuple[Floats, Floats]:
        """Scale and bias [width] of a layer normalisation."""
        return self[f"{name}.weight"], self[f"{name}.bias"]


class _ConvNeXtBlock:
    """ConvNeXt block over time, [rows, width] to the same; the layer scale is in `down`."""

    def __init__(self, parts: _WeightArrays, name: str) -> None:
        self.taps = np.ascontiguousarray(parts[f"{name}.depthwise.weight"][:, 0].T)
        self.tap_bias = parts[f"{name}.depthwise.bias"]
        self.norm = parts.norm(f"{name}.norm")
        self.up, self.up_bias = parts.matrix(f"{name}.up")
        self.down, self.down_bias = parts.matrix(f"{name}.down")

    def forward(self, x: Floats) -> Floats:
        """Output [rows, width] of the block."""
        rows = len(x)
        padded_rows = np.zeros((rows + KERNEL - 1, x.shape[1]), np.float32)
        padded_rows[KERNEL // 2 : KERNEL // 2 + rows] = x
        y = padded_rows[:rows] * self.taps[0]
        for tap in range(1, KERNEL):
            y += padded_rows[tap : tap + rows] * self.taps[tap]
        y += self.tap_bias
        hidden = _layer_norm(y, self.norm) @ self.up
        hidden += self.up_bias
        out: Floats = _gelu(hidden) @ self.down
        out += self.down_bias
        out += x
        return out


class _Network:
    """Encoder, codebooks and decoder on blocks of fixed shape."""

    def __init__(self, blob: bytes) -> None:
        parts = _WeightArrays(blob)
        self.books = parts["books"]
        self.latent = self.books.shape[2]
        self.book_squares = (self.books**2).sum(2)
        self.book_turned = np.ascontiguousarray(-2 * self.books.transpose(0, 2, 1))
        self.window = _hann(WINDOW)
        self.mel = parts["encoder.mel"]
        self.enter, self.enter_bias = parts.matrix("encoder.enter")
        self.encoder_blocks = _blocks(parts, "encoder")
        self.encoder_norm = parts.norm("encoder.norm")
        self.leave, self.leave_bias = parts.matrix("encoder.leave")
        self.start, self.start_bias = parts.matrix("decoder.enter")
        self.start_norm = parts.norm("decoder.norm0")
        self.decoder_blocks = _blocks(parts, "decoder")
        self.decoder_norm = parts.norm("decoder.norm")
        self.head, self.head_bias = parts.matrix("decoder.head")
        self.tilt = parts["decoder.tilt"]

    @ONE_BLAS_THREAD
    def encode(
        self, block: Floats, first_frame: int, frames: int, stages: int
    ) -> NDArray[np.uint16]:
        """Codes [up to BLOCK, stages] from `first_frame` on; rows from `frames` on are undefined."""
        cut = np.lib.stride_tricks.sliding_window_view(block, WINDOW)[::HOP] * self.window
        spectrum = np.fft.rfft(cut).astype(np.complex64, copy=False)
        power = spectrum.real**2 + spectrum.imag**2
        squeeze = (np.sqrt(power) + np.float32(1e-4)) ** np.float32(-0.7)
        mel = np.float32(0.3) * np.log(power @ self.mel + np.float32(1e-6))
        features = np.concatenate([spectrum.real * squeeze, spectrum.imag * squeeze, mel], 1)
        x = features @ self.enter
        x += self.enter_bias
        row_range = _signal_rows(len(x), first_frame - ENCODE_CONTEXT, frames)
        for layer in self.encoder_blocks:
            x = layer.forward(_silence_padding(x, row_range))
        inner = x[ENCODE_CONTEXT : ENCODE_CONTEXT + BLOCK]
        residual = _layer_norm(inner, self.encoder_norm) @ self.leave
        residual += self.leave_bias
        codes = np.empty((len(inner), stages), np.uint16)
        for stage in range(stages):
            distance = residual @ self.book_turned[stage]
            distance += self.book_squares[stage]
            nearest = distance.argmin(1)
            codes[:, stage] = nearest
            residual -= self.books[stage][nearest]
        return codes

    def lookup(self, codes: NDArray[np.integer]) -> Floats:
        """Latents [frames, 32]: the sum of each row's code vectors."""
        total = np.zeros((len(codes), self.latent), np.float32)
        for stage in range(codes.shape[1]):
            total += self.books[stage][codes[:, stage]]
        return total

    @ONE_BLAS_THREAD
    def decode(self, block: Floats, first_frame: int, frames: int) -> Floats:
        """Waveform [up to BLOCK * HOP] from `first_frame` on; undefined from `frames` on."""
        rows = len(block)
        padded_rows = np.zeros((rows + KERNEL - 1, self.latent), np.float32)
        padded_rows[KERNEL // 2 : KERNEL // 2 + rows] = block
        neighbourhood = np.concatenate([padded_rows[tap : tap + rows] for tap in range(KERNEL)], 1)
        x = neighbourhood @ self.start
        x += self.start_bias
        x = _layer_norm(x, self.start_norm)
        first, last = row_range = _signal_rows(rows, first_frame - DECODE_CONTEXT, frames)
        for layer in self.decoder_blocks:
            x = layer.forward(_silence_padding(x, row_range))
        out = _layer_norm(x, self.decoder_norm) @ self.head
        out += self.head_bias
        out *= 3
        out = out.reshape(rows * 2, 2, len(self.tilt))
        size = np.exp(np.clip(out[:, 0] + self.tilt, -12, 6))
        spectra = np.empty(size.shape, np.complex64)
        spectra.real = size * np.cos(out[:, 1])
        spectra.imag = size * np.sin(out[:, 1])
        return self._overlap_add(spectra, 2 * first, 2 * last)

    def _overlap_add(self, spectra: NDArray[np.complex64], first: int, last: int) -> Floats:
        """Inverse STFT of the block's inner frames; rows outside first..last do not exist."""
        cut = np.fft.irfft(spectra, WINDOW).astype(np.float32, copy=False) * self.window
        rows = len(cut)
        present = np.zeros((rows, 1), np.float32)
        present[first:last] = 1
        cut *= present
        squares = present * self.window**2
        wave = np.zeros((rows + WINDOW // SYNTHESIS_HOP, SYNTHESIS_HOP), np.float32)
        norm = np.zeros_like(wave)
        for shift in range(WINDOW // SYNTHESIS_HOP):
            part = slice(shift * SYNTHESIS_HOP, (shift + 1) * SYNTHESIS_HOP)
            wave[shift : shift + rows] += cut[:, part]
            norm[shift : shift + rows] += squares[:, part]
        wave /= np.maximum(norm, np.float32(1e-2))
        flat = wave.reshape(-1)
        begin = DECODE_CONTEXT * HOP + (WINDOW - SYNTHESIS_HOP) // 2
        return flat[begin : begin + BLOCK * HOP]


def _blocks(parts: _WeightArrays, name: str) -> list[_ConvNeXtBlock]:
    steps = (key for key in parts.arrays if key.endswith("up.step"))
    count = sum(key.startswith(f"{name}.blocks.") for key in steps)
    return [_ConvNeXtBlock(parts, f"{name}.blocks.{index}") for index in range(count)]


def _last_rows(rows: int, signal_rows: int) -> int:
    """How many of a block's rows a call needs of which `signal_rows` come before the signal's end."""
    return min(rows, -(-signal_rows // ROW_STEP) * ROW_STEP)


def _signal_rows(rows: int, start: int, frames: int) -> tuple[int, int]:
    """The rows of a block at frame `start` that lie within the signal."""
    return max(0, -start), max(0, min(rows, frames - start))


def _silence_padding(x: Floats, row_range: tuple[int, int]) -> Floats:
    """`x` with the rows beyond the signal zeroed: convolutions pad with zeros in training."""
    x[: row_range[0]] = 0
    x[row_range[1] :] = 0
    return x


def _layer_norm(x: Floats, norm: tuple[Floats, Floats]) -> Floats:
    y: Floats = x - x.mean(1, keepdims=True)
    spread = np.einsum("ij,ij->i", y, y)[:, None] / np.float32(y.shape[1])
    y *= 1 / np.sqrt(spread + np.float32(1e-5))
    y *= norm[0]
    y += norm[1]
    return y


def _gelu(x: Floats) -> Floats:
    """GELU, tanh form, with one temporary: this is the largest array of a block."""
    t: Floats = x * x
    t *= np.float32(0.044715)
    t += 1
    t *= x
    t *= np.float32(0.7978845608)
    np.tanh(t, out=t)
    t += 1
    t *= x
    t *= np.float32(0.5)
    return t


def _hann(size: int) -> Floats:
    """Periodic Hann window, as PyTorch's."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    return window.astype(np.float32)
