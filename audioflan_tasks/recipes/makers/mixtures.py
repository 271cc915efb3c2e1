"""Questions about a mixture and the clips that sound in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from audioflan_tasks.recipes.draft import Draft
from audioflan_tasks.recipes.makers.groups import Groups
from audioflan_tasks.recipes.makers.maker import Maker
from audioflan_tasks.recipes.recording import Recording

__all__ = ["MIXTURE_MAKERS"]


def _mixtures(recordings: Sequence[Recording]) -> Iterator[tuple[Recording, list[Recording]]]:
    """Each mixture that is there, with those of its parts that are."""
    clips: Mapping[str, list[Recording]] = defaultdict(list)
    for recording in recordings:
        clips[recording.mixture].append(recording)
    for name, group in clips.items():
        mixture = next((clip for clip in group if clip.id == name), None)
        if mixture is not None:
            yield mixture, [clip for clip in group if clip.id != name]


def _speaker_extraction(recordings: Sequence[Recording]) -> Iterator[Draft]:
    """A voice of a mixture, enrolled by another utterance of the speaker from another one."""
    same_speaker = Groups(recordings, ("speaker",))
    for mixture, parts in _mixtures(recordings):
        for part in (part for part in parts if part.speaker):
            enrolment = same_speaker.partner(part, "speaker extraction", _is_other_utterance)
            if enrolment is not None:
                yield Draft(task="speaker_extraction", values=(mixture, enrolment), answer=part)


def _is_other_utterance(first: Recording, second: Recording) -> bool:
    return first.mixture != second.mixture and first.sentence != second.sentence


def _denoising(recordings: Sequence[Recording]) -> Iterator[Draft]:
    """Speech in noise of a stated level, of which the speech is the only part."""
    for mixture, parts in _mixtures(recordings):
        if mixture.snr_db is not None and len(parts) == 1:
            yield Draft(task="denoising", values=(mixture,), answer=parts[0])


MIXTURE_MAKERS: tuple[Maker, ...] = (
    Maker(task="speaker_extraction", needs=("mixture",), from_all=_speaker_extraction),
    Maker(task="denoising", needs=("mixture",), from_all=_denoising),
)
