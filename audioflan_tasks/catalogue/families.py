"""Families of tasks: what shares a skill, so that training on one teaches the others.

Ours, not the authors'. A family crosses major tasks and domains: denoising speech and restoring
the high frequencies of any audio are both enhancement. Whole families are held out by default
(`mixtures.holdout`): those of `unseen_by_default` were taken so that they have tasks of each domain
and of both categories, and that none has an inverse or a twin outside them, so that all other
tasks can be trained on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["FAMILIES", "Family"]


@dataclass(frozen=True, slots=True)
class Family:
    """The skill that the tasks of a family share, and whether it is unseen by default."""

    skill: str
    unseen_by_default: bool = False


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "transcription": Family("hears what is said, word by word or phone by phone"),
        "spoken intent": Family("understands what a speaker wants", unseen_by_default=True),
        "speaker traits": Family("hears sex and age of a speaker"),
        "emotion of speech": Family("hears how a voice feels, and changes it"),
        "language and accent": Family("hears which language is spoken, and how"),
        "speaker identity": Family("tells people apart by their sound"),
        "captions": Family("describes what is heard in a sentence"),
        "forgery": Family("hears whether and how audio was synthesised", unseen_by_default=True),
        "recording device": Family("hears what audio was recorded through"),
        "enhancement": Family("tells a clean recording from what was done to it", True),
        "text to speech": Family("speaks or sings a text"),
        "voice conversion": Family("gives what is said or sung another voice"),
        "separation and extraction": Family("takes one source out of a mixture"),
        "key and harmony": Family("hears keys, scales and chords"),
        "character of music": Family("names genre, mood and tags of a piece"),
        "pitch": Family("hears the pitch of notes and melodies", unseen_by_default=True),
        "instruments": Family("tells instruments apart"),
        "technique": Family("hears how a voice or an instrument is played", unseen_by_default=True),
        "tempo and beats": Family("hears beats and how fast they are"),
        "sound from a description": Family("makes the sound that a text describes"),
        "continuation and inpainting": Family("makes what is missing of a recording"),
        "sound events": Family("tells sounds of the surroundings apart"),
        "speech activity": Family("tells speech from other sound"),
    }
)
