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

__all__ = ["FAMILIES", "FamilyRow"]


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """The skill that the tasks of a family share, and whether it is unseen by default."""

    skill: str
    unseen_by_default: bool = False


FAMILIES: Mapping[str, FamilyRow] = MappingProxyType(
    {
        "transcription": FamilyRow("hears what is said, word by word or phone by phone"),
        "spoken intent": FamilyRow("understands what a speaker wants", unseen_by_default=True),
        "speaker traits": FamilyRow("hears sex and age of a speaker"),
        "emotion of speech": FamilyRow("hears how a voice feels, and changes it"),
        "language and accent": FamilyRow("hears which language is spoken, and how"),
        "speaker identity": FamilyRow("tells people apart by their sound"),
        "captions": FamilyRow("describes what is heard in a sentence"),
        "forgery": FamilyRow("hears whether and how audio was synthesised", unseen_by_default=True),
        "recording device": FamilyRow("hears what audio was recorded through"),
        "enhancement": FamilyRow("tells a clean recording from what was done to it", True),
        "text to speech": FamilyRow("speaks or sings a text"),
        "voice conversion": FamilyRow("gives what is said or sung another voice"),
        "separation and extraction": FamilyRow("takes one source out of a mixture"),
        "key and harmony": FamilyRow("hears keys, scales and chords"),
        "character of music": FamilyRow("names genre, mood and tags of a piece"),
        "pitch": FamilyRow("hears the pitch of notes and melodies", unseen_by_default=True),
        "instruments": FamilyRow("tells instruments apart"),
        "technique": FamilyRow(
            "hears how a voice or an instrument is played", unseen_by_default=True
        ),
        "tempo and beats": FamilyRow("hears beats and how fast they are"),
        "sound from a description": FamilyRow("makes the sound that a text describes"),
        "continuation and inpainting": FamilyRow("makes what is missing of a recording"),
        "sound events": FamilyRow("tells sounds of the surroundings apart"),
        "speech activity": FamilyRow("tells speech from other sound"),
    }
)
