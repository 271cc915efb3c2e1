"""A recording of a corpus and what is known of it: what every reader gives and makers read."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, fields
from typing import Literal, NamedTuple

from audioflan_tasks.catalogue import Domain
from audioflan_tasks.records.instance import Split
from audioflan_tasks.vocabularies import matcher

__all__ = ["FACTS", "PEOPLE", "Recording", "Role", "TimedLabel", "audio_key", "gender_of"]

# Facts that say who is heard.
PEOPLE = ("speaker", "artist")
Role = Literal["", "noise", "room"]
_NOT_IN_IDS = re.compile(r"[^\w.#+-]+")
# Names of files end at 255 bytes; a part of a cut one comes behind.
_MOST_ID_BYTES = 200


class TimedLabel(NamedTuple):
    """A part of a recording, in seconds, and what is heard in it."""

    start: float
    end: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One clip and its facts, in the corpus's own words; "" and () mean that nothing is known.

    `audio` is a path below the corpus's root, with `/`, or the name of a member of an archive
    whose bytes are in `data`. `start` and `end` cut it, in seconds (`end` None: to its end).
    """

    id: str
    audio: str
    place: str = field(default="", metadata={"help": "file:line of its labels"})
    data: bytes | None = field(default=None, repr=False)
    start: float = 0.0
    end: float | None = None
    split: Split | None = None
    domain: Domain = "speech"
    role: Role = field(
        default="", metadata={"help": "noise or a room's response, to be added to others"}
    )
    seconds: float | None = field(default=None, metadata={"help": "its length, once it is read"})
    origin: str = field(default="", metadata={"help": "where it was recorded: studio, youtube"})
    licence: str = ""

    # Speech.
    text: str = ""
    language: str = field(default="", metadata={"help": "of the text, such as English"})
    speaker: str = ""
    gender: str = ""
    age: str = ""
    accent: str = ""
    dialect: str = ""
    emotion: str = ""
    intent: str = ""
    phones: str = ""
    phone_set: str = field(default="", metadata={"help": "IPA, pinyin, ARPAbet"})
    sentence: str = field(default="", metadata={"help": "id of what is said, by whomever"})
    translation: str = ""
    translation_language: str = ""
    device: str = ""
    vocoder: str = ""
    is_fake: bool | None = None
    snr_db: float | None = None
    mixture: str = field(
        default="", metadata={"help": "id of the clip that it sounds in; a mixture's own is its id"}
    )
    style: str = field(default="", metadata={"help": "such as spontaneous or read"})
    speaker_turns: tuple[TimedLabel, ...] = ()

    # Music.
    piece: str = field(default="", metadata={"help": "the work, which may have several clips"})
    artist: str = ""
    key: str = ""
    scale: str = ""
    progression: str = ""
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    technique: str = field(default="", metadata={"help": "of an instrument"})
    vocal_technique: str = ""
    note: str = field(default="", metadata={"help": "C4, or a MIDI number"})
    tempo_bpm: float | None = None
    beats: tuple[float, ...] = field(default=(), metadata={"help": "times in seconds"})
    melody_notes: tuple[TimedLabel, ...] = field(default=(), metadata={"help": "C4, A#3"})
    instrument_parts: tuple[TimedLabel, ...] = field(
        default=(), metadata={"help": "when each instrument sounds"}
    )
    melody: tuple[float, ...] = field(
        default=(), metadata={"help": "in Hz, each 0.1 s; 0 where it pauses"}
    )
    chords: tuple[TimedLabel, ...] = ()
    lyrics: str = ""
    score: str = field(default="", metadata={"help": "notes and lyrics of a sung line"})

    # Captions and sounds.
    caption: str = ""
    sounds: tuple[str, ...] = field(default=(), metadata={"help": "names without times"})
    events: tuple[TimedLabel, ...] = ()
    sound_kind: str = field(default="", metadata={"help": "of several sounds, such as Animal"})
    scene: str = ""

    @property
    def owner(self) -> str:
        """What must not be in two splits: the mixture, speaker, artist or piece, else the clip."""
        return self.mixture or self.speaker or self.artist or self.piece or self.id


_FIRST_FACT = "text"
_NAMES = [fact.name for fact in fields(Recording)]
# The facts that a column of somebody's table may hold.
FACTS: tuple[str, ...] = tuple(_NAMES[_NAMES.index(_FIRST_FACT) :])


def gender_of(word: str) -> str:
    """female or male for a name of either, such as f, 女 or male_masculine; "" for other words."""
    return matcher(("female", "male")).exact(word.partition("_")[0]) or ""


def audio_key(corpus: str, clip_id: str) -> str:
    """The audio id of a clip, in the release's style: `13_LibriTTS-R_260_123288`.

    What is too long for the name of a file, or has no letter, is shortened to its digest.
    """
    words = _NOT_IN_IDS.sub("_", clip_id).strip("_").lstrip(".")
    if not 0 < len(words.encode()) <= _MOST_ID_BYTES:
        digest = hashlib.sha256(clip_id.encode("utf-8", "surrogatepass")).hexdigest()
        words = f"{words[:40]}_{digest[:16]}".strip("_")
    return f"{corpus}_{words}"
