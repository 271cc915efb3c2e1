"""How the answers of each form are read: one `AnswerReader` a form.

A reader takes a text without lead-in, quotes and reasoning (see `answers`) and gives a value.
Task rows say by their `AnswerKind` which reader they have.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics.parsing import clean, keys, notes, quantity, seconds, symbols, texts
from audioflan_tasks.metrics.parsing.answer_text import AnswerText
from audioflan_tasks.metrics.parsing.chords import chord
from audioflan_tasks.metrics.parsing.indirect import (
    label_of_comparison,
    label_of_number,
    label_of_opposite,
)
from audioflan_tasks.metrics.parsing.labels import (
    read_label,
    read_labels,
    read_one_or_several,
    read_sequence,
)
from audioflan_tasks.metrics.values import Interval, ParsedAnswer, Status
from audioflan_tasks.vocabularies import UNSPACED, LabelMatcher

__all__ = ["READERS", "AnswerReader", "reader_of", "reader_of_several"]

# The words of a speaker may follow the name.
_SPEAKER = re.compile(
    r"(?:speaker|spk)[ _-]?\w{1,12}(?=\s*(?::|,|(?:talks?|speaks?|says)\b))", re.IGNORECASE
)
_UNSPACED_SCRIPT = re.compile(f"[{UNSPACED}]")
_NO_VALUE = object()
# More is cut off as a runaway, but an answer may be as long as its reference (`_most_chars`).
_MOST_OF_NAMES, _MOST_OF_TIMES, _MOST_OF_INTERVALS, _MOST_OF_CONTOUR = 6_000, 14_000, 14_000, 60_000
# Different names of an answer's intervals that are looked up in sentences.
_MOST_EVENTS = 300
_LONGEST_EVENT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReader:
    """How answers of one form are read.

    Attributes:
      name: as `AnswerKind.reader` and `MetricInfo.reads` have it.
      form: a right answer by example, for messages.
      parse: from a text to a value; never raises.
      labels: how the label set is used: not at all, to recognise known names (other names are
        kept), or as a closed set of which each answer is one member.
      is_text: running text, which is not taken apart.
      is_audio: a clip, which is not read at all.
      echo_words: how many words of the prompt an answer must copy to be an echo; 0: never one.
      size: how long a value is, in words or items.
      margin: sizes up to this are never too long; None: the value has no length.
      most_chars: what is behind them is cut off as too long, unless the reference is. Of a value
        without length both ends of a text are read (`clean.shortened`).
      repeats: whether a text that repeats itself counts as too long.
      when_none: the value of an answer that is an empty list, if the form has such a value.
      may_list: an answer may list several labels where one is asked for.
      fits: whether it reads a task's answers in place of the reader `instead_of`.
    """

    name: str
    form: str
    parse: Callable[[AnswerText], ParsedAnswer]
    labels: Literal["unused", "known", "closed"] = "unused"
    is_text: bool = False
    is_audio: bool = False
    echo_words: int = 0
    size: Callable[[Any], int] = len
    margin: int | None = 5
    most_chars: int = clean.MAX_CHARS
    repeats: bool = False
    when_none: Any = _NO_VALUE
    may_list: bool = False
    instead_of: str = ""
    fits: Callable[[TaskRow], bool] = lambda row: False

    @property
    def reads_sentences(self) -> bool:
        """Whether it reads an answer with its lead-in: labels and keys stand in sentences."""
        return self.labels == "closed" or self.instead_of == "label"

    @property
    def may_be_none(self) -> bool:
        """Whether an empty list is an answer."""
        return self.when_none is not _NO_VALUE


def reader_of(row: TaskRow) -> AnswerReader:
    """The reader of a task's answers: that of its answer kind, or a narrower one that fits."""
    general = READERS[row.answer_kind.reader]
    narrower = (r for r in READERS.values() if r.instead_of == general.name and r.fits(row))
    return next(narrower, general)


def reader_of_several(row: TaskRow) -> AnswerReader:
    """The reader of a label task of which some answers list several labels."""
    return READERS["label or labels"] if row.several_labels else reader_of(row)


def _running_text(answer: AnswerText) -> ParsedAnswer:
    return ParsedAnswer(texts.running_text(answer.body), Status.OK)


def _speech(answer: AnswerText) -> ParsedAnswer:
    return ParsedAnswer(texts.spoken_text(answer.body), Status.OK)


def _label(answer: AnswerText) -> ParsedAnswer:
    labels = answer.matcher
    if labels is None:
        plain = texts.plain_label(answer.body)
        return ParsedAnswer(plain or None, Status.OK if plain else Status.EMPTY)
    reading = read_label(answer, labels)
    row = answer.row
    if row is not None and row.label_ranges and reading.status is Status.OUT_OF_SET:
        return label_of_number(answer.body, row, answer.labels)
    other = label_of_opposite(answer, labels)
    if other is None and reading.status is Status.AMBIGUOUS:
        other = label_of_comparison(answer, labels)
    return reading if other is None else other


def _one_or_several(answer: AnswerText) -> ParsedAnswer:
    labels = answer.matcher
    if labels is None:
        return _label(answer)
    return read_one_or_several(answer, labels)


def _intervals(answer: AnswerText) -> ParsedAnswer:
    reading = seconds.read_intervals(answer.body)
    if reading.value is None:
        return reading
    labels = answer.matcher
    texts_of_events = dict.fromkeys(i.label for i in reading.value)
    events = {
        text: _event(text[:_LONGEST_EVENT], labels if n < _MOST_EVENTS else None)
        for n, text in enumerate(texts_of_events)
    }
    return replace(
        reading, value=tuple(Interval(i.start, i.end, events[i.label]) for i in reading.value)
    )


def _event(text: str, labels: LabelMatcher | None) -> str:
    if labels is not None and text:
        names = {labels.exact(text)} - {None} or {m.label for m in labels.mentions(text)}
        if len(names) == 1:
            return str(names.pop())
    speaker = _SPEAKER.match(text)
    return texts.plain_label(speaker[0] if speaker else text)


def _chords(answer: AnswerText) -> ParsedAnswer:
    intervals = seconds.read_intervals(answer.body).value
    if not intervals or any(i.end <= i.start for i in intervals):
        return ParsedAnswer(None, Status.MALFORMED)
    spans = sorted({(i.start, i.end) for i in intervals})
    if any(a[1] > b[0] + 1e-6 for a, b in itertools.pairwise(spans)):
        return ParsedAnswer(None, Status.MALFORMED)
    chords = tuple(sorted({Interval(i.start, i.end, chord(i.label)) for i in intervals}))
    is_one_each = len(chords) == len(spans)
    return ParsedAnswer(chords, Status.OK) if is_one_each else ParsedAnswer(None, Status.MALFORMED)


def _sequence(answer: AnswerText) -> ParsedAnswer:
    body = answer.body
    if not answer.labels and "," not in body and _is_progression(body):
        return symbols.read_progression(body)
    return read_sequence(body, answer.matcher, answer.is_name)


@lru_cache(maxsize=4096)
def _is_progression(body: str) -> bool:
    return "-" in body and symbols.read_progression(body).status is Status.OK


def _unread(answer: AnswerText) -> ParsedAnswer:
    raise TypeError("audio is not read from text")


def _words(value: Any) -> int:
    """Words of running text; characters where words are not spaced."""
    text = value[0] if isinstance(value, tuple) else str(value)
    words = len(text.split())
    return words if text.isascii() else max(words, len(_UNSPACED_SCRIPT.findall(text)))


def _has_key_labels(row: TaskRow) -> bool:
    readings = [keys.read_key(label) for label in row.labels]
    return bool(readings) and all(p.status is Status.OK for p in readings)


READERS: Mapping[str, AnswerReader] = MappingProxyType(
    {
        reader.name: reader
        for reader in (
            AnswerReader(
                name="text", form="plain text", parse=_speech, is_text=True, echo_words=5,
                size=_words, margin=10, repeats=True,
            ),
            AnswerReader(
                name="caption", form="a sentence", parse=_running_text, is_text=True, echo_words=5,
                size=_words, margin=20, repeats=True,
            ),
            AnswerReader(
                name="phones", form="phones such as 'h ə l oʊ'", echo_words=4,
                parse=lambda answer: texts.read_phones(answer.body),
            ),
            AnswerReader(
                name="label", form="a label", parse=_label, labels="closed", echo_words=8,
                margin=None,
            ),
            AnswerReader(
                name="label or labels", form="a label, or labels such as 'drums, guitar'",
                parse=_one_or_several, labels="closed", echo_words=8, margin=None, may_list=True,
                instead_of="label",
            ),
            AnswerReader(
                name="key", form="a key such as 'C# minor'", echo_words=4, margin=None,
                parse=lambda answer: keys.read_key(answer.text, answer.body),
                instead_of="label", fits=_has_key_labels,
            ),
            AnswerReader(
                name="labels", form="labels such as 'bass, drums'", labels="known", echo_words=8,
                margin=None, when_none=frozenset(),
                parse=lambda answer: read_labels(answer.body, answer.matcher, answer.is_name),
            ),
            AnswerReader(
                name="number", form="a number such as '12.5 dB'", echo_words=4, margin=None,
                parse=lambda answer: quantity.read_number(answer.body, answer.nouns),
            ),
            AnswerReader(
                name="times", form="times such as '0.52, 1.04'", echo_words=3, when_none=(),
                most_chars=_MOST_OF_TIMES,
                parse=lambda answer: seconds.read_times(answer.body),
            ),
            AnswerReader(
                name="intervals", form="intervals such as '0.10-1.20 speech; 1.50-2.00 speech'",
                parse=_intervals, labels="known", echo_words=3, when_none=(),
                most_chars=_MOST_OF_INTERVALS,
            ),
            AnswerReader(
                name="chords", form="chords such as '0.00-2.00 C:maj; 2.00-4.00 A:min'",
                parse=_chords, echo_words=3, most_chars=_MOST_OF_INTERVALS,
                instead_of="intervals", fits=lambda row: "chord" in row.attributes,
            ),
            AnswerReader(
                name="sequence", form="names such as 'dog bark, car horn'", parse=_sequence,
                labels="known", echo_words=8, most_chars=_MOST_OF_NAMES,
            ),
            AnswerReader(
                name="note", form="a note such as C#4", echo_words=4, margin=None,
                parse=lambda answer: notes.read_note(answer.body),
            ),
            AnswerReader(
                name="progression", form="numerals such as 'ii-V-I'", echo_words=3,
                most_chars=_MOST_OF_NAMES,
                parse=lambda answer: symbols.read_progression(answer.body),
            ),
            AnswerReader(
                name="contour", form="seconds and Hz such as '0.00 220.0; 0.10 221.5'",
                echo_words=4, size=lambda value: len(value.times), most_chars=_MOST_OF_CONTOUR,
                parse=lambda answer: symbols.read_contour(answer.body),
            ),
            AnswerReader(name="audio", form="a clip", parse=_unread, is_audio=True, margin=None),
        )
    }
)  # fmt: skip
