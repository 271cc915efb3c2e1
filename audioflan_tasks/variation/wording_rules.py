"""Rules of new labels and lead-ins for a task's pool."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from audioflan_tasks.catalogue import InputPiece, TaskRow
from audioflan_tasks.metrics.parsing import without_lead_in
from audioflan_tasks.records.spans import is_label, span
from audioflan_tasks.variation.reading import language_of

__all__ = ["WORDING_RULES", "WordingRewrite", "WordingRule"]

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class WordingRewrite:
    """New words before a piece of the input, or before the answer.

    `piece` is the input piece of a label, None for a lead-in; `others` are those of the pool.
    """

    row: TaskRow
    text: str
    language: str
    piece: InputPiece | None = None
    other_wordings: tuple[str, ...] = ()

    @property
    def kind(self) -> Literal["label", "lead-in"]:
        """What it is."""
        return "lead-in" if self.piece is None else "label"


WordingRule = Callable[[WordingRewrite], str]


def _form(case: WordingRewrite) -> str:
    """One line that ends in one blank or a Chinese colon; of free text in a colon."""
    text, bare = case.text, case.text.strip()
    is_closed = text == f"{bare} " or (text == bare and bare.endswith("："))
    is_plain = bare and len(text) <= _LONGEST and not set(text) & set("{}\n\t<|>")
    ends_free_text = case.kind == "label" or case.row.answer_kind.is_prose
    has_colon = bare.endswith((":", "：")) or not ends_free_text
    return "" if is_closed and is_plain and has_colon and "  " not in text else repr(text)


def _tongue(case: WordingRewrite) -> str:
    return "" if language_of(case.text) == case.language else case.text


def _value(case: WordingRewrite) -> str:
    """No figure and no label of the task, which would be read as an answer."""
    if match := re.search(r"\d", case.text):
        return "" if _has_number(case) else match[0]
    words = " ".join(re.findall(r"[^\W_]+", case.text.lower()))
    named_labels = [label for label in case.row.labels if f" {label.lower()} " in f" {words} "]
    return ", ".join(named_labels)


def _has_number(case: WordingRewrite) -> bool:
    """ "audio 1: " where there are two."""
    return case.piece is not None and any(map(str.isdigit, case.piece.words))


def _noun(case: WordingRewrite) -> str:
    """Nothing but a label that is read as one, or a lead-in with the task's nouns."""
    bare = case.text.strip().rstrip(":：").strip()
    if case.language != "en":
        return ""
    if case.piece is not None:
        return "" if is_label(bare) else bare
    words = set(re.findall(r"[a-z]+", bare.lower()))
    nouns = {word for noun in case.row.answer_nouns for word in noun.lower().split()}
    return "" if words & (nouns | _ANSWER_NOUNS) and not words & _NEGATIONS else bare


def _read(case: WordingRewrite) -> str:
    """A lead-in that is taken off an answer when it is read."""
    if case.piece is not None:
        return ""
    answers = [without_lead_in(case.row, case.text + text) for text in _answers(case.row)]
    return "" if answers == [*_answers(case.row)] else answers[0]


def _answers(row: TaskRow) -> tuple[str, ...]:
    if row.answer_kind.is_audio:
        return (span("clip"),)
    if row.answer_kind.is_prose:
        return ("come in",)
    return row.labels or ("Shandong" if row.answer_kind.names != "none" else "12.50",)


def _part(case: WordingRewrite) -> str:
    """A label that is of another piece of the task."""
    if case.piece is None:
        return ""
    words = set(re.findall(r"\w+", case.text.lower()))
    of_others = {word for p in case.row.inputs if p is not case.piece for word in p.words}
    return ", ".join(sorted(words & (of_others - set(case.piece.words))))


def _repeat(case: WordingRewrite) -> str:
    folded_texts = {other.strip().lower() for other in case.other_wordings}
    return case.text if case.text.strip().lower() in folded_texts else ""


_ANSWER_NOUNS = frozenset(
    ["answer", "result", "label", "output", "prediction", "response", "audio", "speech"]
)
_NEGATIONS = frozenset(["not", "no", "never", "isn", "t", "except"])

WORDING_RULES: Mapping[str, WordingRule] = {
    "wording_form": _form,
    "wording_language": _tongue,
    "wording_value": _value,
    "wording_noun": _noun,
    "wording_read": _read,
    "wording_part": _part,
    "wording_repeat": _repeat,
}
