"""Which column of somebody's table is which fact, and the recording that a row is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from audioflan_tasks.catalogue import Domain
from audioflan_tasks.errors import RecordError, SettingsError, UnknownNameError
from audioflan_tasks.recipes.recording import FACTS, Recording, gender_of
from audioflan_tasks.records.settle import split_name
from audioflan_tasks.vocabularies.languages import language_name

__all__ = ["ColumnMap", "ImportedRow", "number_of", "recordings_of", "split_in"]

# Names that such columns have in public corpora and tools; case, blanks and "_" do not count.
_ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "audio": (
            "audiofilepath", "audiopath", "filepath", "filename", "file", "path", "wav", "wavpath",
            "recording", "audiofile", "fname", "clip", "mp3", "flac", "sound",
        ),
        "id": ("uttid", "utteranceid", "utterance", "key", "segmentid", "uuid", "index", "name"),
        "split": ("subset", "partition", "set", "fold"),
        "start": ("offset", "starttime", "begin", "starts", "onset"),
        "end": ("endtime", "stop", "ends", "offsetend"),
        "duration": ("dur", "length", "durations", "seconds"),
        "text": (
            "transcription", "transcript", "sentence", "normalizedtext", "utterancetext",
            "transcripts", "txt", "words",
        ),
        "language": ("lang", "locale", "languagecode"),
        "speaker": ("speakerid", "spk", "spkid", "clientid", "reader", "readerid", "voice"),
        "gender": ("sex", "speakergender"),
        "emotion": ("emotionlabel", "feeling"),
        "accent": ("accents",),
        "caption": ("captions", "description", "descriptions"),
        "genres": ("genre",),
        "tags": ("tag",),
        "moods": ("mood",),
        "instruments": ("instrument", "instrumentfamilystr"),
        "sounds": ("label", "labels", "class", "category", "categories", "event", "classname"),
        "scene": ("scenelabel",),
        "artist": ("singer", "artistname", "composer"),
        "piece": ("song", "track", "title", "trackid"),
        "tempo_bpm": ("tempo", "bpm"),
        "note": ("pitch",),
        "translation": ("targettext", "translatedtext"),
        "translation_language": ("targetlanguage", "targetlang"),
        "licence": ("license",),
        "origin": ("source",),
    }
)  # fmt: skip
_OF_CLIP = ("audio", "id", "split", "start", "end", "duration", "licence", "origin")
# What tables have in cells without a value; in a text such a word may be what is said.
_NO_VALUE = frozenset({"NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "<NA>", "#N/A"})
_TEXTS = frozenset({"text", "translation", "lyrics", "caption", "phones", "score"})
_SEVERAL = frozenset(f for f in FACTS if isinstance(getattr(Recording(id="", audio=""), f), tuple))
_WITH_TIMES = frozenset(
    {"speaker_turns", "chords", "events", "beats", "melody", "melody_notes", "instrument_parts"}
)
# Of a broken table the first line may be a column.
_NAMES_SHOWN, _NAME_LETTERS = 30, 60


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """A row of a table: its values by column, where it stands, and audio in it by its name."""

    values: Mapping[str, Any]
    place: str
    data: Mapping[str, bytes] = field(default_factory=dict, repr=False)


class ColumnMap:
    """The meaning of columns: by their names, unless `column_by_fact` says another.

    Args:
      names: the columns that there are.
      column_by_fact: fact to column, as `--column speaker=reader_name` says it.
      domain: of the clips; in music `key` is that of a song, elsewhere the name of a clip.

    Raises:
      UnknownNameError: a fact of `column_by_fact` is none, or its column is not there.
      SettingsError: no column names the audio.
    """

    def __init__(
        self,
        names: Iterable[str],
        column_by_fact: Mapping[str, str] | None = None,
        domain: Domain = "speech",
    ) -> None:
        self.names = dict.fromkeys(names)
        facts = (*_OF_CLIP, *FACTS)
        self.by_fact: dict[str, str] = {}
        for fact, column in (column_by_fact or {}).items():
            if fact not in facts:
                raise UnknownNameError("fact", fact, facts, " (--column FACT=COLUMN)")
            if column not in self.names:
                raise UnknownNameError("column", column, self.names)
            self.by_fact[fact] = column
        used_columns = set(self.by_fact.values())
        by_key = {_key(name): name for name in self.names if name not in used_columns}
        for fact in facts:
            spellings = [_key(fact), *_ALIASES.get(fact, ())]
            if fact == "id" and domain == "music":
                spellings.remove("key")
            key = next((key for key in spellings if key in by_key), "")
            if key and fact not in self.by_fact:
                self.by_fact[fact] = by_key.pop(key)
        if "audio" not in self.by_fact:
            names_in_line = (" ".join(name[:_NAME_LETTERS].split()) for name in self.names)
            raise SettingsError(
                "no column names the audio; there are "
                f"{', '.join(islice(names_in_line, _NAMES_SHOWN))} "
                "(--column audio=NAME says which; the first line has to be one of names)"
            )

    @property
    def unused(self) -> tuple[str, ...]:
        """Columns that are no known fact."""
        return tuple(name for name in self.names if name and name not in self.by_fact.values())

    def recording(self, row: ImportedRow, defaults: Mapping[str, Any]) -> Recording:
        """The recording of a row; `defaults` are facts of all rows, such as the language.

        Raises:
          RecordError: a value cannot be what its column is for.
        """
        facts: dict[str, Any] = dict(defaults)
        for fact, column in self.by_fact.items():
            value = row.values.get(column)
            if not _is_empty(fact, value):
                facts[fact] = _value(fact, value, f"{row.place}: column {column!r}")
        audio = facts.pop("audio", "")
        if not audio:
            raise RecordError(f"{row.place}: column {self.by_fact['audio']!r} is empty")
        duration = facts.pop("duration", None)
        start = facts.get("start", 0.0)
        # A duration alone is that of the file; beside a start it cuts.
        if "start" in facts and "end" not in facts and duration is not None:
            facts["end"] = start + duration
        stem = str(PurePosixPath(audio).with_suffix(""))
        part = f"_{start:.3f}" if start else ""
        facts.setdefault("id", f"{stem}{part}")
        return Recording(audio=audio, data=row.data.get(audio), place=row.place, **facts)


def recordings_of(
    rows: Iterable[ImportedRow],
    column_by_fact: Mapping[str, str] | None = None,
    defaults: Mapping[str, Any] | None = None,
    domain: Domain = "speech",
) -> Iterator[Recording]:
    """The recordings of rows; a column that later rows bring counts from there on."""
    columns: ColumnMap | None = None
    for row in rows:
        if columns is None:
            columns = ColumnMap(row.values, column_by_fact, domain)
        elif not row.values.keys() <= columns.names.keys():
            names = columns.names | dict.fromkeys(row.values)
            columns = ColumnMap(names, columns.by_fact, domain)
        yield columns.recording(row, {"domain": domain, **(defaults or {})})


def split_in(name: str) -> dict[str, str]:
    """The split that a name of a file or folder says, as a value of a row: {} if it says none.

    `train`, `test-other`, `mine_cuts_dev` and `train-00000-of-00001` say one.
    """
    words = re.split(r"[^a-z]+", name.lower())
    split = next(filter(None, map(split_name, words)), None)
    return {"split": split} if split else {}


def _key(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _is_empty(fact: str, value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    if not isinstance(value, str):
        return value is None or value == []
    word = value.strip()
    if fact in _TEXTS or not word:
        return not word
    return word in _NO_VALUE or not any(map(str.isalnum, word))


def _value(fact: str, value: Any, place: str) -> Any:
    if fact in ("start", "end", "duration", "tempo_bpm", "snr_db"):
        return number_of(value, place)
    if fact == "split":
        split = split_name(str(value))
        if split is None:
            raise RecordError(f"{place}: split {value!r}; expected train, validation or test")
        return split
    if fact == "is_fake":
        return _truth(value, place)
    if fact in _WITH_TIMES:
        raise RecordError(
            f"{place}: times in a table are not read; write records with them (docs/format.md)"
        )
    if fact in _SEVERAL:
        is_list = isinstance(value, list | tuple)
        parts = value if is_list else str(value).replace(";", ",").split(",")
        return tuple(part for part in (str(part).strip() for part in parts) if part)
    if isinstance(value, dict | list | tuple):
        raise RecordError(f"{place}: expected one value, found {str(value)[:60]!r}")
    word = str(value).strip()
    if fact == "gender":
        return gender_of(word) or word
    return language_name(word) if fact in ("language", "translation_language") else word


def number_of(value: Any, place: str) -> float:
    """A finite number; `place` says where it stands.

    Raises:
      RecordError: it is none.
    """
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise RecordError(f"{place}: {value!r} is no number")
    return number


def _truth(value: Any, place: str) -> bool:
    word = str(value).strip().lower()
    if word in ("true", "1", "yes", "fake", "spoof"):
        return True
    if word in ("false", "0", "no", "real", "genuine", "bonafide", "bona fide"):
        return False
    raise RecordError(f"{place}: {value!r} is neither true nor false")
