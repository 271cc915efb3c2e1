"""Clauses of an answer: what a negation reaches, and what is said aside.

A small grammar of closed classes of words, English and Chinese, over the words of `spelling.TOKEN`.

* A clause ends at a mark of punctuation and before a conjunction with a verb of its own.
* A negation reaches to the end of its clause, over a parenthesis ("do not, in my opinion, …") and
  along a list ("not jazz, blues or rock"). After a verb it reaches back to the subject: "the same
  person did not speak". Two negations cancel each other.
* What stands in a concession ("although …"), after "with" or "influenced by" is said aside.
* Questions, conditions and doubts ("if", "whether", "not sure") leave open what they name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from audioflan_tasks.vocabularies.words import PHRASES, PRONOUNS, Role, Token, has_verb, phrase_at

__all__ = ["Place", "Polarity", "Span", "places_of"]

_HARD = re.compile(r"[;!?\n。；！？]|\.(?!\d)")
_SOFT = re.compile(r"[,，:：、()（）\[\]\"“”—–>]|\s-\s")
_QUESTION = re.compile(r"[?？]")
_OR = frozenset(("or", "nor", "或", "和"))
_GOES_ON = _OR | frozenset(("that", "to", "like", "as", "from", "by", "than", "of"))
_UNFINISHED = frozenset(
    "not be is are was were sound sounds seem seems appear appears look looks feel feels "
    "believe think say from of by with".split()
)
_ASKING = frozenset(
    "is are was were do does did can could would should will has have which what who whose how "
    "why where isn't aren't wasn't weren't doesn't don't didn't 难".split()
)
# Words that answer a question: whether they deny it.
_ANSWERS = {"no": True, "nope": True, "not": True, "不": True, "yes": False, "yeah": False}
_WRONG = frozenset(("false", "incorrect", "wrong"))
_COPULAS = frozenset(
    "is are was were be been am do does did can could may might will would should must has have "
    "had seems seem sounds sound appears appear remains".split()
)
_LONGEST_PARENTHESIS = 2
_FEW_WORDS = 2
_MOST_MARKS = 32
_MOST_WORDS = 60
_MOST_DENIED = 8


class Polarity(StrEnum):
    """Whether a label is said to hold."""

    AFFIRMED = "affirmed"
    DENIED = "denied"
    OPEN = "open"


class Span(NamedTuple):
    """A name in a text: token positions [start, end)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name stands: its sentence and clause, numbered from 0, and how it is meant.

    `is_aside`: mentioned beside what the sentence says. `is_contrast`: after "but" and the like.
    `is_bare`: the clause is the name and little else. `is_stated`: "it is X", "this sounds like X".
    """

    polarity: Polarity
    sentence: int
    clause: int
    is_aside: bool = False
    is_contrast: bool = False
    is_bare: bool = False
    is_stated: bool = False


class _Mark(NamedTuple):
    start: int
    end: int
    role: Role


@dataclass(slots=True)
class _Clause:
    """Token positions [start, end), how it is opened, and what it inherits."""

    start: int
    end: int
    sentence: int
    opener: Role | None
    is_hard: bool  # begins a sentence
    marks: list[_Mark]
    has_verb: bool = False
    is_subject_first: bool = False
    denials: int = 0
    is_open: bool = False
    is_aside: bool = False
    is_contrast: bool = False
    is_denied: bool = False
    names: list[Span] = field(default_factory=list)


def places_of(text: str, tokens: Sequence[Token], spans: Sequence[Span]) -> list[Place]:
    """The place of each span; `text` is folded, and spans are in its order."""
    in_span = {n for span in spans for n in range(span.start, span.end)}
    marks = _marks(tokens, in_span)
    if not marks and len(spans) == 1 and not _QUESTION.search(text):
        return [_only_place(tokens, spans[0])]
    clauses = _clauses(text, tokens, marks, in_span)
    _inherit(text, tokens, clauses)
    _give_names(clauses, spans)
    _ellipsis(tokens, clauses)
    return [
        _place(tokens, clause, number, n)
        for number, clause in enumerate(clauses)
        for n in range(len(clause.names))
    ]


def _only_place(tokens: Sequence[Token], span: Span) -> Place:
    """The place of the only name of a text that denies, doubts and contrasts nothing."""
    is_bare = len(tokens) - (span.end - span.start) <= _FEW_WORDS
    return _PLAIN[is_bare]


def _marks(tokens: Sequence[Token], in_span: set[int]) -> list[_Mark]:
    """Function words by their role, the longest phrase at each place."""
    marks, position = [], 0
    while position < len(tokens):
        key = tokens[position].key
        if (key not in PHRASES and key[-3:] != "n't" and key != "too") or position in in_span:
            position += 1
            continue
        phrase = phrase_at(tokens, position)
        if phrase is not None:
            marks.append(_Mark(position, *phrase))
        elif key == "too":  # "too clean to be real"
            goal = range(position + 2, min(position + 5, len(tokens)))
            marks += [_Mark(n, n + 1, Role.NOT) for n in goal if tokens[n].key == "to"][:1]
        position = phrase[0] if phrase is not None else position + 1
    return marks


def _clauses(
    text: str, tokens: Sequence[Token], marks: Sequence[_Mark], in_span: set[int]
) -> list[_Clause]:
    opens = {m.start: m for m in marks if m.role in _OPENERS}
    inside = {n for m in marks for n in range(m.start + 1, m.end)}
    borders: list[tuple[int, Role | None, bool]] = [(0, None, True)]
    for n in range(1, len(tokens)):
        gap = text[tokens[n - 1].end : tokens[n].start]
        is_hard = bool(gap) and gap != " " and bool(_HARD.search(gap))
        is_soft = bool(gap) and gap != " " and bool(_SOFT.search(gap))
        opener = opens[n].role if n in opens else None
        if is_hard or ((is_soft or opener is not None) and n not in inside):
            borders.append((n, opener, is_hard))
    if 0 in opens:
        borders[0] = (0, opens[0].role, True)
    starts = [n for n, _, _ in borders]
    pieces = zip(borders, [*starts[1:], len(tokens)], strict=True)
    clauses: list[_Clause] = []
    sentence = -1
    for (start, opener, is_hard), end in pieces:
        sentence += is_hard
        is_own = opener is not Role.AND or (
            clauses[-1].has_verb and has_verb(tokens, start + 1, end, in_span)
        )
        if not is_own and not is_hard and clauses and _is_plain(text, tokens, start):
            clauses[-1].end = end
            clauses[-1].has_verb = clauses[-1].has_verb or has_verb(tokens, start, end, in_span)
        else:
            clauses.append(
                _Clause(
                    start, end, sentence, opener, is_hard, [], has_verb(tokens, start, end, in_span)
                )
            )
    for clause in clauses:
        first = clause.start + (clause.opener is not None)
        word = tokens[first].key if first < clause.end else ""
        clause.is_subject_first = word.split("'")[0] in PRONOUNS
    _give_marks(clauses, marks)
    return clauses


_OPENERS = frozenset((Role.BUT, Role.THOUGH, Role.IF, Role.REASON, Role.AND))


def _is_plain(text: str, tokens: Sequence[Token], start: int) -> bool:
    """Whether only a blank stands before a token."""
    return text[tokens[start - 1].end : tokens[start].start].strip() == ""


def _ellipsis(tokens: Sequence[Token], clauses: Sequence[_Clause]) -> None:
    """Denies what stands before "but they are not", and leaves open what "and X is not" follows."""
    for number, clause in enumerate(clauses):
        last = tokens[clause.end - 1].key
        if clause.is_hard or clause.names or not (last == "not" or last.endswith("n't")):
            continue
        is_denied = clause.opener is Role.BUT or _is_own(clause)
        for other in clauses[max(0, number - _MOST_DENIED) : number]:
            if other.sentence == clause.sentence:
                other.is_open, other.is_denied = not is_denied, is_denied


def _give_marks(clauses: Sequence[_Clause], marks: Sequence[_Mark]) -> None:
    number = 0
    for mark in marks:
        while mark.start >= clauses[number].end:
            number += 1
        clauses[number].marks.append(mark)


def _give_names(clauses: Sequence[_Clause], spans: Sequence[Span]) -> None:
    number = 0
    for span in spans:
        while number + 1 < len(clauses) and span.start >= clauses[number].end:
            number += 1
        clauses[number].names.append(span)


def _inherit(text: str, tokens: Sequence[Token], clauses: Sequence[_Clause]) -> None:
    """What each clause has of those before it in its sentence: negation, condition, contrast."""
    carried = 0  # negations that go on
    carried_clauses = 0
    before: _Clause | None = None
    is_condition = is_listing = False
    or_ahead = _or_ahead(tokens, clauses)
    for n, clause in enumerate(clauses):
        if before is None or clause.is_hard:
            carried, is_condition, is_listing = 0, False, False
        elif clause.opener in (Role.BUT, Role.REASON):
            carried, is_condition = 0, is_condition and clause.opener is Role.REASON
        elif _goes_on(tokens, clause, before, is_listing, or_ahead[n]):
            carried_clauses = int(_is_unfinished(tokens, before))
        elif _is_unfinished(tokens, before) and not _is_own(clause):
            carried_clauses = 1
        elif carried and 0 < carried_clauses < _LONGEST_PARENTHESIS and not _is_own(clause):
            carried_clauses += 1
        else:
            carried = 0
        clause.denials = carried
        clause.marks = [m for m in clause.marks if m.role is not Role.NOR or not carried]
        clause.is_contrast = clause.opener is Role.BUT
        clause.is_aside = clause.opener is Role.THOUGH
        is_condition = is_condition or clause.opener is Role.IF
        clause.is_open = clause.opener is Role.IF or (
            is_condition
            and any(m.role is Role.WOULD and m.start > clause.start for m in clause.marks)
            and tokens[clause.start].key not in _FIRST_PERSON
        )
        nor = [m for m in clause.marks if m.role is Role.NOR]
        if nor and any(m.role in _DENYING and m.start < nor[0].start for m in clause.marks):
            clause.marks = [m for m in clause.marks if m.role is not Role.NOR]
        elif len(nor) > 1:
            clause.marks = [m for m in clause.marks if m not in nor[1:]]
        if any(m.role is Role.UNSURE for m in clause.marks):
            is_condition = clause.is_open = True
        carried += sum(m.role in _DENYING for m in clause.marks)
        is_listing = is_listing or any(m.role in _LISTING for m in clause.marks)
        before = clause
    _open_questions(text, tokens, clauses)


_DENYING = frozenset((Role.NOT, Role.NONE_OF, Role.NOR))
_LISTING = frozenset((Role.NONE_OF, Role.ANY_OF))
_FIRST_PERSON = frozenset(("i", "my", "then"))


def _is_own(clause: _Clause) -> bool:
    """Whether a clause begins with a pronoun and has a verb: "it is blues"."""
    return clause.is_subject_first and clause.has_verb


def _goes_on(
    tokens: Sequence[Token], clause: _Clause, before: _Clause, is_listing: bool, is_or_ahead: bool
) -> bool:
    """Whether a clause continues the one before: a complement, or an item of its list."""
    if _is_own(clause) or clause.opener in (Role.THOUGH, Role.IF):
        return False
    if is_listing or tokens[clause.start].key in _GOES_ON:
        return True
    is_denying = before.denials > 0 or any(m.role in _DENYING for m in before.marks)
    return is_denying and not clause.has_verb and is_or_ahead


def _or_ahead(tokens: Sequence[Token], clauses: Sequence[_Clause]) -> Sequence[bool]:
    """For each clause whether it, or one that goes on its list, has an "or"."""
    ahead = [False] * (len(clauses) + 1)
    for n in range(len(clauses) - 1, -1, -1):
        clause = clauses[n]
        if clause.opener is Role.BUT or _is_own(clause):
            continue
        has_or = any(tokens[k].key in _OR for k in range(clause.start, clause.end))
        is_last = n + 1 == len(clauses) or clauses[n + 1].sentence != clause.sentence
        ahead[n] = has_or or (ahead[n + 1] and not is_last)
    return ahead


def _is_unfinished(tokens: Sequence[Token], clause: _Clause) -> bool:
    word = tokens[clause.end - 1].key
    return word in _UNFINISHED or word.endswith("n't")


def _open_questions(text: str, tokens: Sequence[Token], clauses: Sequence[_Clause]) -> None:
    """Leaves open what a question names: one that is asked in its form, or answered after it."""
    for sentence, group in _sentences(clauses):
        start, end = group[0].start, group[-1].end
        stop = tokens[end].start if end < len(tokens) else len(text)
        if not _QUESTION.search(text[tokens[end - 1].end : stop]):
            continue
        words = {tokens[k].key for k in range(start, end)}
        is_last = sentence == clauses[-1].sentence
        answer = tokens[end].key if end < len(tokens) else ""
        if answer in _ANSWERS and not words & _OR and len(group) == 1:
            group[0].is_denied = _ANSWERS[answer]
        elif tokens[start].key in _ASKING or words & _OR or (not is_last and len(group) == 1):
            for clause in group:
                clause.is_open = True


def _sentences(clauses: Sequence[_Clause]) -> Iterator[tuple[int, list[_Clause]]]:
    group: list[_Clause] = []
    for clause in clauses:
        if group and clause.sentence != group[0].sentence:
            yield group[0].sentence, group
            group = []
        group.append(clause)
    if group:
        yield group[0].sentence, group


def _place(tokens: Sequence[Token], clause: _Clause, number: int, n: int) -> Place:
    span = clause.names[n]
    if len(clause.marks) > _MOST_MARKS:  # nobody speaks like that
        return Place(Polarity.OPEN, clause.sentence, number)
    before = [m for m in clause.marks if m.end <= span.start]
    denials = clause.denials + clause.is_denied + sum(m.role in _DENYING for m in before)
    denials += sum(
        m.role is Role.INSTEAD and (n == 0 or clause.names[n - 1].start < m.end) for m in before
    )
    words = [
        tokens[k].key.split("'")[0]
        for k in range(max(clause.start, span.start - _MOST_WORDS), span.start)
    ]
    is_subject = not any(word in _COPULAS for word in words)
    if is_subject or "that" in words:
        denials += sum(
            m.start >= span.end
            and _is_predicate(tokens, clause, m)
            and (is_subject or m.role is Role.WRONG)
            and clause.names[-1].start < m.end
            for m in clause.marks
        )
    following = clause.names[n + 1 : n + 2]
    if "that" in words and following and _is_wrong(tokens, following[0]):
        denials += 1
    is_open = clause.is_open or (
        is_subject and any(m.role is Role.WOULD and m.start >= span.end for m in clause.marks)
    )
    is_aside = clause.is_aside or any(
        m.role is Role.WITH and m.start < span.start for m in clause.marks
    )
    others = clause.end - clause.start - (span.end - span.start) - (clause.opener is not None)
    is_open = is_open or (denials % 2 == 1 and words[-1:] == ["more"])
    polarity = Polarity.OPEN if is_open else Polarity.DENIED if denials % 2 else Polarity.AFFIRMED
    return Place(
        polarity, clause.sentence, number, is_aside, clause.is_contrast,
        is_bare=others <= _FEW_WORDS and not clause.has_verb,
        is_stated=_is_statement(tokens, clause, span),
    )  # fmt: skip


def _is_wrong(tokens: Sequence[Token], name: Span) -> bool:
    """Whether a label is what is said of a claim: "that … is false"."""
    is_wrong = tokens[name.start].key in _WRONG
    return is_wrong and name.start > 0 and tokens[name.start - 1].key in _COPULAS


def _is_predicate(tokens: Sequence[Token], clause: _Clause, mark: _Mark) -> bool:
    """Whether a negation after a name is that of its verb: "X did not", "X is unlikely"."""
    if mark.role not in (Role.NOT, Role.WRONG):
        return False
    word = tokens[mark.start].key
    if word.endswith("n't") or word == "cannot":
        return True
    before = tokens[mark.start - 1].key if mark.start > clause.start else ""
    return before in _COPULAS


def _is_statement(tokens: Sequence[Token], clause: _Clause, span: Span) -> bool:
    """Whether a copula with a pronoun or "the …" as its subject says the name, without a "may"."""
    words = [
        tokens[k].key for k in range(clause.start, min(span.start, clause.start + _MOST_WORDS))
    ]
    if not words or any(word in _HEDGES for word in words):
        return False
    first = words[clause.opener is not None :][:1]
    is_subject = bool(first) and (first[0].split("'")[0] in _SUBJECTS)
    return is_subject and any(_is_copula(word) for word in words)


_HEDGES = frozenset("may might could perhaps maybe also there".split())
_SUBJECTS = PRONOUNS | frozenset(("the", "my", "genre", "answer", "这", "它", "他", "她"))


def _is_copula(word: str) -> bool:
    return word in _STATING or word.endswith(("'s", "'re"))


_STATING = frozenset(
    "is are was sounds seems appears it's this's call say choose 是 为".split()
)


# Of a name that is not bare, and of one that is.
_PLAIN = (
    Place(Polarity.AFFIRMED, 0, 0),
    Place(Polarity.AFFIRMED, 0, 0, is_bare=True),
)
