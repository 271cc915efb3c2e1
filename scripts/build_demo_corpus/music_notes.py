"""Single notes, scales and playing techniques, rendered from one soundfont."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from common import SPLITS, Builder, Source, Split, sha256, span
from music_pieces import NAMES
from music_render import RATE, Note, render
from music_tasks import two_clips
from speech_material import CC0

from audioflan_tasks.seeds import seed_of

_FOLDER = "32_Rendered_Notes"
_INSTRUMENTS = {"piano": 0, "violin": 40, "flute": 73, "trumpet": 56, "acoustic guitar": 24,
                "cello": 42, "clarinet": 71, "marimba": 12}  # fmt: skip
# Notes within the range of every instrument; dev and test have other pitches.
_PITCHES: Mapping[Split, tuple[int, ...]] = {
    "train": (57, 60, 62, 65, 69), "dev": (59, 64), "test": (58, 67),
}  # fmt: skip
_SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11, 12), "natural minor": (0, 2, 3, 5, 7, 8, 10, 12),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11, 12), "dorian": (0, 2, 3, 5, 7, 9, 10, 12),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10, 12), "major pentatonic": (0, 2, 4, 7, 9, 12),
    "blues": (0, 3, 5, 6, 7, 10, 12),
}  # fmt: skip
_TONICS: Mapping[Split, tuple[int, ...]] = {"train": (57, 60, 62), "dev": (59,), "test": (64,)}
_TECHNIQUES = {"arco": 48, "pizzicato": 45, "tremolo": 44, "palm mute": 28, "harmonics": 31,
               "trumpet mute": 59}  # fmt: skip
_MOTIFS: Mapping[Split, tuple[tuple[int, ...], ...]] = {
    "train": ((60, 64, 67), (62, 65, 69), (57, 60, 64), (65, 60, 62)),
    "dev": ((59, 62, 67), (64, 60, 57)), "test": ((58, 62, 65), (67, 64, 60)),
}  # fmt: skip


def build(builder: Builder, credits: str) -> None:
    """Writes the records."""
    builder.folder(_FOLDER, "CC0 1.0", CC0, credits)
    _notes(builder)
    _scales(builder)
    _techniques(builder)


def _clip(
    builder: Builder, stem: str, split: Split, notes: Sequence[Note], program: int, seconds: float
) -> str:
    samples = render(notes, {0: program}, seconds)
    source = Source("fluid-soundfont-gm", "3.1-5.3", "FluidR3_GM.sf2", sha256(samples.tobytes()),
                    stem, "this project", "FluidSynth 2.3.1")  # fmt: skip
    return builder.clip(_FOLDER, stem, samples, RATE, split, source, codec="opus",
                        facts={"program": program, "notes": [n.pitch for n in notes]})  # fmt: skip


def _name(*parts: str | int) -> str:
    """A stem that does not tell the answer."""
    return f"{seed_of(*parts) % 10**8:08d}"


def _notes(builder: Builder) -> None:
    for split in SPLITS:
        made = {}
        for (label, program), pitch in itertools.product(_INSTRUMENTS.items(), _PITCHES[split]):
            notes = [Note(0.05, 1.0, pitch, 0, 100)]
            audio_id = _clip(builder, f"note_{_name(label, pitch)}", split, notes, program, 1.2)
            made[label, pitch] = audio_id
            builder.record(
                "pitch_classification", split, "Which note is played?", [span(audio_id)],
                f"{NAMES[pitch % 12]}{pitch // 12 - 1}", grade="S", source="synthetic",
            )  # fmt: skip
            builder.record(
                "instrument_classification", split, "Which instrument is this?", [span(audio_id)],
                label, grade="S", source="synthetic", options=sorted(_INSTRUMENTS),
            )  # fmt: skip
        _compare(builder, "instrument_comparison", "Is it the same instrument in both clips?", made)


def _compare(builder: Builder, task: str, ask: str, made: Mapping[tuple[str, Any], str]) -> None:
    """As many pairs with the same label as with different ones."""
    pairs = list(itertools.permutations(made, 2))
    pairs.sort(key=lambda p: seed_of(task, str(p)))
    split = builder.clips[next(iter(made.values()))].split
    half = 10 if split == "train" else 4
    for answer, same in (("yes", True), ("no", False)):
        for a, b in [p for p in pairs if (p[0][0] == p[1][0]) == same][:half]:
            two_clips(builder, task, ask, made[a], made[b], answer, "S")


def _scales(builder: Builder) -> None:
    for split in SPLITS:
        for (label, steps), tonic in itertools.product(_SCALES.items(), _TONICS[split]):
            notes = [
                Note(0.05 + 0.28 * n, 0.05 + 0.28 * (n + 0.95), tonic + step)
                for n, step in enumerate(steps)
            ]
            seconds = 0.05 + 0.28 * len(steps) + 0.2
            audio_id = _clip(builder, f"scale_{_name(label, tonic)}", split, notes, 0, seconds)
            builder.record(
                "scale_recognition", split, "Which scale is played?", [span(audio_id)], label,
                grade="S", source="synthetic", options=sorted(_SCALES),
            )  # fmt: skip


def _techniques(builder: Builder) -> None:
    for split in SPLITS:
        made = {}
        for (label, program), motif in itertools.product(_TECHNIQUES.items(), _MOTIFS[split]):
            notes = [Note(0.05 + 0.5 * n, 0.5 + 0.5 * n, p, 0, 100) for n, p in enumerate(motif)]
            stem = f"motif_{_name(label, *motif)}"
            audio_id = _clip(builder, stem, split, notes, program, 1.8)
            made[label, motif] = audio_id
            builder.record(
                "instrumental_technique_classification", split,
                "With which technique is this played?", [span(audio_id)], label, grade="S",
                source="synthetic", options=sorted(_TECHNIQUES),
            )  # fmt: skip
        _compare(builder, "instrumental_technique_comparison",
                 "Are both clips played with the same technique?", made)  # fmt: skip
