"""Tasks on the composed pieces: key, chords, beats, melody, mood, captions, generation."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from common import FLOOR, Builder, span
from music_pieces import BEATS, LEAD_S, NAMES, STYLES, Piece

from audioflan_tasks.seeds import seed_of

_TAGS = sorted(
    {s.genre for s in STYLES} | {"major", "minor", "slow", "medium-tempo", "fast", "drums"}
)


@dataclass(frozen=True, slots=True)
class Question:
    """A task on one piece: its wordings and how the answer follows from the facts."""

    task: str
    asks: tuple[str, str]
    answer: Callable[[Piece], str]
    options: tuple[str, ...] = ()
    grade: str = "S"


def _intervals(piece: Piece) -> str:
    return "; ".join(f"{a:.2f}-{b:.2f} {name}" for a, b, name in piece.chords)


def _contour(piece: Piece) -> str:
    """The melody every 0.1 s, in Hz; 0 where it rests."""
    beat = 60.0 / piece.tempo
    points = []
    for step in range(round(piece.seconds * 10)):
        time = step / 10
        place = int((time - LEAD_S) / beat) if time >= LEAD_S else -1
        sounding = 0 <= place < BEATS and (time - LEAD_S) - place * beat < 0.85 * beat
        pitch = 440.0 * 2 ** ((piece.melody[place] - 69) / 12) if sounding else 0.0
        points.append(f"{time:.2f} {pitch:.1f}")
    return "; ".join(points)


def tags(piece: Piece) -> str:
    """Tags of a piece, sorted."""
    drums = {"drums"} if piece.style.drums else set()
    return ", ".join(sorted({piece.style.genre, piece.mode, piece.pace} | drums))


QUESTIONS = (
    Question("key_detection", ("What key is this piece in?", "Detect the key of the music."),
             lambda p: p.key),
    Question("chord_estimation", ("Give the chords with start and end in seconds.",
             "Estimate the chord sequence."), _intervals),
    Question("progression_extraction", ("Give the chord progression in Roman numerals.",
             "Extract the progression of this excerpt."), lambda p: "-".join(p.numerals)),
    Question("beat_tracking", ("Give the times of all beats in seconds.", "Track the beats."),
             lambda p: ", ".join(f"{t:.2f}" for t in p.beats)),
    Question("melody_extraction", ("Extract the melody as pitch in Hz every 0.1 seconds.",
             "Give the melody over time."), _contour),
    Question("emotion_classification", ("Which mood does this music express?",
             "Classify the emotion of the piece."), lambda p: p.mood, (), "W"),
    Question("music_tagging", ("Tag this piece of music.", "Which tags describe the music?"), tags,
             tuple(_TAGS)),
    Question("music_caption", ("Describe this piece of music.", "Write a caption for the music."),
             lambda p: p.caption),
)  # fmt: skip


def build(builder: Builder, pieces: Sequence[Piece]) -> None:
    """Writes the records."""
    for piece in pieces:
        for question in QUESTIONS:
            ask = question.asks[seed_of(question.task, piece.audio_id) % 2]
            builder.record(
                question.task, piece.split, ask, [span(piece.audio_id)], question.answer(piece),
                grade="W" if question.grade == "W" else "S", source="synthetic",
                options=question.options,
            )  # fmt: skip
        _beat_questions(builder, piece)
        _generate(builder, piece)
    for split in FLOOR:
        _comparisons(builder, [p for p in pieces if p.split == split])


def _beat_questions(builder: Builder, piece: Piece) -> None:
    place = seed_of("beat", piece.audio_id) % BEATS
    beat = str(place + 1)
    builder.record(
        "beat_level_instrument_recognition", piece.split,
        f"Which instruments play on beat {beat}?", [span(piece.audio_id)],
        ", ".join(sorted(piece.playing[place])), grade="S", source="synthetic",
        slots={"beat": beat},
        options=sorted({s.chords[0] for s in STYLES} | {s.bass[0] for s in STYLES}
                       | {s.melody[0] for s in STYLES} | {"drums"}),
    )  # fmt: skip
    pitch = piece.melody[place]
    builder.record(
        "beat_level_pitch_estimation", piece.split, f"Which melody note sounds on beat {beat}?",
        [span(piece.audio_id)], f"{NAMES[pitch % 12]}{pitch // 12 - 1}", grade="S",
        source="synthetic", slots={"beat": beat},
    )  # fmt: skip


def _generate(builder: Builder, piece: Piece) -> None:
    builder.record(
        "text_to_music_generation", piece.split, "Generate the music that the text describes.",
        [f"text_description: {piece.caption}"], span(piece.audio_id), grade="S",
        source="synthetic",
    )  # fmt: skip
    halves = [
        builder.simulated(
            f"{piece.audio_id}_sim_{part}".replace("_piece_", "_sim_piece_"), "take",
            [piece.audio_id], {"part": part, "fraction": 0.5}, 24000,
        )[0]
        for part in ("first", "second")
    ]  # fmt: skip
    builder.record(
        "text_guided_music_continuation", piece.split, "Continue the music as described.",
        [f"text_description: {piece.caption}", f"audio prompt: {span(halves[0])}"],
        span(halves[1]), grade="P", source="synthetic",
    )  # fmt: skip


def _comparisons(builder: Builder, pieces: Sequence[Piece]) -> None:
    pairs = list(itertools.permutations(pieces, 2))
    pairs.sort(key=lambda p: seed_of("pair", p[0].audio_id, p[1].audio_id))
    half = 8 if pieces[0].split == "train" else 4
    for task, ask, name, grade in (
        ("key_comparison", "Are both excerpts in the same key?", "key", "S"),
        ("emotion_comparison", "Do both excerpts express the same mood?", "mood", "W"),
    ):
        fact = attrgetter(name)
        for answer, wanted in (("yes", True), ("no", False)):
            chosen = [p for p in pairs if (fact(p[0]) == fact(p[1])) == wanted][:half]
            for a, b in chosen:
                two_clips(builder, task, ask, a.audio_id, b.audio_id, answer, grade)
    for answer in ("first", "second", "same"):
        chosen = [p for p in pairs if _faster(*p) == answer][:half]
        for a, b in chosen:
            ask = "Which excerpt is faster: the first, the second, or are they the same?"
            two_clips(builder, "tempo_comparison", ask, a.audio_id, b.audio_id, answer, "S")


def two_clips(
    builder: Builder, task: str, ask: str, first: str, second: str, answer: str, grade: str
) -> None:
    """A record that compares two clips."""
    builder.record(
        task, builder.clips[first].split, ask,
        [f"audio_sample1: {span(first)}", f"audio_sample2: {span(second)}"], answer,
        grade="W" if grade == "W" else "S", source="synthetic",
    )  # fmt: skip


def _faster(a: Piece, b: Piece) -> str:
    return "same" if a.tempo == b.tempo else "first" if a.tempo > b.tempo else "second"
