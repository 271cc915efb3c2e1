"""Short composed pieces of eight beats whose every fact is known."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from common import SPLITS, Builder, Source, Split, sha256
from music_render import RATE, Note, render

from audioflan_tasks.seeds import seed_of

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FOLDER = "31_Rendered_Pieces"
LEAD_S = 0.1
BEATS = 8
_SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
_PROGRESSIONS = {
    "major": (("I", "vi", "IV", "V"), ("I", "IV", "V", "I"), ("ii", "V", "I", "vi"),
              ("I", "V", "vi", "IV")),
    "minor": (("i", "VI", "iv", "v"), ("i", "iv", "v", "i"), ("i", "VII", "VI", "v"),
              ("iv", "v", "i", "VI")),
}  # fmt: skip
_DEGREES = {"i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "vii": 6}
_PAIRS = {"train": 16, "dev": 6, "test": 6}


@dataclass(frozen=True, slots=True)
class Style:
    """A genre as an arrangement: (name, GM program) of chords, bass and melody, and drums."""

    genre: str
    chords: tuple[str, int]
    bass: tuple[str, int]
    melody: tuple[str, int]
    drums: str


STYLES = (
    Style("rock", ("electric guitar", 29), ("electric bass", 33), ("electric guitar", 29), "rock"),
    Style("jazz", ("piano", 0), ("double bass", 32), ("saxophone", 66), "swing"),
    Style("classical", ("strings", 48), ("cello", 42), ("flute", 73), ""),
    Style("electronic", ("synthesizer", 90), ("synth bass", 38), ("synth lead", 81), "four"),
)
_MOODS = {("major", True): "happy", ("minor", True): "angry", ("minor", False): "sad",
          ("major", False): "relaxed"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """One rendered piece; all times in seconds from the start of the clip."""

    audio_id: str
    split: Split
    tonic: int
    mode: str
    tempo: int
    style: Style
    numerals: tuple[str, ...]
    chords: tuple[tuple[float, float, str], ...]
    beats: tuple[float, ...]
    melody: tuple[int, ...]
    playing: tuple[frozenset[str], ...]
    seconds: float

    @property
    def key(self) -> str:
        """`C# minor`."""
        return f"{NAMES[self.tonic]} {self.mode}"

    @property
    def mood(self) -> str:
        """Quadrant of mode and tempo."""
        return _MOODS[self.mode, self.tempo >= 120]

    @property
    def pace(self) -> str:
        """slow, medium-tempo or fast."""
        return "slow" if self.tempo < 95 else "medium-tempo" if self.tempo < 130 else "fast"

    @property
    def instruments(self) -> tuple[str, ...]:
        """All instruments, sorted."""
        return tuple(sorted(frozenset().union(*self.playing)))

    @property
    def caption(self) -> str:
        """A sentence of facts."""
        parts = ", ".join(self.instruments[:-1]) + " and " + self.instruments[-1]
        return f"A {self.pace} {self.mood} {self.style.genre} piece in {self.key} with {parts}."


def pieces(builder: Builder) -> list[Piece]:
    """Pairs of pieces in one key; styles and tempi go round so that no fact tells another."""
    return [
        _made(builder, split, number, member)
        for split in SPLITS
        for number in range(_PAIRS[split])
        for member in range(2)
    ]


def _made(builder: Builder, split: Split, number: int, member: int) -> Piece:
    # A key of major and of minor in turn; dev and test take keys that training has as well.
    mode = ("major", "minor")[number % 2]
    tonic = (number * 5 + {"train": 0, "dev": 3, "test": 7}[split]) % 12
    draw = random.Random(seed_of("piece", split, number, member))
    fast = (number // 2 + member) % 2 == 0
    tempo = draw.choice((124, 132, 140, 152)) if fast else draw.choice((76, 84, 92, 104))
    style = STYLES[(number + 2 * member + number // 4) % len(STYLES)]
    numerals = draw.choice(_PROGRESSIONS[mode])
    beat = 60.0 / tempo
    beats = tuple(round(LEAD_S + n * beat, 4) for n in range(BEATS))
    notes, chords, melody, playing = _notes(draw, tonic, mode, style, numerals, beats, beat)
    seconds = round(LEAD_S + BEATS * beat + 0.15, 3)
    programs = {0: style.chords[1], 1: style.bass[1], 2: style.melody[1]}
    samples = render(notes, programs, seconds)
    stem = f"piece_{seed_of('name', split, number, member) % 10**8:08d}"
    source = Source("fluid-soundfont-gm", "3.1-5.3", "FluidR3_GM.sf2", sha256(samples.tobytes()),
                    stem, "this project", "FluidSynth 2.3.1")  # fmt: skip
    facts = {"tempo": tempo, "numerals": "-".join(numerals), "melody": list(melody)}
    audio_id = builder.clip(FOLDER, stem, samples, RATE, split, source, codec="opus", facts=facts)
    return Piece(audio_id, split, tonic, mode, tempo, style, numerals, chords, beats, melody,
                 playing, seconds)  # fmt: skip


def _notes(
    draw: random.Random,
    tonic: int,
    mode: str,
    style: Style,
    numerals: tuple[str, ...],
    beats: tuple[float, ...],
    beat: float,
) -> tuple[
    list[Note], tuple[tuple[float, float, str], ...], tuple[int, ...], tuple[frozenset[str], ...]
]:
    """Chords of two beats each, a bass in one half, a melody of chord notes on every beat."""
    scale = _SCALES[mode]
    notes: list[Note] = []
    chords, melody, playing = [], [], []
    bass_first = draw.random() < 0.5
    for number, start in enumerate(beats):
        degree = _DEGREES[numerals[number // 2].lower()]
        root = (tonic + scale[degree]) % 12
        minor = numerals[number // 2].islower()
        triad = (root, root + (3 if minor else 4), root + 7)
        notes += [Note(start, start + 0.9 * beat, 48 + p % 12, 0, 70) for p in triad]
        here = {style.chords[0], style.melody[0]}
        if (number < BEATS // 2) == bass_first:
            notes.append(Note(start, start + 0.9 * beat, 36 + root, 1, 95))
            here.add(style.bass[0])
        pitch = 72 + draw.choice(triad) % 12
        melody.append(pitch)
        notes.append(Note(start, start + 0.85 * beat, pitch, 2, 112))
        if style.drums:
            notes += _drums(style.drums, number, start, beat)
            here.add("drums")
        playing.append(frozenset(here))
        if number % 2 == 0:
            name = f"{NAMES[root]}:{'min' if minor else 'maj'}"
            chords.append((start, round(start + 2 * beat, 4), name))
    return notes, tuple(chords), tuple(melody), tuple(playing)


def _drums(pattern: str, number: int, start: float, beat: float) -> Iterator[Note]:
    if pattern == "swing":
        yield Note(start, start + 0.1, 51, 9, 80)
        if number % 2:
            yield Note(start + beat * 2 / 3, start + beat * 0.9, 51, 9, 60)
    elif pattern == "four":
        yield Note(start, start + 0.1, 36, 9, 110)
        yield Note(start + beat / 2, start + beat * 0.7, 42, 9, 70)
    else:
        yield Note(start, start + 0.1, 38 if number % 2 else 36, 9, 110)
        yield Note(start, start + 0.1, 42, 9, 70)
