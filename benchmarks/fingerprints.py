"""How well landmarks find changed copies on the bundled clips: python benchmarks/fingerprints.py.

Every clip longer than 1 s is changed in one way and looked up among all clips. "right" is the
share matched to the clip that it came from; "any" counts a match with another clip as well,
which here mostly is a clip with the same sound (rendered notes, synthetic voices). Then every
unchanged clip is looked up among all the others: recordings, of which none is a copy of
another, and made sounds, which repeat themselves, apart.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import soundfile
import soxr

from audioflan_tasks.audio.load import load
from audioflan_tasks.demo import demo_root
from audioflan_tasks.evaluation.leakage.fingerprint import RATE, Landmarks, landmarks, matches

# Source folders whose sound a program made: the same voice or sample comes again and again.
MADE = (
    "09_Synthetic_Speech", "31_Rendered_Pieces", "32_Rendered_Notes", "33_Synthetic_Singing",
    "69_Generated",
)  # fmt: skip

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
    found_pairs = pairs(made)
    names = [f"{path.parent.name}/{path.stem}" for path in files]
    for kind in ("recorded", "made"):
        own = {
            at for at, path in enumerate(files) if (path.parent.name in MADE) == (kind == "made")
        }
        alike = [pair for pair in found_pairs if pair <= own]
        hit = set().union(*alike)
        print(f"{kind}, unchanged: {len(hit)} of {len(own)} match another clip, {len(alike)} pairs")
        shown = sorted(" = ".join(sorted(names[at] for at in pair)) for pair in alike)
        print("\n".join(f"  {line}" for line in shown[:20]))
    mixed = [p for p in found_pairs if len({files[at].parent.name in MADE for at in p}) == 2]
    print(f"a recorded and a made clip match: {len(mixed)} pairs")


def pairs(made: Sequence[Landmarks]) -> set[frozenset[int]]:
    """Pairs of different clips that match: any two are on different sides for some bit."""
    found = set()
    for bit in range(len(made).bit_length()):
        sides = [[at for at in range(len(made)) if at >> bit & 1 == side] for side in (0, 1)]
        for train, measured in (sides, sides[::-1]):
            for match in matches([made[at] for at in train], [made[at] for at in measured]):
                found.add(frozenset((train[match.train], measured[match.eval])))
    return found


if __name__ == "__main__":
    main()
