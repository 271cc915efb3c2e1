"""Clauses of an answer, and what each takes over from those before it.

A small grammar of closed classes of words (`words`), English and Chinese.

* A clause ends at a mark of punctuation and before a conjunction with a verb of its own.
* A negation goes on over a parenthesis ("do not, in my opinion, …") and along a list ("not jazz,
  blues or rock").
* Questions, conditions and doubts ("if", "whether", "not sure") leave open what they name.

All of it takes time linear in the text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from audioflan_tasks.vocabularies.replies import (
    LONGEST_DENIAL,
    SENTENCE_END,
    affirms,
    asks,
    denies,
)
from audioflan_tasks.vocabularies.words import (
    PRONOUNS,
    Mark,
    Role,
    Token,
    has_verb,
    word_set,
)

__all__ = ["DENYING", "Clause", "NameSpan", "clauses_of", "is_question"]

DENYING = frozenset((Role.NOT, Role.EXCLUDE, Role.NONE_OF, Role.NOR))

_SOFT = re.compile(r"[,，:：、()（）\[\]\"“”—–>]|\s-\s")
_QUESTION = re.compile(r"[?？]")
_OPENERS = frozenset((Role.BUT, Role.THOUGH, Role.IF, Role.BARRING, Role.REASON, Role.AND))
_CONDITIONS = frozenset((Role.IF, Role.BARRING))
_SUPPOSING = frozenset((Role.WOULD, Role.SHOULD))
_LISTING = frozenset((Role.NONE_OF, Role.ANY_OF))
_FIRST_PERSON = frozenset(("i", "my", "then"))
_OR = frozenset(("or", "nor", "或", "和"))
_COMPLEMENT = _OR | frozenset(("that", "to", "like", "as", "from", "by", "than", "of"))
# Words after which something must follow.
_INCOMPLETE = word_set(
    "not be is are was were sound sounds seem seems appear appears look looks feel feels "
    "believe think say from of by with"
)
# Words that answer a question: whether they deny it.
_ANSWERS = {
    "no": True,
    "nope": True,
    "not": True,
    "不": True,
    "yes": False,
    "yeah": False,
    "是": False,
}
_TAGS = ("吗", "吧", "么")
_LONGEST_TAG = 4
_REFUSING_ENDS = ("不可能", "不太可能", "不大可能", "不成立")
_LONGEST_PARENTHESIS = 2
_MOST_DENIED = 8
_SPEAKER = word_set("i we if pressed asked forced required anything")


class NameSpan(NamedTuple):
    """A name in a text: token positions [start, end)."""

    start: int
    end: int


@dataclass(slots=True)
class Clause:
    """Token positions [start, end), how it is opened, what it holds and what it takes over.

    `denials` counts negations that go on from clauses before; `is_hard`: it begins a sentence.
    """

    start: int
    end: int
    sentence: int
    opener: Role | None
    is_hard: bool
    has_verb: bool
    marks: list[Mark] = field(default_factory=list)
    names: list[NameSpan] = field(default_factory=list)
    is_subject_first: bool = False
    denials: int = 0
    is_open: bool = False
    is_denied: bool = False

    @property
    def is_own(self) -> bool:
        """Whether it begins with a pronoun and has a verb: "it is blues"."""
        return self.is_subject_first and self.has_verb

    @property
    def denies(self) -> bool:
        """Whether a negation holds at its end."""
        return self.denials > 0 or any(mark.role in DENYING for mark in self.marks)


class _Border(NamedTuple):
    start: int
    opener: Role | None
    is_hard: bool


def is_question(text: str) -> bool:
    """Whether a text has a question mark."""
    return bool(_QUESTION.search(text))


def clauses_of(
    text: str, tokens: Sequence[Token], marks: Sequence[Mark], names: Sequence[NameSpan]
) -> list[Clause]:
    """The clauses of a text with their marks and names, in order."""
    in_name = {n for name in names for n in range(name.start, name.end)}
    clauses = _cut(text, tokens, _borders(text, tokens, marks), in_name)
    _deal_out(clauses, marks, names)
    for clause in clauses:
        first = clause.start + (clause.opener is not None)
        word = tokens[first].key if first < clause.end else ""
        clause.is_subject_first = word.split("'")[0] in PRONOUNS
    _inherit(tokens, clauses)
    _open_before_conditions(tokens, clauses)
    _open_questions(text, tokens, clauses)
    _deny_by_ellipsis(tokens, clauses)
    return clauses


def _borders(text: str, tokens: Sequence[Token], marks: Sequence[Mark]) -> list[_Border]:
    openers = {mark.start: mark.role for mark in marks if mark.role in _OPENERS}
    in_phrase = {n for mark in marks for n in range(mark.start + 1, mark.end)}
    borders = [_Border(0, openers.get(0), True)]
    for n in range(1, len(tokens)):
        gap = text[tokens[n - 1].end : tokens[n].start]
        is_marked = bool(gap) and gap != " "
        is_hard = is_marked and bool(SENTENCE_END.search(gap))
        is_soft = is_marked and bool(_SOFT.search(gap))
        if is_hard or ((is_soft or n in openers) and n not in in_phrase):
            borders.append(_Border(n, openers.get(n), is_hard))
    return borders


def _cut(
    text: str, tokens: Sequence[Token], borders: Sequence[_Border], in_name: set[int]
) -> list[Clause]:
    clauses: list[Clause] = []
    sentence = -1
    ends = [*(border.start for border in borders[1:]), len(tokens)]
    for (start, opener, is_hard), end in zip(borders, ends, strict=True):
        sentence += is_hard
        is_verbal = has_verb(tokens, start, end, in_name)
        is_phrase = opener is Role.AND and not is_hard and not (clauses[-1].has_verb and is_verbal)
        if is_phrase and not text[tokens[start - 1].end : tokens[start].start].strip():
            # "A and B are wrong" is one clause.
            clauses[-1].end = end
            clauses[-1].has_verb = clauses[-1].has_verb or is_verbal
        else:
            clauses.append(Clause(start, end, sentence, opener, is_hard, is_verbal))
    return clauses


def _deal_out(clauses: Sequence[Clause], marks: Sequence[Mark], names: Sequence[NameSpan]) -> None:
    """Gives each clause its marks and names."""
    number = 0
    for mark in marks:
        while mark.start >= clauses[number].end:
            number += 1
        clauses[number].marks.append(mark)
    number = 0
    for name in names:
        while name.start >= clauses[number].end:
            number += 1
        clauses[number].names.append(name)


def _inherit(tokens: Sequence[Token], clauses: Sequence[Clause]) -> None:
    """Counts the negations that go on, and opens what a condition or a doubt names."""
    denials = parenthesis = 0
    is_condition = is_barring = is_listing = False
    is_or_later = _or_later(tokens, clauses)
    for n, clause in enumerate(clauses):
        previous = clauses[n - 1]
        if clause.is_hard:
            denials, is_condition, is_barring, is_listing = 0, False, False, False
        elif clause.opener in (Role.BUT, Role.REASON):
            denials, is_condition = 0, is_condition and clause.opener is Role.REASON
        elif clause.is_own or clause.opener is Role.THOUGH or clause.opener in _CONDITIONS:
            denials = 0
        elif is_listing and _ends_list(tokens, previous) and not _has_or(tokens, clause):
            denials, is_listing = 0, False  # "neither sad nor angry, simply neutral"
        elif is_listing or _is_complement(tokens, clause, previous, is_or_later[n]):
            parenthesis = int(_is_incomplete(tokens, previous))
        elif _is_incomplete(tokens, previous):
            parenthesis = 1
        elif denials and 0 < parenthesis < _LONGEST_PARENTHESIS:
            parenthesis += 1
        else:
            denials = 0
        clause.denials = denials
        _drop_nor(clause)
        is_unsure = (
            any(mark.role is Role.UNSURE for mark in clause.marks)
            or _is_possible(clause)
            or _is_either(tokens, clause)
        )
        clause.is_open = (
            is_unsure
            or _is_supposed(tokens, clause, is_condition)
            or (is_barring and clause.opener is not Role.BUT)
        )
        is_condition = is_condition or is_unsure or clause.opener in _CONDITIONS
        is_barring = clause.opener is Role.BARRING
        denials += sum(mark.role in DENYING for mark in clause.marks)
        is_listing = is_listing or any(mark.role in _LISTING for mark in clause.marks)


def _is_either(tokens: Sequence[Token], clause: Clause) -> bool:
    """Whether a clause is a Chinese "either … or": "不是男的就是女的"."""
    text = "".join(token.key for token in tokens[clause.start : clause.end])
    return "就是" in text.partition("不是")[2]


def _is_possible(clause: Clause) -> bool:
    """Whether a clause says that something is not excluded, which says nothing else."""
    denials = [mark.role for mark in clause.marks if mark.role in DENYING]
    return Role.EXCLUDE in denials[1:]


def _is_supposed(tokens: Sequence[Token], clause: Clause, is_condition: bool) -> bool:
    """Whether a clause is a condition, or what would follow from the one before it."""
    if clause.opener in _CONDITIONS:
        return True
    asks = tokens[clause.start].key == "would" and (
        clause.end - clause.start > 1 and tokens[clause.start + 1].key in PRONOUNS
    )
    would = not asks and any(mark.role in _SUPPOSING for mark in clause.marks)
    return is_condition and would and tokens[clause.start].key not in _FIRST_PERSON


def _open_before_conditions(tokens: Sequence[Token], clauses: Sequence[Clause]) -> None:
    """Leaves open what would be, if: "It would be major if …", not "… if I had to choose"."""
    for clause, following in itertools.pairwise(clauses):
        is_condition = following.opener in _CONDITIONS and not following.is_hard
        if is_condition and not _is_of_speaker(tokens, following):
            clause.is_open = clause.is_open or _is_supposed(tokens, clause, True)


def _is_of_speaker(tokens: Sequence[Token], clause: Clause) -> bool:
    """Whether the condition is one of the speaker: "if I had to choose", "if pressed"."""
    return tokens[min(clause.start + 1, clause.end - 1)].key in _SPEAKER


def _drop_nor(clause: Clause) -> None:
    """Keeps a "nor" only where it is the first negation: else it goes on with another."""
    is_first = clause.denials == 0
    marks = []
    for mark in clause.marks:
        if mark.role is not Role.NOR or is_first:
            marks.append(mark)
        is_first = is_first and mark.role not in DENYING
    clause.marks = marks


def _is_complement(
    tokens: Sequence[Token], clause: Clause, previous: Clause, is_or_later: bool
) -> bool:
    """Whether a clause continues the one before: "that …", "like …", or an item of its list."""
    if tokens[clause.start].key in _COMPLEMENT:
        return True
    return previous.denies and not clause.has_verb and is_or_later


def _or_later(tokens: Sequence[Token], clauses: Sequence[Clause]) -> Sequence[bool]:
    """For each clause whether it, or one that goes on its list, has an "or"."""
    flags = [False] * (len(clauses) + 1)
    for n in range(len(clauses) - 1, -1, -1):
        clause = clauses[n]
        if clause.opener is Role.BUT or clause.is_own:
            continue
        has_or = _has_or(tokens, clause)
        is_last = n + 1 == len(clauses) or clauses[n + 1].is_hard
        flags[n] = has_or or (flags[n + 1] and not is_last)
    return flags


def _has_or(tokens: Sequence[Token], clause: Clause) -> bool:
    return any(tokens[k].key in _OR for k in range(clause.start, clause.end))


def _ends_list(tokens: Sequence[Token], clause: Clause) -> bool:
    """Whether the last item of a list stands in a clause: "neither A nor B"."""
    return clause.end - clause.start > 1 and _has_or(tokens, clause)


def _is_incomplete(tokens: Sequence[Token], clause: Clause) -> bool:
    word = tokens[clause.end - 1].key
    return word in _INCOMPLETE or word.endswith("n't")


def _open_questions(text: str, tokens: Sequence[Token], clauses: Sequence[Clause]) -> None:
    """Leaves open what a question names, or takes the yes or no after it for its answer."""
    for group in _sentences(clauses):
        start, end = group[0].start, group[-1].end
        stop = tokens[end].start if end < len(tokens) else len(text)
        if not is_question(text[tokens[end - 1].end : stop]):
            continue
        if _is_tag(tokens, group[-1]) and len(group) > 1:
            continue
        is_choice = any(tokens[k].key in _OR for k in range(start, end))
        reply = tokens[end].key if end < len(tokens) else ""
        is_reply = not is_choice and len(group) == 1
        if is_reply and reply in _ANSWERS:
            group[0].is_denied, group[0].is_open = _ANSWERS[reply], False
        elif is_reply and denies(text, tokens, end):
            group[0].is_denied = True
        elif is_reply and affirms(tokens, end):
            continue
        elif is_choice or asks(tokens, start, end) or (reply and len(group) == 1):
            for clause in group:
                clause.is_open = True


def _is_tag(tokens: Sequence[Token], clause: Clause) -> bool:
    """Whether a clause only asks to agree: "…，不是吗？"."""
    is_short = clause.end - clause.start <= _LONGEST_TAG
    return is_short and not clause.names and tokens[clause.end - 1].key in _TAGS


def _sentences(clauses: Sequence[Clause]) -> Iterator[Sequence[Clause]]:
    starts = [n for n, clause in enumerate(clauses) if clause.is_hard]
    for start, end in zip(starts, [*starts[1:], len(clauses)], strict=True):
        yield clauses[start:end]


def _deny_by_ellipsis(tokens: Sequence[Token], clauses: Sequence[Clause]) -> None:
    """Denies what stands before "but they are not", and leaves open what "and X is not" follows."""
    for number, clause in enumerate(clauses):
        word = tokens[clause.end - 1].key
        if clause.names or clause.opener is Role.THOUGH:
            continue
        if not (_is_not(word) or _is_refusal(tokens, clause)):
            continue
        is_reply = clause.is_hard and clause.end - clause.start <= LONGEST_DENIAL
        if clause.is_hard and not (is_reply and clause.is_own):
            continue
        is_denied = clause.opener is Role.BUT or clause.is_own or not _is_not(word)
        for earlier in clauses[max(0, number - _MOST_DENIED) : number]:
            if earlier.sentence == clause.sentence - clause.is_hard:
                # "They aren't the same, they aren't" says it twice.
                earlier.is_open = not is_denied and not earlier.denies
                earlier.is_denied = is_denied and not earlier.denies


def _is_refusal(tokens: Sequence[Token], clause: Clause) -> bool:
    """Whether a clause ends in "found none" or "不太可能": what is before it does not hold."""
    is_marked = any(m.role is Role.REFUTED and m.end == clause.end for m in clause.marks)
    last = "".join(token.key for token in tokens[max(clause.start, clause.end - 4) : clause.end])
    return is_marked or last.endswith(_REFUSING_ENDS)


def _is_not(word: str) -> bool:
    return word == "not" or word.endswith("n't")
