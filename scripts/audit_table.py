"""Writes the table of what the audit finds in docs/evaluation.md, measured on the bundled corpus.

Recordings longer than 1 s are changed in one way and looked up among all recordings, and so are
sentences of its records with one word changed. It takes some minutes of processor time, so no
test runs it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from generated_page import between, write_or_check
from scipy.signal import fftconvolve, istft, stft

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from audioflan_tasks.audio.load import load  # noqa: E402
from audioflan_tasks.corpus import Corpus  # noqa: E402
from audioflan_tasks.demo import demo_root  # noqa: E402
from audioflan_tasks.evaluation.leakage.fingerprint import (  # noqa: E402
    RATE,
    Landmarks,
    landmarks,
    matches,
)
from audioflan_tasks.evaluation.leakage.texts import (  # noqa: E402
    near_pairs,
    shingles,
    short_pairs,
)
from audioflan_tasks.preprocessors.simulate.rooms import image_response  # noqa: E402
from audioflan_tasks.records.prose import prose_of  # noqa: E402

TARGET = ROOT / "docs" / "evaluation.md"

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


def faster(samples: Samples, factor: float) -> Samples:
    """Played at another speed, which changes the pitch as well."""
    return np.asarray(soxr.resample(samples, RATE, RATE / factor), np.float32)


def higher(samples: Samples, semitones: float) -> Samples:
    """Another pitch at the same speed, by a phase vocoder."""
    factor = 2 ** (semitones / 12)
    _, _, frames = stft(samples, nperseg=512, noverlap=384)
    steps = np.arange(0, frames.shape[1] - 1, 1 / factor)
    left = frames[:, steps.astype(int)]
    advance = np.angle(frames[:, steps.astype(int) + 1] * np.conj(left))
    stretched = np.abs(left) * np.exp(1j * np.cumsum(advance, axis=1))
    return faster(np.asarray(istft(stretched, nperseg=512, noverlap=384)[1], np.float32), factor)


def in_room(samples: Samples, seconds: float) -> Samples:
    """In a room of that reverberation time."""
    response = image_response(seconds, (6.0, 5.0, 3.0), RATE, np.random.default_rng(1))
    wet = fftconvolve(samples, response)[: len(samples)]
    return np.asarray(wet / np.abs(wet).max(), np.float32)


CHANGES: dict[str, Callable[[Samples], Samples]] = {
    "Opus at 16 kHz": lambda x: coded(x, "OGG", "OPUS"),
    "MP3 at 16 kHz": lambda x: coded(x, "MP3", None),
    "0.14 and 0.21 s cut off": lambda x: x[int(0.137 * RATE) : -int(0.21 * RATE)],
    "14 dB quieter": lambda x: 0.2 * x,
    "noise at 20 dB": noisy,
    "middle half as MP3": half,
    "speed 1.01": lambda x: faster(x, 1.01),
    "speed 1.02": lambda x: faster(x, 1.02),
    "speed 1.1": lambda x: faster(x, 1.1),
    "pitch +1": lambda x: higher(x, 1),
    "pitch -2": lambda x: higher(x, -2),
    "room of 0.3 s": lambda x: in_room(x, 0.3),
    "room of 1 s": lambda x: in_room(x, 1.0),
}


def main() -> int:
    """Measures, and writes the table."""
    lines = [
        "| change of a copy | looked up | found | another found |",
        "|---|---|---|---|",
        *recordings(),
        *sentences(),
    ]
    page = TARGET.read_text(encoding="utf-8")
    return write_or_check(TARGET, between("audit", "\n".join(lines) + "\n", page))


def recordings() -> Iterator[str]:
    """A line for each change of a recording, and one for recordings that nobody changed."""
    files = sorted((demo_root() / "audio_files").rglob("*.opus"))
    loaded = (load(path, RATE) for path in files if path.parent.name not in MADE)
    waves = [wave for wave in loaded if len(wave) > RATE]
    known = [landmarks(wave) for wave in waves]
    for name, change in CHANGES.items():
        copies = [landmarks(change(wave)) for wave in waves]
        origins = {m.eval: m.train for m in matches(known, copies)}
        right = sum(origin == number for number, origin in origins.items())
        yield line(name, len(waves), right, len(origins) - right)
    alike = set().union(*pairs(known))
    yield line("none, itself left out", len(waves), None, len(alike))


def sentences() -> Iterator[str]:
    """Lines for sentences of which one word is changed, and for those that are as they are."""
    corpus = Corpus()
    known = list(dict.fromkeys(t for i in corpus.instances(split="train") for t in prose_of(i, 3)))
    other = dict.fromkeys(t for i in corpus.instances(split="test") for t in prose_of(i, 3))
    fresh = [text for text in other if text not in set(known)]
    for name, fewest, most in (("3 to 8 words", 3, 8), ("9 words and more", 9, 10**6)):
        texts = [text for text in known if fewest <= len(text.split()) <= most]
        origins = origins_of(known, [with_other_word(text) for text in texts])
        right = sum(known[origins.get(n, 0)] == text for n, text in enumerate(texts))
        yield line(f"one word of a text of {name}", len(texts), right, len(origins) - right)
        others = [text for text in fresh if fewest <= len(text.split()) <= most]
        yield line(
            f"none, other texts of {name}", len(others), None, len(origins_of(known, others))
        )


def origins_of(known: list[str], texts: list[str]) -> dict[int, int]:
    """For each text that is found the known one that it is like."""
    short = {p.eval: p.train for p in short_pairs(known, texts)}
    sets = (shingles([text.split() for text in side]) for side in (known, texts))
    return {**short, **{p.eval: p.train for p in near_pairs(*sets)}}


def with_other_word(text: str) -> str:
    """The text with the word in its midst replaced."""
    parts = text.split()
    parts[len(parts) // 2] = "otherwise"
    return " ".join(parts)


def line(name: str, count: int, right: int | None, wrong: int) -> str:
    """A row of the table."""
    found = "" if right is None else f"{right / count:.0%}"
    return f"| {name} | {count} | {found} | {wrong} |"


def pairs(marks: Sequence[Landmarks]) -> set[frozenset[int]]:
    """Pairs of different clips that match: any two are on different sides for some bit."""
    matched = set()
    for bit in range(len(marks).bit_length()):
        sides = [[n for n in range(len(marks)) if n >> bit & 1 == side] for side in (0, 1)]
        for train, measured in (sides, sides[::-1]):
            for match in matches([marks[n] for n in train], [marks[n] for n in measured]):
                matched.add(frozenset((train[match.train], measured[match.eval])))
    return matched


if __name__ == "__main__":
    raise SystemExit(main())
