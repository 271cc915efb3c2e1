"""The forms of answers: one object holds all that code must know of a form.

A task row names its form in `answer`. A new form is one `AnswerKind` here, and, where no
reader of `metrics/parsing` fits it, one `AnswerReader` there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

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
    unlike: tuple[TextForm, ...] = ()

    @property
    def lists_options(self) -> bool:
        """Whether an instruction may list labels to choose from."""
        return self.choices != "none"


ANSWER_KINDS: Mapping[str, AnswerKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            AnswerKind(name="transcript", form="plain text", reader="text", is_prose=True),
            AnswerKind(name="caption", form="a sentence", reader="caption", is_prose=True),
            AnswerKind(name="phones", form="symbols separated by single spaces", reader="phones"),
            AnswerKind(
                name="label",
                form="one label",
                reader="label",
                choices="one",
                is_class=True,
                names="one",
                unlike=("audio", "intervals", "json"),
            ),
            AnswerKind(
                name="labels",
                form='sorted labels separated by ", "',
                reader="labels",
                choices="several",
                names="list",
                unlike=("audio", "intervals"),
            ),
            AnswerKind(
                name="number",
                form="a number with its unit: 12.5 dB",
                reader="number",
                best_constant="median",
            ),
            AnswerKind(name="times", form="seconds: 0.52, 1.04", reader="times"),
            AnswerKind(
                name="intervals",
                form="0.00-1.52 speaker 1; 1.70-3.10 speaker 2",
                reader="intervals",
                names="intervals",
            ),
            AnswerKind(
                name="sequence",
                form='ordered names separated by ", "',
                reader="sequence",
                names="list",
            ),
            AnswerKind(
                name="note",
                form="C#4",
                reader="note",
                is_class=True,
                unlike=("audio", "intervals", "json"),
            ),
            AnswerKind(
                name="progression",
                form="ii-V-I",
                reader="progression",
                unlike=("audio", "intervals", "json"),
            ),
            AnswerKind(
                name="contour",
                form="seconds and Hz, 0.0 where unvoiced: 0.00 220.0; 0.10 221.5",
                reader="contour",
                may_be_audio=True,
            ),
            AnswerKind(name="audio", form="a clip", reader="audio", is_audio=True),
        )
    }
)
