"""The form in which a record says the value of a question, and the value itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from audioflan_tasks import catalogue
from audioflan_tasks.vocabularies.equal_values import EqualValues, Form, Group, equal_values
from audioflan_tasks.vocabularies.matching import LabelMatcher, Mention
from audioflan_tasks.vocabularies.spelling import label_key
from audioflan_tasks.vocabularies.style import Style

__all__ = ["AnswerForm", "answer_form", "values_in_form"]

_CLAUSE_BORDER = re.compile(r"[,.;\n]|\b(?:and|but|while|whereas)\b", re.IGNORECASE)
_ENDS = " .!。！"
# Between the parts of a matcher's label: the name of a form and the place of a value.
_JOINT = "\x1f"


class AnswerForm(NamedTuple):
    """How an answer says its value.

    `form` is "yes/no", "same/different", "real/fake", …; `value` is canonical for the task, or ""
    where only what the record asks decides it (yes to "is it fake?"); `word` is the word of the
    form that says it, as the form has it.
    """

    form: str
    value: str
    word: str


def answer_form(task: str, text: str) -> AnswerForm | None:
    """The form and value of an answer, or None if it says none of the values, or several.

    A word that is denied says the other value of two: "They are not the same."
    """
    values = equal_values(task)
    if values is None:
        return None
    opposites = _opposites(task)
    body, is_turned = _without_opposite(text, opposites)
    matcher = _matcher(values)
    whole = matcher.exact(body) or _lead(matcher, body)
    labels = [whole] if whole else _said(matcher, body, values)
    answers = [_answer(values, label) for label in labels]
    if len({answer.value for answer in answers}) != 1 or not answers:
        return None
    return _turned(answers[0], values) if is_turned else answers[0]


def values_in_form(task: str, text: str) -> tuple[str, ...]:
    """The values of a task in the form and spelling of an answer: "Same" gives Same, Different.

    Empty where the answer is not one of the words of a form.
    """
    answer = answer_form(task, text)
    if answer is None or label_key(answer.word) != label_key(text.strip(_ENDS)):
        return ()
    form = next(f for f in (equal_values(task) or _NO_VALUES).forms if f.name == answer.form)
    spelling = text.strip(_ENDS)
    style = Style.of(spelling, answer.word)
    words = _words_beside(form, answer.word)
    return tuple(spelling if word == answer.word else style.spelt(word) for word in words)


_NO_VALUES = EqualValues((), ())


def _words_beside(form: Form, word: str) -> tuple[str, ...]:
    """The words of a form, one for each value, with this word as one of them."""
    groups = [tuple(w.removeprefix("=") for w in group) for group in form.words]
    own_group = next(group for group in groups if word in group)
    return tuple(
        word if word in group else _word_beside(group, own_group, word) for group in groups
    )


def _word_beside(group: Group, own_group: Group, word: str) -> str:
    """The word of a group that goes with one of another: groups of one length are parallel.

    In others it is the word that is most alike: "different speakers" beside "same speaker".
    """
    if len(group) == len(own_group):
        return group[own_group.index(word)]
    alike = [w for w in group if w.isascii() == word.isascii()] or [*group]
    return alike[0] if word == own_group[0] else max(alike, key=lambda w: _likeness(w, word))


def _likeness(word: str, other_word: str) -> float:
    """The share of words in common; little where one ends in the other: "match", "mismatch"."""
    a, b = ({part.removesuffix("s") for part in w.split()} for w in (word, other_word))
    is_ending = word.endswith(other_word) or other_word.endswith(word)
    return len(a & b) / len(a | b) or 0.1 * is_ending


@cache
def _matcher(values: EqualValues) -> LabelMatcher:
    labels, surfaces = [], []
    for label, word in _labelled_words(values):
        labels.append(label)
        surfaces.append((word, label))
    return LabelMatcher(tuple(dict.fromkeys(labels)), surfaces)


def _labelled_words(values: EqualValues) -> Iterator[tuple[str, str]]:
    """(form and place and word, word) for all words of all forms; of equal ones the first."""
    for form in values.forms:
        for place, words in enumerate(form.words):
            for word in words:
                yield _JOINT.join((form.name, str(place), word.removeprefix("="))), word


def _lead(matcher: LabelMatcher, text: str) -> str | None:
    """The yes or no, true or false, with which an answer begins: it decides."""
    lead = matcher.leading(text)
    return lead if lead and lead.split(_JOINT)[0] in ("yes/no", "true/false") else None


def _said(matcher: LabelMatcher, text: str, values: EqualValues) -> list[str]:
    """The labels that a sentence says, in order; a denied one stands for its opposite."""
    labels: list[str] = []
    for mention in matcher.mentions(text):
        labels += _opposite(mention, values) if mention.denied else [mention.label]
    return labels


def _opposite(mention: Mention, values: EqualValues) -> Sequence[str]:
    form, place, word = mention.label.split(_JOINT)
    return [_JOINT.join((form, str(1 - int(place)), word))] if len(values.values) == 2 else []


def _answer(values: EqualValues, label: str) -> AnswerForm:
    name, place, word = label.split(_JOINT)
    form = next(f for f in values.forms if f.name == name)
    return AnswerForm(name, "" if form.is_asked else values.values[int(place)], word)


def _opposites(task: str) -> Sequence[tuple[str, str]]:
    """The words that the first two values answer to, and the words that swap them."""
    row = catalogue.find(task)
    return () if row is None else row.opposites


def _without_opposite(text: str, opposites: Sequence[tuple[str, str]]) -> tuple[str, bool]:
    """A text without what it says of the opposite, or whether that is all it says.

    Of "the first is faster, the second is slower" the first clause; "the second is slower" says
    the other value.
    """
    pair = next((pair for pair in opposites if pair[1] in text.casefold()), None)
    if pair is None:
        return text, False
    word, opposite = pair
    clauses = [c for c in _CLAUSE_BORDER.split(text) if opposite not in c.casefold()]
    if any(word in clause.casefold() for clause in clauses):
        return ",".join(clauses), False
    return text, True


def _turned(answer: AnswerForm, values: EqualValues) -> AnswerForm:
    """The other of the first two values."""
    first, second = values.values[:2]
    value = {first: second, second: first}.get(answer.value, answer.value)
    return answer._replace(value=value)
