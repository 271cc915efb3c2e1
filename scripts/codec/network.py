"""The convrvq_16k network: STFT encoder, residual VQ and a decoder that ends in an inverse STFT.

The blocks are those of ConvNeXt (Liu et al. 2022), the inverse-STFT head follows Vocos
(Siuzdak 2023), residual VQ with EMA codebooks SoundStream (Zeghidour et al. 2021).
Shapes: waveforms [batch, samples], latents [batch, frames, 32], codes [batch, frames, stages].
`audioflan_tasks/tokens/convrvq.py` repeats the inference in NumPy and must stay equal to it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

SAMPLE_RATE = 16_000
HOP = 320
WINDOW = 640
LATENT = 32
STAGES = 12
CODES = 1024


def mel_matrix(fft_size: int, bands: int) -> NDArray[np.float32]:
    """Triangular mel filters 0-8 kHz, each summing to 1: [fft_size // 2 + 1, bands]."""
    top = 2595 * math.log10(1 + 8000 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, bands + 2) / 2595) - 1)
    bins = np.arange(fft_size // 2 + 1) * SAMPLE_RATE / fft_size
    rise = (bins[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0, np.minimum(rise, fall))
    for band in np.flatnonzero(weights.sum(0) == 0):  # low bands narrower than one bin
        weights[np.argmin(np.abs(bins - edges[band + 1])), band] = 1
    return np.asarray(weights / weights.sum(0), np.float32)


def quantised(weight: Tensor) -> Tensor:
    """`weight` rounded to int8 steps per output channel (first axis), kept in float."""
    step = weight.flatten(1).abs().amax(1).clamp_min(1e-12) / 127
    step = step.view(-1, *[1] * (weight.dim() - 1))
    return torch.round(weight / step) * step


class QuantLinear(nn.Linear):
    """A linear layer that can see its own int8 rounding while it still learns."""

    rounding = False

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight
        if self.rounding:
            # Straight through: the forward pass uses what ships, the gradient ignores it.
            weight = weight + (quantised(weight) - weight).detach()
        return F.linear(x, weight, self.bias)


class Block(nn.Module):
    """ConvNeXt block over time: depthwise kernel 7, LayerNorm, GELU bottleneck, scale."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.up = QuantLinear(width, hidden)
        self.down = QuantLinear(hidden, width)
        self.scale = nn.Parameter(torch.full((width,), 0.3))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.depthwise(x.transpose(1, 2)).transpose(1, 2))
        return x + self.scale * self.down(F.gelu(self.up(y), approximate="tanh"))


class Encoder(nn.Module):
    """Waveform to latents at 50 frames/s."""

    def __init__(self, width: int = 192, hidden: int = 384, blocks: int = 3) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(WINDOW))
        self.register_buffer("mel", torch.from_numpy(mel_matrix(WINDOW, 64)))
        self.enter = QuantLinear(WINDOW + 2 + 64, width)
        self.blocks = nn.ModuleList(Block(width, hidden) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.leave = QuantLinear(width, LATENT)

    @torch.no_grad()
    def features(self, wave: Tensor) -> Tensor:
        """[batch, frames * 320] to [batch, frames, 706]: compressed spectrum and log mel."""
        frames = F.pad(wave, (160, 160)).unfold(1, WINDOW, HOP) * self.window
        spectrum = torch.fft.rfft(frames)
        power = spectrum.real**2 + spectrum.imag**2
        # |X|^0.3 with its phase: the level of a clip shifts the features little.
        squeeze = (power.sqrt() + 1e-4) ** -0.7
        mel = 0.3 * torch.log(power @ self.mel + 1e-6)
        return torch.cat([spectrum.real * squeeze, spectrum.imag * squeeze, mel], -1)

    def forward(self, wave: Tensor) -> Tensor:
        y = self.enter(self.features(wave))
        for block in self.blocks:
            y = block(y)
        with torch.autocast("cpu", enabled=False):
            return self.leave(self.norm(y.float()))


class Decoder(nn.Module):
    """Latents to waveform: two spectra of 640 points a frame, overlap-added every 160."""

    fft_size, hop, parts = 640, 160, 2

    def __init__(self, width: int = 256, hidden: int = 512, blocks: int = 6) -> None:
        super().__init__()
        self.bins = self.fft_size // 2 + 1
        self.enter = QuantLinear(LATENT * 7, width)
        self.norm0 = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(width, hidden) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)
        self.head = QuantLinear(width, self.parts * 2 * self.bins)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        self.register_buffer("window", torch.hann_window(self.fft_size))
        # Speech-like spectral tilt as the starting point of the log magnitudes.
        self.register_buffer("tilt", torch.linspace(0.5, -2.5, self.bins))

    def forward(self, latent: Tensor) -> Tensor:
        batch, frames, _ = latent.shape
        # A kernel-7 convolution written as one matrix product, time-major.
        near = F.pad(latent, (0, 0, 3, 3)).unfold(1, 7, 1).transpose(2, 3).flatten(2)
        y = self.norm0(self.enter(near).float())
        for block in self.blocks:
            y = block(y)
        with torch.autocast("cpu", enabled=False):
            out = self.head(self.norm(y.float()))
        out = out.view(batch, frames * self.parts, 2, self.bins) * 3
        size = torch.exp((out[:, :, 0] + self.tilt).clamp(-12, 6))
        return self.overlap_add(torch.polar(size, out[:, :, 1]))

    def overlap_add(self, spectra: Tensor) -> Tensor:
        frames = torch.fft.irfft(spectra, n=self.fft_size) * self.window
        start = (self.fft_size - self.hop) // 2
        wave = self._shift_add(frames)
        norm = self._shift_add((self.window**2).expand(1, frames.shape[1], -1))
        return (wave / norm.clamp_min(1e-2))[:, start : start + frames.shape[1] * self.hop]

    def _shift_add(self, frames: Tensor) -> Tensor:
        """Sums frames [batch, count, 640] at steps of 160; far faster than F.fold here."""
        overlap = self.fft_size // self.hop
        parts = frames.reshape(*frames.shape[:2], overlap, self.hop).unbind(2)
        padded = [F.pad(part, (0, 0, k, overlap - 1 - k)) for k, part in enumerate(parts)]
        return torch.stack(padded).sum(0).flatten(1)


class ResidualVQ(nn.Module):
    """Twelve codebooks of 1,024, each fitted to what the ones before it left."""

    decay = 0.98

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("books", torch.zeros(STAGES, CODES, LATENT))
        self.register_buffer("counts", torch.ones(STAGES, CODES))
        self.register_buffer("sums", torch.zeros(STAGES, CODES, LATENT))
        self.register_buffer("ready", torch.zeros((), dtype=torch.bool))

    @staticmethod
    def nearest(points: Tensor, book: Tensor) -> Tensor:
        return torch.addmm((book * book).sum(1)[None], points, book.T, alpha=-2).argmin(1)

    @torch.no_grad()
    def forward(self, latent: Tensor, stages: int, learn: bool = False) -> tuple[Tensor, Tensor]:
        """The sum of the first `stages` code vectors, and the codes of the stages run."""
        rest = latent.reshape(-1, LATENT).float()
        total = torch.zeros_like(rest)
        codes = []
        for stage in range(STAGES if learn else stages):
            index = self.nearest(rest, self.books[stage])
            vector = self.books[stage][index]
            if learn:
                self._update(stage, rest, index)
            if stage < stages:
                total += vector
            codes.append(index)
            rest = rest - vector
        return total.view(latent.shape), torch.stack(codes, -1).view(*latent.shape[:-1], -1)

    def _update(self, stage: int, rest: Tensor, index: Tensor) -> None:
        gain = 1 - self.decay
        counts, sums = self.counts[stage], self.sums[stage]
        counts.mul_(self.decay).add_(torch.bincount(index, minlength=CODES), alpha=gain)
        sums.mul_(self.decay).index_add_(0, index, rest, alpha=gain)
        self.books[stage] = sums / counts.clamp_min(1e-4)[:, None]
        dead = (counts < gain * len(index) / CODES).nonzero()[:, 0]
        if len(dead):  # an unused code restarts on a residual seen just now
            start = rest[torch.randint(len(rest), (len(dead),))]
            self.books[stage, dead] = start
            counts[dead] = 0.5 * len(index) / CODES
            sums[dead] = start * counts[dead][:, None]

    @torch.no_grad()
    def fit(self, latents: Tensor, rounds: int, per_step: int) -> None:
        """k-means of each stage on `latents` [n, 32]; `per_step` scales the EMA counts."""
        rest = latents.clone()
        for stage in range(STAGES):
            book = rest[torch.randperm(len(rest))[:CODES]].clone()
            for _ in range(rounds):
                index = torch.cat([self.nearest(part, book) for part in rest.split(8192)])
                count = torch.bincount(index, minlength=CODES).float()
                book = torch.zeros_like(book).index_add_(0, index, rest)
                book /= count.clamp_min(1)[:, None]
                empty = (count == 0).nonzero()[:, 0]
                book[empty] = rest[torch.randint(len(rest), (len(empty),))]
            book = book.half().float()  # codebooks ship as float16
            index = torch.cat([self.nearest(part, book) for part in rest.split(8192)])
            count = torch.bincount(index, minlength=CODES).float()
            self.books[stage] = book
            self.counts[stage] = count / len(rest) * per_step
            self.sums[stage] = book * self.counts[stage][:, None]
            rest = rest - book[index]
        self.ready.fill_(True)


class _RealFFT(torch.autograd.Function):
    """rfft whose gradient is one irfft; PyTorch's own runs a full complex transform."""

    @staticmethod
    def forward(ctx: Any, frames: Tensor) -> Tensor:
        ctx.size = frames.shape[-1]
        return torch.fft.rfft(frames)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        half = grad * 0.5
        half[..., 0] *= 2
        half[..., -1] *= 2
        return torch.fft.irfft(half, n=ctx.size, norm="forward")


class SpectralLoss(nn.Module):
    """L1 distances of log-mel, root, log and (at low frequencies) complex spectra.

    Both waveforms are scaled by the level of the wanted one, so quiet clips count as loud ones.
    """

    mels = ((2048, 80), (1024, 80), (512, 64), (256, 40), (128, 20))

    def __init__(self, complex_weight: float = 1.0) -> None:
        super().__init__()
        self.complex_weight = complex_weight
        for size, bands in self.mels:
            self.register_buffer(f"window{size}", torch.hann_window(size))
            self.register_buffer(f"mel{size}", torch.from_numpy(mel_matrix(size, bands)))
        bins = torch.linspace(0, 8000, 257)
        self.register_buffer("low", 1 / (1 + (bins / 1200) ** 2))

    def spectrum(self, wave: Tensor, size: int) -> Tensor:
        # Half overlap: random crops already put the frames everywhere, at half the cost.
        padded = F.pad(wave, (size // 2, size // 2))
        frames = padded.unfold(1, size, size // 2) * getattr(self, f"window{size}")
        return torch.view_as_real(_RealFFT.apply(frames))

    def forward(self, made: Tensor, wanted: Tensor) -> Tensor:
        gain = 0.1 / (wanted.pow(2).mean(1, keepdim=True).sqrt() + 3e-4)
        made, wanted = made * gain, wanted * gain
        total = made.new_zeros(())
        for size, _ in self.mels:
            mel = getattr(self, f"mel{size}")
            spectrum = self.spectrum(made, size)
            power = spectrum.square().sum(-1)
            with torch.no_grad():
                goal = self.spectrum(wanted, size)
                goal_power = goal.square().sum(-1)
            floor = 1e-7 * size
            gap = torch.log(power @ mel + floor) - torch.log(goal_power @ mel + floor)
            total = total + 0.5 * gap.abs().mean()
            if size in (1024, 512, 256):
                goal_root = (goal_power + 1e-6 * size) ** 0.25
                gap = (power + 1e-6 * size).sqrt().sqrt() - goal_root
                total = total + gap.abs().mean() / goal_root.mean()
            if size in (2048, 1024, 512):
                # 60 dB under the clip's peak: quieter bins are not heard beside it.
                floor = goal_power.amax((1, 2), keepdim=True) * 1e-6 + 1e-12
                gap = torch.log(power + floor) - torch.log(goal_power + floor)
                total = total + 0.25 * gap.abs().mean()
            if size == 512:
                total = total + self.complex_weight * self._phase(spectrum, power, goal, goal_power)
        return total

    def _phase(self, spectrum: Tensor, power: Tensor, goal: Tensor, goal_power: Tensor) -> Tensor:
        """Compressed complex distance: only low frequencies have a phase worth matching."""
        made = spectrum * ((power + 1e-4) ** -0.3)[..., None]
        goal = goal * ((goal_power + 1e-4) ** -0.3)[..., None]
        gap = ((made - goal).abs().sum(-1) * self.low).mean()
        return gap / (goal.square().sum(-1).sqrt() * self.low).mean()


def set_rounding(module: nn.Module, on: bool) -> None:
    for part in module.modules():
        if isinstance(part, QuantLinear):
            part.rounding = on


@torch.no_grad()
def round_for_good(module: nn.Module) -> None:
    """Replaces every linear weight by its int8 value."""
    for part in module.modules():
        if isinstance(part, QuantLinear):
            part.weight.copy_(quantised(part.weight))
