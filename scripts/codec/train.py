"""Trains the tokenizer: joint first, then the decoder alone against frozen int8 codes.

The schedule is wall-clock time, since the machine is shared: latents are unquantised for the
first steps, the codebooks start from k-means and follow by moving averages, and at
`--freeze-at` of the time the encoder is rounded to int8, the codebooks are fitted again and
only the decoder learns on, seeing its own int8 rounding.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from pathlib import Path

import numpy as np
import soxr
import torch
from network import (
    HOP,
    LATENT,
    SAMPLE_RATE,
    Decoder,
    Encoder,
    ResidualVQ,
    SpectralLoss,
    round_for_good,
    set_rounding,
)
from numpy.typing import NDArray
from torch.nn import functional as F

# Stages drawn per step: one model must serve 4 to 12 codebooks, 8 being the default.
STAGE_CHOICES = (4, 6, 8, 8, 8, 12)


# Speech is where a listener and a recogniser notice coding first.
SHARES = {"speech": 0.6, "music": 0.26, "events": 0.14}


class Crops:
    """Random crops of the training arrays with level, speed and background variation."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.audio = {kind: [np.load(folder / f"{kind}.npy")] for kind in SHARES}
        # Few real speakers: two resampled copies move pitch and formants by about 13 %.
        for rate in (14_000, 18_200):
            self.audio["speech"].append(soxr.resample(self.audio["speech"][0], 16_000, rate))

    def cut(self, kind: str, length: int) -> NDArray[np.float32]:
        copies = self.audio[kind]
        track = copies[self.rng.choice(len(copies), p=(0.5, 0.25, 0.25)) if copies[1:] else 0]
        for _ in range(4):
            start = self.rng.integers(0, len(track) - length)
            crop: NDArray[np.float32] = track[start : start + length].astype(np.float32) / 32768
            if crop.std() > 1e-3:
                break
        return crop

    def one(self, length: int) -> NDArray[np.float32]:
        kinds = list(SHARES)
        crop = self.cut(str(self.rng.choice(kinds, p=list(SHARES.values()))), length)
        if self.rng.random() < 0.08:
            other = self.cut(str(self.rng.choice(["music", "events"])), length)
            ratio = crop.std() / (other.std() + 1e-6) * 10 ** (-self.rng.uniform(3, 20) / 20)
            crop = crop + np.float32(min(ratio, 4.0)) * other
        if self.rng.random() < 0.6:
            crop = crop * np.float32(10 ** (self.rng.uniform(-40, 6) / 20))
        return np.clip(crop, -1, 1)

    def batch(self, count: int, length: int) -> torch.Tensor:
        return torch.from_numpy(np.stack([self.one(length) for _ in range(count)]))


class Trainer:
    """State of one run; `save` may be called at any step."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.crops = Crops(options.data, options.seed)
        self.encoder, self.decoder, self.books = Encoder(), Decoder(), ResidualVQ()
        self.loss = SpectralLoss()
        self.random = random.Random(options.seed)
        self.frozen = False
        self.step = 0
        if options.resume:
            state = torch.load(options.resume, weights_only=True)
            self.encoder.load_state_dict(state["encoder"])
            self.decoder.load_state_dict(state["decoder"])
            self.books.load_state_dict(state["books"])
            self.step = state["step"]
            if state["frozen"]:
                self.frozen = True
                set_rounding(self.decoder, True)
        self._optimise()

    def _optimise(self) -> None:
        self.warm_from = self.step
        parts: list[torch.nn.Module] = [self.decoder]
        if not self.frozen:
            parts.insert(0, self.encoder)
        self.weights = [p for part in parts for p in part.parameters()]
        self.optimiser = torch.optim.AdamW(
            self.weights, lr=1e-3, betas=(0.8, 0.99), weight_decay=1e-4
        )

    def save(self) -> None:
        partial = self.options.out.with_suffix(".part")
        torch.save(
            {
                "encoder": self.encoder.state_dict(),
                "decoder": self.decoder.state_dict(),
                "books": self.books.state_dict(),
                "step": self.step,
                "frozen": self.frozen,
            },
            partial,
        )
        partial.replace(self.options.out)

    @torch.no_grad()
    def latents(self, seconds: int) -> torch.Tensor:
        parts = [
            self.encoder(self.crops.batch(10, 2 * SAMPLE_RATE)).reshape(-1, LATENT)
            for _ in range(seconds // 20)
        ]
        return torch.cat(parts)

    def freeze(self) -> None:
        """Codes from here on are those of the int8 encoder that ships."""
        self.frozen = True
        round_for_good(self.encoder)
        self.books.fit(self.latents(2400), 8, self.options.batch * 70)
        set_rounding(self.decoder, True)
        self._optimise()

    def rate(self, done: float) -> float:
        """Learning rate at `done` of the time; cosine within each phase."""
        freeze_at: float = self.options.freeze_at
        if not self.frozen:
            fade = min(1.0, max(0.0, (done / freeze_at - 0.6) / 0.4))
            warm = min(1.0, (self.step - self.warm_from + 1) / 100)
            return 1e-3 * warm * (1 - 0.6 * fade)
        phase = (done - freeze_at) / max(1e-6, 1 - freeze_at)
        return 8e-4 * (0.04 + 0.96 * 0.5 * (1 + math.cos(math.pi * min(1.0, max(0.0, phase)))))

    def one_step(self, done: float) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate(done)
        wave = self.crops.batch(self.options.batch, self.options.frames * HOP)
        stages = self.random.choice(STAGE_CHOICES)
        extra = torch.zeros(())
        with torch.autocast("cpu", dtype=torch.bfloat16):
            if self.frozen:
                with torch.no_grad(), torch.autocast("cpu", enabled=False):
                    latent, _ = self.books(self.encoder(wave), stages)
            else:
                latent = self.encoder(wave)
                if self.books.ready:
                    coded, _ = self.books(latent.detach(), stages, learn=True)
                    spread = coded.var().clamp_min(1e-3)
                    extra = 0.25 * F.mse_loss(latent, coded) / spread
                    latent = latent + (coded - latent).detach()
                else:
                    extra = 1e-3 * latent.square().mean()
            made = self.decoder(latent)
        loss = self.loss(made, wave)
        self.optimiser.zero_grad()
        (loss + extra).backward()
        torch.nn.utils.clip_grad_norm_(self.weights, 2.0)
        self.optimiser.step()
        self.step += 1
        return float(loss.detach())

    def run(self) -> None:
        begin = saved = time.monotonic()
        mean = None
        while (done := (time.monotonic() - begin) / (60 * self.options.minutes)) < 1:
            if not self.books.ready and self.step >= 250:
                self.books.fit(self.latents(500), 4, self.options.batch * 70)
            if not self.frozen and done > self.options.freeze_at:
                self.save()
                self.options.out.replace(self.options.out.with_suffix(".joint.pt"))
                self.freeze()
                print(f"frozen at step {self.step}", flush=True)
            value = self.one_step(done)
            mean = value if mean is None else 0.98 * mean + 0.02 * value
            if self.step % 100 == 0:
                print(f"{self.step} {done:.3f} loss {mean:.4f}", flush=True)
            if time.monotonic() - saved > 60:
                self.save()
                saved = time.monotonic()
        self.save()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder that prepare.py wrote")
    parser.add_argument("out", type=Path, help="checkpoint to write, such as run.pt")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--freeze-at", type=float, default=0.6)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--frames", type=int, default=64, help="20 ms frames per crop")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", type=Path, default=None)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    Trainer(options).run()


if __name__ == "__main__":
    main()
