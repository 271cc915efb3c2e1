"""Labels that an answer names in other ways: by a word of the opposite, by a number of a range."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics.parsing.answer_text import AnswerText
from audioflan_tasks.metrics.parsing.labels import read_label
from audioflan_tasks.metrics.parsing.quantity import read_number
from audioflan_tasks.metrics.values import ParsedAnswer, Status
from audioflan_tasks.vocabularies import LabelMatcher

__all__ = ["label_of_comparison", "label_of_number", "label_of_opposite"]

_CLAUSE_BORDER = re.compile(r"[,.;\n，。；]|\b(?:and|but|while|whereas)\b", re.IGNORECASE)


@lru_cache
def _less_than(word: str) -> re.Pattern[str]:
    """What says the opposite of a comparative: "not as fast as", "less fast than", "没有…快"."""
    plain = re.escape(word.removesuffix("er"))
    return re.compile(
        rf"(?:\bnot|n['’]t) (?:as|so) {plain} as\b|\bless {plain} than\b"
        rf"|(?:没有|不如|没)(?P<other>[^，。；,.;\n]{{1,12}}?){plain}",
        re.IGNORECASE,
    )


def label_of_opposite(answer: AnswerText, labels: LabelMatcher) -> ParsedAnswer | None:
    """The label of an answer with the opposite word: "the second is slower" names the first.

    None where it has no such word.
    """
    row = answer.row
    for word, opposite in () if row is None else row.opposites:

        def of_opposite(less: re.Match[str], opposite: str = opposite) -> str:
            return f"比{less['other']}{opposite}" if less["other"] else f"{opposite} than"

        body = _less_than(word).sub(of_opposite, answer.body)
        if opposite in body.casefold():
            return _label_of_opposite(body, word, opposite, labels)
    return None


def label_of_comparison(answer: AnswerText, labels: LabelMatcher) -> ParsedAnswer | None:
    """The label of the clauses with the word of the question: "…; the first is faster"."""
    words = () if answer.row is None else [word for word, _ in answer.row.opposites]
    clauses = [
        c for c in _CLAUSE_BORDER.split(answer.body) if any(w in c.casefold() for w in words)
    ]
    return read_label(AnswerText(", ".join(clauses)), labels) if clauses else None


def _label_of_opposite(text: str, word: str, opposite: str, labels: LabelMatcher) -> ParsedAnswer:
    clauses = [c for c in _CLAUSE_BORDER.split(text) if opposite not in c.casefold()]
    if any(word in c.casefold() for c in clauses):
        return read_label(AnswerText(",".join(clauses)), labels)
    conclusion = _conclusion(text, opposite, labels)
    if conclusion is not None:
        return conclusion
    reading = read_label(AnswerText(text), labels)
    first, second = labels.labels[:2]
    opposite_labels = {first: second, second: first}
    return replace(reading, value=opposite_labels.get(str(reading.value), reading.value))


def _conclusion(text: str, opposite: str, labels: LabelMatcher) -> ParsedAnswer | None:
    """What is concluded from a clause with the opposite word: "the second is slower, so first"."""
    clauses = _CLAUSE_BORDER.split(text)
    clauses_of_opposite = [c for c in clauses if opposite in c.casefold()]
    if not any(map(labels.mentions, clauses_of_opposite)):
        return None
    others = ",".join(c for c in clauses if opposite not in c.casefold())
    reading = read_label(AnswerText(others), labels)
    return reading if reading.status is Status.OK else None


def label_of_number(body: str, row: TaskRow, labels: tuple[str, ...]) -> ParsedAnswer:
    """The label whose range a number falls in: an age in years to its group."""
    number = read_number(body).value
    if number is None or not 0 <= number <= row.label_ranges[-1][1]:
        return ParsedAnswer(None, Status.OUT_OF_SET)
    last = row.label_ranges[-1][0]
    group = next((label for label, end in row.label_ranges if number < end), last)
    return (
        ParsedAnswer(group, Status.OK) if group in labels else ParsedAnswer(None, Status.OUT_OF_SET)
    )
