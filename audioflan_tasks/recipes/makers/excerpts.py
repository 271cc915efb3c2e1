"""Questions about a part of a recording: one beat, the melody of some seconds, how it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from audioflan_tasks.recipes.draft import Draft
from audioflan_tasks.recipes.makers.maker import CorpusLabels, FromOne, Maker
from audioflan_tasks.recipes.makers.simulations import (
    MUSIC_RATE,
    excerpt,
    length_of,
    part_of,
    preset,
    simulation,
    windows,
)
from audioflan_tasks.recipes.recording import Recording, TimedLabel
from audioflan_tasks.seeds import seed_of

__all__ = ["EXCERPT_MAKERS"]

# Of a part that is asked about, in seconds.
_WINDOW_S = 10.0
# A part begins as much before its first beat; a note counts that sounds as long after a beat.
_LEAD_S, _AFTER_BEAT_S = 0.05, 0.05
# Time between two values of a melody, in seconds.
_STEP_S = 0.1


def _heard_at(parts: tuple[TimedLabel, ...], time: float) -> str:
    """Labels of the parts that sound at a time, sorted."""
    return ", ".join(sorted({label for start, end, label in parts if start <= time < end}))


def _at_a_beat(task: str, parts: Callable[[Recording], tuple[TimedLabel, ...]]) -> FromOne:
    """What sounds on one beat of each part; beats are counted from the first one in it."""

    def questions(recording: Recording, labels: CorpusLabels) -> Iterator[Draft]:
        for start, end in windows(recording, _WINDOW_S):
            beats = [beat for beat in recording.beats if start <= beat < end - _AFTER_BEAT_S]
            answers = [_heard_at(parts(recording), beat + _AFTER_BEAT_S) for beat in beats]
            numbers = [number for number, answer in enumerate(answers, 1) if answer]
            if not numbers:
                continue
            number = numbers[seed_of(task, recording.id, str(start)) % len(numbers)]
            clip = part_of(recording, max(start, beats[0] - _LEAD_S), end, MUSIC_RATE)
            yield Draft(
                task=task, values=(clip,), answer=answers[number - 1],
                slots={"beat": str(number)}, options=labels.get("instruments", ()),
            )  # fmt: skip

    return questions


def _melody(recording: Recording, labels: CorpusLabels) -> Iterator[Draft]:
    """The pitch of the melody in each part in which there is one."""
    count = round(_WINDOW_S / _STEP_S)
    for start, end in windows(recording, _WINDOW_S):
        first = round(start / _STEP_S)
        pitches = recording.melody[first : first + count]
        if any(pitches):
            yield Draft(
                task="melody_extraction",
                values=(part_of(recording, start, end, MUSIC_RATE),),
                answer="; ".join(f"{n * _STEP_S:.2f} {hz:.1f}" for n, hz in enumerate(pitches)),
            )


def _continued(task: str, *, described: bool) -> FromOne:
    """The second part of a recording, from the first."""
    rules = preset("take")
    rate = MUSIC_RATE if described else rules.sample_rate

    def questions(recording: Recording, labels: CorpusLabels) -> Iterator[Draft]:
        whole = excerpt(recording, rules.most_s, rate)
        if length_of(whole) >= rules.least_s:
            first = simulation("take", (whole,), rate)
            values = (recording.caption, first) if described else (first,)
            yield Draft(task=task, values=values, answer=first.part("second"))

    return questions


EXCERPT_MAKERS: tuple[Maker, ...] = (
    Maker(
        task="beat_level_instrument_recognition", label="instruments",
        needs=("beats", "instrument_parts", "instruments"),
        from_one=_at_a_beat(
            "beat_level_instrument_recognition", lambda clip: clip.instrument_parts
        ),
    ),
    Maker(
        task="beat_level_pitch_estimation", needs=("beats", "melody_notes"),
        from_one=_at_a_beat("beat_level_pitch_estimation", lambda clip: clip.melody_notes),
    ),
    Maker(task="melody_extraction", needs=("melody",), from_one=_melody),
    Maker(
        task="audio_continuation", needs=(),
        from_one=_continued("audio_continuation", described=False),
    ),
    Maker(
        task="text_guided_music_continuation", needs=("caption",),
        from_one=_continued("text_guided_music_continuation", described=True),
    ),
)  # fmt: skip
