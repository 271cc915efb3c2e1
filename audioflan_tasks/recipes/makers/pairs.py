"""Questions about two recordings, balanced, with negatives that only the asked fact tells.

Each recording that has both a partner of the same value and one of another gets one question of
each answer, so neither the first clip nor the share of answers gives one away. Partners of both
kinds agree with it in the facts of `agree` (language, gender): a negative that differed in one of
these could be told by it. A recording without such partners is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from audioflan_tasks.recipes.draft import Draft
from audioflan_tasks.recipes.makers.groups import Fits, Groups
from audioflan_tasks.recipes.makers.maker import FromAll, Maker
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.seeds import seed_of

__all__ = ["PAIR_MAKERS"]

# Two tempi are the same within this share, and differ from the next one on.
_SAME_TEMPO, _OTHER_TEMPO = 0.01, 0.08


def _yes_no(
    task: str,
    fact: str,
    *needs: str,
    agree: tuple[str, ...] = (),
    unlike: tuple[str, ...] = (),
) -> Maker:
    """Whether two recordings have the same value of a fact, once yes and once no for each.

    Partners of both answers have the values of `agree`, and others in `unlike` where both know.
    """

    def other(first: Recording, second: Recording) -> bool:
        return all(_differ(first, second, name) for name in unlike)

    def questions(recordings: Sequence[Recording]) -> Iterator[Draft]:
        alike = Groups(recordings, (fact, *agree))
        comparable = Groups(recordings, agree)
        for recording in recordings:
            yes = alike.partner(recording, f"{task} yes", other)
            no = comparable.partner(
                recording,
                f"{task} no",
                lambda a, b: getattr(a, fact) != getattr(b, fact) and other(a, b),
            )
            if yes is not None and no is not None:
                for answer, partner in (("yes", yes), ("no", no)):
                    values = _shuffled(task, recording, partner)
                    yield Draft(task=task, values=values, answer=answer, variant=answer)

    return Maker(task=task, needs=(fact, *needs), from_all=questions)


def _differ(first: Recording, second: Recording, fact: str) -> bool:
    value: Any = getattr(first, fact)
    return not value or value != getattr(second, fact)


def _shuffled(task: str, first: Recording, second: Recording) -> tuple[Recording, Recording]:
    """The two in an order that does not tell which of them the question began with."""
    swap = seed_of(task, *sorted((first.id, second.id))) % 2
    return (second, first) if swap else (first, second)


def _tempo(recordings: Sequence[Recording]) -> Iterator[Draft]:
    """Which is faster: for each recording one partner that is, one that is slower, one as fast."""
    all_groups = Groups(recordings, ())
    for recording in recordings:
        partners = {
            answer: all_groups.partner(recording, f"tempo {answer}", fits)
            for answer, fits in _TEMPO_ANSWERS.items()
        }
        if partners["first"] is None or partners["second"] is None:
            continue
        for answer, partner in partners.items():
            if partner is not None:
                yield Draft(
                    task="tempo_comparison", values=(recording, partner), answer=answer,
                    variant=answer,
                )  # fmt: skip


def _ratio(first: Recording, second: Recording) -> float:
    return (first.tempo_bpm or 1.0) / (second.tempo_bpm or 1.0)


_TEMPO_ANSWERS: Mapping[str, Fits] = MappingProxyType(
    {
        "first": lambda a, b: _ratio(a, b) > 1 + _OTHER_TEMPO,
        "second": lambda a, b: _ratio(b, a) > 1 + _OTHER_TEMPO,
        "same": lambda a, b: max(_ratio(a, b), _ratio(b, a)) <= 1 + _SAME_TEMPO,
    }
)


def _in_the_voice_of(task: str, *, emotional: bool) -> FromAll:
    """The text of a recording in the voice of another of the same speaker."""

    def questions(recordings: Sequence[Recording]) -> Iterator[Draft]:
        same_speaker = Groups(recordings, ("speaker",))
        for recording in recordings:
            prompt = same_speaker.partner(recording, task, lambda a, b: a.text != b.text)
            if prompt is not None:
                slots = {"emotion": recording.emotion} if emotional else {}
                yield Draft(
                    task=task, values=(recording.text, prompt), answer=recording, slots=slots
                )

    return questions


def _voice_conversion(recordings: Sequence[Recording]) -> Iterator[Draft]:
    """A sentence of one speaker in the voice of another who says it too."""
    same_sentence = Groups(recordings, ("sentence", "emotion", "language"))
    same_voice = Groups(recordings, ("speaker", "emotion"))
    for recording in recordings:
        target = same_sentence.partner(recording, "conversion", lambda a, b: a.speaker != b.speaker)
        reference = target and same_voice.partner(
            target, "reference", lambda a, b: a.sentence != b.sentence
        )
        if target is not None and reference is not None:
            yield Draft(task="voice_conversion", values=(recording, reference), answer=target)


def _singing_conversion(recordings: Sequence[Recording]) -> Iterator[Draft]:
    """A sung line of one singer in the voice of another who sings it too."""
    same_line = Groups(recordings, ("piece", "lyrics"))
    same_voice = Groups(recordings, ("artist",))
    for recording in recordings:
        target = same_line.partner(recording, "singing", lambda a, b: a.artist != b.artist)
        reference = target and same_voice.partner(
            target, "reference", lambda a, b: a.lyrics != b.lyrics
        )
        if target is not None and reference is not None:
            yield Draft(
                task="singing_voice_conversion", values=(recording, reference), answer=target
            )


def _emotion_conversion(recordings: Sequence[Recording]) -> Iterator[Draft]:
    """The same sentence of the same speaker with another emotion."""
    partners_of = Groups(recordings, ("speaker", "sentence"))
    for recording in recordings:
        target = partners_of.partner(recording, "emotion", lambda a, b: a.emotion != b.emotion)
        if target is not None:
            yield Draft(
                task="emotion_conversion", values=(recording,), answer=target,
                slots={"emotion": target.emotion},
            )  # fmt: skip


def _translated_speech(recordings: Sequence[Recording]) -> Iterator[Draft]:
    """The same sentence in another language."""
    partners_of = Groups(recordings, ("sentence",))
    for recording in recordings:
        target = partners_of.partner(
            recording, "translation", lambda a, b: a.language != b.language
        )
        if target is not None:
            yield Draft(
                task="speech_to_speech_translation", values=(recording,), answer=target,
                slots={"target_language": target.language},
            )  # fmt: skip


PAIR_MAKERS: tuple[Maker, ...] = (
    _yes_no("speaker_verification", "speaker", agree=("language", "gender"), unlike=("text",)),
    _yes_no("spoken_paragraph_recognition", "sentence", agree=("language",), unlike=("speaker",)),
    _yes_no("instrument_comparison", "instruments", agree=("note",)),
    _yes_no("key_comparison", "key", unlike=("piece",)),
    _yes_no("instrumental_technique_comparison", "technique", agree=("instruments",)),
    _yes_no("emotion_comparison", "moods", unlike=("artist",)),
    Maker(task="tempo_comparison", needs=("tempo_bpm",), from_all=_tempo),
    Maker(
        task="zero_shot_text_to_speech", needs=("text", "speaker"),
        from_all=_in_the_voice_of("zero_shot_text_to_speech", emotional=False),
    ),
    Maker(
        task="zero_shot_emotional_text_to_speech", needs=("text", "speaker", "emotion"),
        from_all=_in_the_voice_of("zero_shot_emotional_text_to_speech", emotional=True),
    ),
    Maker(
        task="voice_conversion", needs=("speaker", "sentence"), from_all=_voice_conversion
    ),
    Maker(
        task="emotion_conversion", needs=("speaker", "sentence", "emotion"),
        from_all=_emotion_conversion,
    ),
    Maker(
        task="speech_to_speech_translation", needs=("sentence", "language"),
        from_all=_translated_speech,
    ),
    Maker(
        task="singing_voice_conversion", needs=("artist", "lyrics"), from_all=_singing_conversion
    ),
)  # fmt: skip
