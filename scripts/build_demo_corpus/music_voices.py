"""Sung material: techniques, synthesis from a score, songs, and conversion between voices."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

from common import SPLITS, Builder, Source, Split, sha256, span
from fetch import require_program
from music_pieces import NAMES
from music_render import RATE as RENDER_RATE
from music_render import Note, render
from music_singing import RATE, TECHNIQUES, Sung, sing
from speech_material import CC0

from audioflan_tasks.seeds import seed_of

_FOLDER = "33_Synthetic_Singing"
_VOICES = ("en-us", "en-gb+f3")
_LYRICS = {
    "train": ("low sun low moon", "blue boat on sea", "warm rain all day", "old dog new day",
              "red leaf on snow", "far hill near road", "small bell rings low", "one more long way",
              "my lane is long", "cold wind and rain", "gold fields of corn", "dark wood no moon"),
    "dev": ("slow train night sky", "green door and stone", "white swan on lake",
            "long road no end"),
    "test": ("deep well clear sea", "soft light by morn", "brown bear no sleep",
             "high tide and foam"),
}  # fmt: skip
_COUNT = {"train": 12, "dev": 4, "test": 4}


def build(builder: Builder) -> None:
    """Writes the records."""
    require_program("espeak-ng", ["espeak-ng", "--version"], "1.51")
    builder.folder(
        _FOLDER, "CC0 1.0", CC0,
        "Words and melodies of this project, spoken by espeak-ng 1.51 and set on pitch by WORLD.\n"
        "Accompaniments played by FluidSynth with FluidR3 GM by Frank Wen (MIT licence).\n",
    )  # fmt: skip
    for split in SPLITS:
        for number, words in enumerate(_LYRICS[split]):
            _song(builder, split, number, words)
        _techniques(builder, split)


def _clip(builder: Builder, stem: str, split: Split, phrase: tuple[Sung, ...], voice: str,
          technique: str = "straight") -> str:  # fmt: skip
    samples = sing(voice, phrase, technique)
    source = Source("espeak-ng", "1.51", "", sha256(samples.tobytes()), stem, "this project",
                    f"espeak-ng -v {voice} and WORLD (pyworld 0.3.5)")  # fmt: skip
    facts = {"notes": [n.pitch for n in phrase], "seconds": [n.seconds for n in phrase]}
    return builder.clip(_FOLDER, stem, samples, RATE, split, source, codec="opus", facts=facts)


def _phrase(split: Split, number: int, words: str) -> tuple[Sung, ...]:
    draw = random.Random(seed_of("song", split, number))
    pitches = [draw.choice((52, 54, 56, 57, 59)) for _ in words.split()]
    return tuple(
        Sung(word, pitch, draw.choice((0.4, 0.5, 0.6)))
        for word, pitch in zip(words.split(), pitches, strict=True)
    )


def _song(builder: Builder, split: Split, number: int, words: str) -> None:
    phrase = _phrase(split, number, words)
    ids = [
        _clip(builder, f"song_{split}_{number}_{n}", split, phrase, voice)
        for n, voice in enumerate(_VOICES)
    ]
    score = "; ".join(f"{n.syllable} {NAMES[n.pitch % 12]}{n.pitch // 12 - 1} {n.seconds:.2f}"
                      for n in phrase)  # fmt: skip
    for audio_id in ids:
        builder.record(
            "singing_voice_synthesis", split, "Sing the lyrics on the notes of the score.",
            [f"score: {score}"], span(audio_id), grade="S", source="synthetic",
        )  # fmt: skip
    song, _ = builder.simulated(
        f"{_FOLDER}_sim_song_{split}_{number}", "mix",
        [ids[0], _accompaniment(builder, split, number, phrase)],
        {"levels_db": [0.0, -4.0], "length": "longest"}, RENDER_RATE,
    )  # fmt: skip
    builder.record(
        "lyrics_to_song_generation", split, "Make a song from these lyrics.", [f"lyrics: {words}"],
        span(song), grade="S", source="synthetic",
    )  # fmt: skip
    other = _LYRICS[split][(number + 1) % len(_LYRICS[split])]
    reference = _clip(builder, f"reference_{split}_{number}", split,
                      _phrase(split, number + 50, other), _VOICES[1])  # fmt: skip
    builder.record(
        "singing_voice_conversion", split, "Sing the first recording in the voice of the second.",
        [f"source_audio: {span(ids[0])}", f"reference_audio: {span(reference)}"], span(ids[1]),
        grade="S", source="synthetic",
    )  # fmt: skip


def _accompaniment(builder: Builder, split: Split, number: int, phrase: tuple[Sung, ...]) -> str:
    notes, at = [], 0.0
    for note in phrase:
        notes += [Note(at, at + note.seconds, note.pitch - 12 + s, 0, 70) for s in (0, 7, 12)]
        at += note.seconds
    samples = render(notes, {0: 24}, at + 0.2)
    stem = f"accompaniment_{split}_{number}"
    source = Source("fluid-soundfont-gm", "3.1-5.3", "FluidR3_GM.sf2", sha256(samples.tobytes()),
                    stem, "this project", "FluidSynth 2.3.1")  # fmt: skip
    return builder.clip(_FOLDER, stem, samples, RENDER_RATE, split, source, codec="opus")


def _techniques(builder: Builder, split: Split) -> None:
    melodies = [
        tuple(Sung("la", p, 0.6) for p in pitches)
        for pitches in ((52, 56, 59), (57, 54, 50), (59, 52, 57))[: 2 if split == "train" else 1]
    ]
    shift = {"train": 0, "dev": 1, "test": -1}[split]
    for (number, melody), voice, technique in itertools.product(
        enumerate(melodies), _VOICES, TECHNIQUES
    ):
        moved = tuple(replace(n, pitch=n.pitch + shift) for n in melody)
        stem = f"technique_{seed_of('technique', split, number, voice, technique) % 10**8:08d}"
        audio_id = _clip(builder, stem, split, moved, voice, technique)
        builder.record(
            "vocal_technique_classification", split, "With which technique is this sung?",
            [span(audio_id)], technique, grade="S", source="synthetic",
        )  # fmt: skip
