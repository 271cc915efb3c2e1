"""How well landmarks find changed copies on the bundled clips: python benchmarks/fingerprints.py.

Every clip longer than 1 s is changed in one way and looked up among all clips. "right" is the
share matched to the clip that it came from; "any" counts a match with another clip as well,
which here mostly is a clip with the same sound (rendered notes, synthetic voices). Then the
clips of each source folder are looked up in halves among each other.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import soundfile
import soxr

from audioflan_tasks.audio.load import load
from audioflan_tasks.demo import demo_root
from audioflan_tasks.evaluation.leakage.fingerprint import RATE, Landmarks, landmarks, matches

Samples = np.ndarray[Any, np.dtype[np.float32]]


def coded(samples: Samples, form: str, subtype: str | None) -> Samples:
    """The samples through a lossy codec at 16 kHz."""
    buffer = io.BytesIO()
    soundfile.write(
        buffer, soxr.resample(samples, RATE, 16_000), 16_000, format=form, subtype=subtype
    )
    buffer.seek(0)
    back, _ = soundfile.read(buffer, dtype="float32")
    return np.asarray(soxr.resample(back, 16_000, RATE), np.float32)


def noisy(samples: Samples) -> Samples:
    """White noise at 20 dB."""
    noise = np.random.default_rng(0).standard_normal(len(samples))
    return np.asarray(samples + noise * np.sqrt((samples**2).mean()) * 0.1, np.float32)


def half(samples: Samples) -> Samples:
    """The middle half, as MP3."""
    start = len(samples) // 4 + 37
    return coded(samples, "MP3", None)[start : start + len(samples) // 2]


CHANGES: dict[str, Callable[[Samples], Samples]] = {
    "Opus": lambda x: coded(x, "OGG", "OPUS"),
    "MP3": lambda x: coded(x, "MP3", None),
    "0.14 and 0.21 s cut off": lambda x: x[int(0.137 * RATE) : -int(0.21 * RATE)],
    "14 dB quieter": lambda x: 0.2 * x,
    "noise at 20 dB": noisy,
    "middle half as MP3": half,
}


def main() -> None:
    """Prints the shares."""
    files = sorted((demo_root() / "audio_files").rglob("*.opus"))
    waves = [load(path, RATE) for path in files]
    made = [landmarks(wave) for wave in waves]
    long = [at for at, wave in enumerate(waves) if len(wave) > RATE]
    print(f"{len(files)} clips, {len(long)} longer than 1 s")
    for name, change in CHANGES.items():
        found = {
            m.eval: m.train for m in matches(made, [landmarks(change(waves[i])) for i in long])
        }
        right = sum(found.get(at) == i for at, i in enumerate(long)) / len(long)
        print(f"{name}: right {right:.1%}, any {len(found) / len(long):.1%}")
    folders: dict[str, list[Landmarks]] = defaultdict(list)
    for path, marks in zip(files, made, strict=True):
        folders[path.parent.name].append(marks)
    for name, clips in sorted(folders.items()):
        middle = len(clips) // 2
        count = len(list(matches(clips[:middle], clips[middle:])))
        print(f"{name}: {count} of {len(clips) - middle} match a clip of the other half")


if __name__ == "__main__":
    main()
