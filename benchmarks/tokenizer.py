"""Speed of the default tokenizer on one core, beside Opus on the same audio.

Prints times real time (seconds of audio per second of work), the median of several rounds.
Opus runs in libsndfile, compiled C: the ratio says what the NumPy network costs beside it.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from audioflan_tasks.tokens.convrvq import ConvRVQ

RATE = 16_000
ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
CLIP = Path(__file__).parent.parent / "tests" / "data" / "librivox_0870.flac"


def median_seconds(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median time of each call; the calls take turns, so a busy moment hits them all."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - begin)
    return {name: statistics.median(values) for name, values in times.items()}


def opus_bytes(wave: NDArray[np.float32]) -> bytes:
    target = io.BytesIO()
    soundfile.write(target, wave, RATE, format="OGG", subtype="OPUS")
    return target.getvalue()


def read_opus(packet: bytes) -> object:
    return soundfile.read(io.BytesIO(packet), dtype="float32")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audio", type=Path, default=CLIP, help="16 kHz mono file, repeated")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the long clip")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--codebooks", type=int, default=8)
    options = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in ONE_CORE.items()):
        # BLAS reads these when NumPy loads, so the program starts again with them set.
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ONE_CORE)
    audio, rate = soundfile.read(options.audio, dtype="float32")
    if rate != RATE or audio.ndim != 1:
        parser.error(f"{options.audio} is not 16 kHz mono")
    codec = ConvRVQ(options.codebooks)
    print(f"{codec.fingerprint}, NumPy {np.__version__}, one core, {options.rounds} rounds")
    print(f"{'clip':>6}  {'':8}{'tokenizer':>12}{'Opus':>12}{'tokenizer / Opus':>20}")
    for seconds in (2.0, options.seconds):
        wave = np.resize(audio, int(seconds * RATE)).astype(np.float32)
        codes, packet = codec.encode(wave), opus_bytes(wave)
        encode = median_seconds(
            {"ours": partial(codec.encode, wave), "opus": partial(opus_bytes, wave)},
            options.rounds,
        )
        decode = median_seconds(
            {
                "ours": partial(codec.decode, codes),
                "opus": partial(read_opus, packet),
            },
            options.rounds,
        )
        for name, took in (("encode", encode), ("decode", decode)):
            ours, opus = seconds / took["ours"], seconds / took["opus"]
            print(f"{seconds:5.0f}s  {name:8}{ours:11.0f}x{opus:11.0f}x{ours / opus:20.2f}")


if __name__ == "__main__":
    main()
