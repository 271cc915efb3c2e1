"""Several recordings in one clip: separation, extraction, and when somebody speaks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from audioflan_tasks.preprocessors.simulate.runs.draw import unit
from audioflan_tasks.recipes.draft import Draft
from audioflan_tasks.recipes.makers.answers import spans, timed
from audioflan_tasks.recipes.makers.groups import Fits, Groups
from audioflan_tasks.recipes.makers.maker import FromAll, Maker
from audioflan_tasks.recipes.makers.simulations import (
    MUSIC_RATE,
    excerpt,
    length_of,
    preset,
    simulation,
)
from audioflan_tasks.recipes.recording import Recording, TimedLabel
from audioflan_tasks.recipes.simulated_clip import Clip, SimulatedClip
from audioflan_tasks.seeds import seed_of

__all__ = ["MIXING_MAKERS"]

# Noise below the target speaker, in dB.
_NOISE_DB = (-25.0, -10.0)
_NOISE_COLORS = ("white", "pink", "brown")
# Pieces of speech in noise, and of speech and other sound after one another.
_MOST_PIECES = 3
_PIECE_S = 4.0
# Words of captions that name somebody speaking, and those that name a voice of any kind.
_SPEECH = re.compile(r"\b(speech|speak\w*|spoke\w*|talk\w*|conversation|narrat\w*)\b", re.I)
_VOICE = re.compile(
    r"\b(speech|speak\w*|spoke\w*|talk\w*|conversation|narrat\w*|voice\w*|vocal\w*|sing\w*|sang|"
    r"song|say\w*|said|m[ae]n|wom[ae]n|child\w*|bab(y|ies)|boys?|girls?|people|person|crowd\w*|"
    r"male|female|laugh\w*|shout\w*|whisper\w*|announce\w*|rap\w*|choir)\b",
    re.I,
)
_LONG_WORD = re.compile(r"[a-z]{4,}")
_PLAIN_WORDS = frozenset(
    ["with", "while", "sound", "sounds", "then", "followed", "background", "some", "into", "from"]
)

# What a question asks for, beside the mixture; None where there is no such clip.
Query: TypeAlias = Callable[[Recording], Clip | str | None]


def _named_stems(recordings: Sequence[Recording]) -> Iterator[Draft]:
    """Each instrument of a song, from its mixture or the sum of its parts as they are."""
    songs = defaultdict[str, list[Recording]](list)
    for recording in recordings:
        songs[recording.mixture].append(recording)
    for song, members in songs.items():
        stems = defaultdict[str, list[Recording]](list)
        for recording in members:
            if recording.id != song:
                stems[recording.instruments[0]].append(recording)
        if len(stems) > 1:
            yield from _separated(song, members, stems)


def _separated(
    song: str, members: Sequence[Recording], stems: dict[str, list[Recording]]
) -> Iterator[Draft]:
    seconds = min(recording.seconds or 0.0 for recording in members)

    def part_of_song(recording: Recording) -> Clip:
        # The same seconds of all; tracks of a song may end at different times.
        same_length = replace(recording, seconds=seconds)
        return excerpt(same_length, preset("mix").most_s, MUSIC_RATE, song)

    parts = [_sum([part_of_song(recording) for recording in stem]) for stem in stems.values()]
    whole = next((recording for recording in members if recording.id == song), None)
    if whole is not None:
        mixture, answers = part_of_song(whole), parts
    else:
        song_mix = _mixture(parts)
        mixture, answers = song_mix, [song_mix.part(number) for number in range(len(parts))]
    for name, answer in zip(stems, answers, strict=True):
        yield Draft(task="text_guided_source_separation", values=(name, mixture), answer=answer)


def _sum(clips: Sequence[Clip]) -> Clip:
    return clips[0] if len(clips) == 1 else _mixture(clips)


def _mixture(clips: Sequence[Clip]) -> SimulatedClip:
    """Clips at once, each as loud as it is."""
    return SimulatedClip(kind="mix", inputs=tuple(clips), params={}, sample_rate=MUSIC_RATE)


def _speaker_extraction(recordings: Sequence[Recording]) -> Iterator[Draft]:
    """One of two speakers of a language in noise, by another recording of the speaker."""
    noises, people = _by_role(recordings)
    same_language = Groups(people, ("language",))
    same_voice = Groups(people, ("speaker",))
    rules = preset("mix_speakers")
    for recording in people:
        other = same_language.partner(recording, "speaker", lambda a, b: a.speaker != b.speaker)
        enrolment = same_voice.partner(
            recording, "enrolment", lambda a, b: not a.text or a.text != b.text
        )
        if other is None or enrolment is None or (recording.seconds or 0.0) < rules.least_s:
            continue
        voices = simulation("mix_speakers", (_spoken(recording), _spoken(other)))
        mixture = _in_noise(voices, _noise(recording, noises, length_of(voices.inputs[0])))
        yield Draft(
            task="speaker_extraction", values=(mixture, _spoken(enrolment)),
            answer=mixture.part(0),
        )  # fmt: skip


def _by_role(recordings: Sequence[Recording]) -> tuple[list[Recording], list[Recording]]:
    """Those of noise, and those of people who are not in a mixture already."""
    noises = [recording for recording in recordings if recording.role]
    people = [recording for recording in recordings if not recording.role and not recording.mixture]
    return noises, people


def _spoken(recording: Recording) -> Clip:
    return excerpt(recording, preset("mix_speakers").most_s, preset("mix_speakers").sample_rate)


def _in_noise(voices: SimulatedClip, noise: Clip) -> SimulatedClip:
    low, high = _NOISE_DB
    level = round(low + (high - low) * unit(voices.seed, "noise"), 1)
    levels = (*voices.params["levels_db"], level)
    return replace(
        voices, inputs=(*voices.inputs, noise), params={**voices.params, "levels_db": levels}
    )


def _noise(recording: Recording, noises: Sequence[Recording], seconds: float) -> Clip:
    """Measured noise where the corpus has some, else noise of a drawn colour."""
    seed = seed_of("noise", recording.id)
    if noises:
        return excerpt(noises[seed % len(noises)], seconds, 16_000, recording.id)
    color = _NOISE_COLORS[seed % len(_NOISE_COLORS)]
    return SimulatedClip(
        kind="noise", params={"color": color, "seconds": round(seconds, 3)}, seed=seed
    )


def _speech_in_noise(recordings: Sequence[Recording]) -> Iterator[Draft]:
    """When somebody speaks: pieces of speech, placed in noise. Pauses in a piece are part of it."""
    noises, people = _by_role(recordings)
    everyone = Groups(people, ())
    rules = preset("speech_in_background")
    for recording in people:
        if (recording.seconds or 0.0) < rules.least_s:
            continue
        others = _partners(recording, everyone, _count(recording), lambda a, b: True)
        pieces = [
            excerpt(each, rules.partner_most_s, rules.sample_rate, recording.id)
            for each in (recording, *others)
        ]
        scene = simulation(
            rules.name, (_noise(recording, noises, rules.most_s), *pieces)
        )  # fmt: skip
        spoken = [
            TimedLabel(start, start + length_of(piece), "speech")
            for start, piece in zip(scene.params["starts_s"], pieces, strict=True)
        ]
        yield Draft(task="voice_activity_detection", values=(scene,), answer=spans(spoken))


def _speech_and_other_sound(recordings: Sequence[Recording]) -> Iterator[Draft]:
    """Pieces of speech and of sounds without a voice in turn, by what their captions name."""
    is_speech = {
        recording.id: bool(_SPEECH.search(recording.caption))
        for recording in recordings
        if _SPEECH.search(recording.caption) or not _VOICE.search(recording.caption)
    }
    clear = [recording for recording in recordings if recording.id in is_speech]
    everything = Groups(clear, ())
    for recording in clear:
        pieces = [recording]
        for number in range(1, 2 + _count(recording)):
            other = everything.partner(
                pieces[-1],
                f"{recording.id} {number}",
                lambda a, b: is_speech[a.id] != is_speech[b.id],
            )
            if other is not None and other.id not in [each.id for each in pieces]:
                pieces.append(other)
        if len(pieces) > 1:
            yield _in_turn(pieces, is_speech)


def _in_turn(pieces: Sequence[Recording], is_speech: dict[str, bool]) -> Draft:
    clips = tuple(excerpt(each, _PIECE_S, 16_000) for each in pieces)
    intervals, end = [], 0.0
    for piece, clip in zip(pieces, clips, strict=True):
        start, end = end, end + length_of(clip)
        label = "speech" if is_speech[piece.id] else "nonspeech"
        intervals.append(TimedLabel(start, end, label))
    sequence = SimulatedClip(kind="concatenate", inputs=clips, params={})
    return Draft(
        task="speech_nonspeech_detection", values=(sequence,), answer=timed(intervals)
    )  # fmt: skip


def _extraction(task: str, query: Query | None, fits: Fits) -> FromAll:
    """One sound of two or three, by its name, its caption, or (`query` None) another like it."""

    def questions(recordings: Sequence[Recording]) -> Iterator[Draft]:
        everything, alike = Groups(recordings, ()), Groups(recordings, ("sounds",))
        rules = preset("mix")
        for recording in recordings:
            question = (
                query(recording) if query else alike.partner(recording, task, lambda a, b: True)
            )
            others = _partners(recording, everything, 1 + _count(recording) % 2, fits)
            if question is None or not others or (recording.seconds or 0.0) < rules.least_s:
                continue
            clips = tuple(
                excerpt(each, rules.most_s, rules.sample_rate) for each in (recording, *others)
            )
            mixture = simulation("mix", clips)
            yield Draft(task=task, values=(question, mixture), answer=mixture.part(0))

    return questions


def _partners(
    recording: Recording, groups: Groups, count: int, fits: Fits
) -> tuple[Recording, ...]:
    """Up to `count` other recordings, each of which fits all that are in the mixture before it."""
    members = [recording]
    for number in range(count):
        other = groups.partner(
            recording,
            f"partner {number}",
            lambda a, b: all(fits(each, b) and each.id != b.id for each in members),
        )
        if other is not None:
            members.append(other)
    return tuple(members[1:])


def _count(recording: Recording) -> int:
    """A number from 0 to 2 by the id."""
    return seed_of("count", recording.id) % _MOST_PIECES


def _other_sounds(first: Recording, second: Recording) -> bool:
    return not set(first.sounds) & set(second.sounds)


def _other_words(first: Recording, second: Recording) -> bool:
    """No longer word in common: two captions with one may be of the same sound."""
    return not _long_words(first.caption) & _long_words(second.caption)


def _long_words(caption: str) -> frozenset[str]:
    return frozenset(_LONG_WORD.findall(caption.lower())) - _PLAIN_WORDS


MIXING_MAKERS: tuple[Maker, ...] = (
    Maker(
        task="text_guided_source_separation", needs=("mixture", "instruments"),
        from_all=_named_stems,
    ),
    Maker(
        task="speaker_extraction", needs=("speaker",), roles=("noise",),
        from_all=_speaker_extraction,
    ),
    Maker(
        task="voice_activity_detection", needs=(), roles=("noise",), domain="speech",
        from_all=_speech_in_noise,
    ),
    Maker(
        task="speech_nonspeech_detection", needs=("caption",), from_all=_speech_and_other_sound
    ),
    Maker(
        task="label_querying_sound_extraction", needs=("sounds",),
        from_all=_extraction(
            "label_querying_sound_extraction", lambda clip: ", ".join(clip.sounds), _other_sounds
        ),
    ),
    Maker(
        task="audio_querying_sound_extraction", needs=("sounds",),
        from_all=_extraction("audio_querying_sound_extraction", None, _other_sounds),
    ),
    Maker(
        task="text_guided_audio_source_separation", needs=("caption",),
        from_all=_extraction(
            "text_guided_audio_source_separation", lambda clip: clip.caption, _other_words
        ),
    ),
)  # fmt: skip
