"""Questions that names of sounds answer: what kind of sound it is, and which is meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from audioflan_tasks.recipes.draft import Draft
from audioflan_tasks.recipes.makers.maker import CorpusLabels, Maker
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.seeds import seed_of

__all__ = ["SOUND_MAKERS"]

# Names of sounds that are of one kind only, in lower case, as AudioSet has them.
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "speech", "male speech, man speaking", "female speech, woman speaking",
                "child speech, kid speaking", "conversation", "narration, monologue",
            ),
            "speech",
        ),
        **dict.fromkeys(("music", "musical instrument"), "music"),
        **dict.fromkeys(
            ("noise", "white noise", "pink noise", "static", "environmental noise"), "noise"
        ),
        "silence": "silence",
    }
)  # fmt: skip
_CHOICES = 4
_TASK = "sound_event_understanding"


def _kind(recording: Recording, labels: CorpusLabels) -> Iterator[Draft]:
    """Speech, silence, music or noise, where all sounds of a clip are of that kind."""
    kinds = {_KINDS.get(sound.lower(), "") for sound in recording.sounds}
    if len(kinds) == 1 and "" not in kinds:
        yield Draft(
            task="speech_silence_music_and_noise_classification", values=(recording,),
            answer=kinds.pop(),
        )  # fmt: skip


def _understanding(recordings: Sequence[Recording]) -> Iterator[Draft]:
    """Which sound it is, of what kind, and whether it is one: wrong sounds are of its kind."""
    sounds_of = defaultdict[str, set[str]](set)
    for recording in recordings:
        sounds_of[recording.sound_kind].add(recording.sounds[0])
    kinds = tuple(sorted(sounds_of))
    for recording in recordings:
        sound, verb = recording.sounds[0], _verb(recording)
        others = _shuffled(recording.id, sounds_of[recording.sound_kind] - {sound})
        if len(kinds) > 1:
            question = f"What kind of sound is {verb}?"
            yield _question(recording, question, recording.sound_kind, kinds)
        if others:
            choices = tuple(sorted((sound, *others[: _CHOICES - 1])))
            yield _question(recording, f"Which sound is {verb}?", sound, choices)
            for answer, name in (("yes", sound), ("no", others[-1])):
                question = f'Is the sound "{name}" {verb}?'
                yield _question(recording, question, answer, ("no", "yes"))


def _verb(recording: Recording) -> str:
    return "imitated" if recording.style == "imitation" else "heard"


def _shuffled(draw: str, sounds: set[str]) -> list[str]:
    return sorted(sounds, key=lambda sound: (seed_of(draw, sound), sound))


def _question(
    recording: Recording, question: str, answer: str, options: tuple[str, ...]
) -> Draft:  # fmt: skip
    return Draft(
        task=_TASK, values=(question, recording), answer=answer, options=options, variant=question
    )


SOUND_MAKERS: tuple[Maker, ...] = (
    Maker(
        task="speech_silence_music_and_noise_classification", needs=("sounds",), from_one=_kind
    ),
    Maker(task=_TASK, needs=("sounds", "sound_kind"), from_all=_understanding),
)  # fmt: skip
