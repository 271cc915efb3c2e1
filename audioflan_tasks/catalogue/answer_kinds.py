"""The forms of answers: one object holds all that code must know of a form.

A task row names its form in `answer`. A new form is one `AnswerKind` here, and, where no
reader of `metrics/parsing` fits it, one `AnswerReader` there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from audioflan_tasks.catalogue.question import AnswerPattern

__all__ = ["ANSWER_KINDS", "AnswerKind", "TextForm"]

TextForm = Literal["audio", "intervals", "json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerKind:
    """One form of answer.

    Attributes:
      name: as rows have it in `answer`.
      form: an example of a gold answer, or its description.
      reader: the `AnswerReader` in `metrics/parsing` that reads answers of models.
      is_audio: the answer is a clip, not text.
      may_be_audio: the answer is text, but in some records a clip.
      is_prose: sentences: there may be several references, and equal texts indicate a leak.
      choices: how many of the listed labels an answer takes: none, one, or several.
      is_class: one of a few values; a guesser draws each value with equal chance. Of other
        answers a guesser draws those of other records, as often as they occur.
      best_constant: the best single answer to all questions: the most frequent gold answer,
        or the median.
      unlike: forms of text that no answer of this form has: where one does, the record's task is
        probably another.
      names: how a gold answer names things: not at all, one name, a comma list, or the label
        of each interval.
      patterns: ways to write its answers, the first that fits counts. Tasks with other ways have
        them in their row.
    """

    name: str
    form: str
    reader: str
    is_audio: bool = False
    may_be_audio: bool = False
    is_prose: bool = False
    choices: Literal["none", "one", "several"] = "none"
    is_class: bool = False
    best_constant: Literal["mode", "median"] = "mode"
    names: Literal["none", "one", "list", "intervals"] = "none"
    patterns: tuple[AnswerPattern, ...] = (AnswerPattern("text", r"(?s).+"),)
    unlike: tuple[TextForm, ...] = ()

    @property
    def lists_options(self) -> bool:
        """Whether an instruction may list labels to choose from."""
        return self.choices != "none"

    @property
    def is_measured(self) -> bool:
        """Whether nothing but a value of its patterns is an answer."""
        return not self.is_class and all(pattern.is_value for pattern in self.patterns)


# Numbers, and two of them as an interval.
_NUMBER = r"\d+(?:\.\d+)?"
_INTERVAL = r"\d+\.\d\d-\d+\.\d\d"
# No label begins like JSON or a tuple, or holds an interval.
_LABEL = r"(?![\[{(]|.*\d\.\d+\s*s?\s*(?:-|–|to)\s*\d).+"
_LABELS = rf"(?=[^,;]+[,;]\s*[^,;]){_LABEL}"
_SENTENCE = r"[^.!?\n]*(?:[.!?](?=\S)[^.!?\n]*)*[.!?]?\s*"

ANSWER_KINDS: Mapping[str, AnswerKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            AnswerKind(name="transcript", form="plain text", reader="text", is_prose=True),
            AnswerKind(
                name="caption",
                form="a sentence",
                reader="caption",
                is_prose=True,
                patterns=(AnswerPattern("sentence", _SENTENCE), AnswerPattern("text", r"(?s).+")),
            ),
            AnswerKind(
                name="phones",
                form="symbols separated by single spaces",
                reader="phones",
                patterns=(AnswerPattern("spaced", r"\S+(?: \S+)*"), AnswerPattern("symbols", ".+")),
            ),
            AnswerKind(
                name="label",
                form="one label",
                reader="label",
                choices="one",
                is_class=True,
                names="one",
                patterns=(
                    AnswerPattern("several", _LABELS, plain=False),
                    AnswerPattern("label", _LABEL),
                ),
                unlike=("audio", "intervals", "json"),
            ),
            AnswerKind(
                name="labels",
                form='sorted labels separated by ", "',
                reader="labels",
                choices="several",
                names="list",
                patterns=(
                    AnswerPattern("sorted", _LABEL, is_sorted=True),
                    AnswerPattern("unsorted", _LABEL),
                ),
                unlike=("audio", "intervals"),
            ),
            AnswerKind(
                name="number",
                form="a number with its unit: 12.5 dB",
                reader="number",
                best_constant="median",
                patterns=(
                    AnswerPattern("unit", rf"-?{_NUMBER} dB", is_value=True),
                    AnswerPattern("number", rf"-?{_NUMBER}", is_value=True),
                ),
            ),
            AnswerKind(
                name="times",
                form="seconds: 0.52, 1.04",
                reader="times",
                patterns=(
                    AnswerPattern("times", r"\d+\.\d\d(?:, \d+\.\d\d)*"),
                    AnswerPattern("other times", rf".*{_NUMBER}.*"),
                ),
            ),
            AnswerKind(
                name="intervals",
                form="0.00-1.52 speaker 1; 1.70-3.10 speaker 2",
                reader="intervals",
                names="intervals",
                patterns=(
                    AnswerPattern("intervals", rf"{_INTERVAL} [^;]+(?:; {_INTERVAL} [^;]+)*"),
                    AnswerPattern(
                        "other intervals", rf"(?s)(?=.*[^\W\d_]{{2}}).*{_NUMBER}.*{_NUMBER}.*"
                    ),
                ),
            ),
            AnswerKind(
                name="sequence",
                form='ordered names separated by ", "',
                reader="sequence",
                names="list",
                patterns=(
                    AnswerPattern("commas", rf"(?!.*(?:->|;)){_LABEL}"),
                    AnswerPattern("other list", _LABEL),
                ),
            ),
            AnswerKind(
                name="note",
                form="C#4",
                reader="note",
                is_class=True,
                patterns=(
                    AnswerPattern("sharp", r"[A-G]#?-?\d", is_value=True),
                    AnswerPattern("flat", r"[A-G][b♭♯]-?\d", is_value=True),
                ),
                unlike=("audio", "intervals", "json"),
            ),
            AnswerKind(
                name="progression",
                form="ii-V-I",
                reader="progression",
                patterns=(
                    AnswerPattern("numerals", r"[b#]?[ivIV]+[^\s-]*(?:-[b#]?[ivIV]+[^\s-]*)+"),
                    AnswerPattern("other numerals", r"[b#]?[ivIV]+\S*(?:[ ,–-]+[b#]?[ivIV]+\S*)*"),
                ),
                unlike=("audio", "intervals", "json"),
            ),
            AnswerKind(
                name="contour",
                form="seconds and Hz, 0.0 where unvoiced: 0.00 220.0; 0.10 221.5",
                reader="contour",
                patterns=(
                    AnswerPattern("contour", rf"{_NUMBER} {_NUMBER}(?:; {_NUMBER} {_NUMBER})*"),
                ),
                may_be_audio=True,
            ),
            AnswerKind(name="audio", form="a clip", reader="audio", is_audio=True),
        )
    }
)
