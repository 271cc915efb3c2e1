"""How a text means the names that it mentions: as said, denied, left open or aside.

A negation denies what follows in its clause; after a verb it reaches back to the subject ("the same
person did not speak both"). Two negations cancel each other. "Rather than" and the like deny the
next name. What stands in a concession ("although …") or after "with" is said aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from audioflan_tasks.vocabularies.clauses import (
    DENYING,
    Clause,
    NameSpan,
    clauses_of,
    is_question,
)
from audioflan_tasks.vocabularies.marks import marks_of
from audioflan_tasks.vocabularies.words import PRONOUNS, Mark, Role, Token, word_set

__all__ = ["Claim", "Place", "places_of"]

# Between a verb and its "wrong": "are both wrong".
_ADVERBS = word_set(
    "the a an both all also clearly definitely simply certainly obviously just probably"
)
_LIKELIHOODS = word_set("likelihood probability chance chances odds possibility")
_RELATIVE = frozenset(("which", "who"))
_WRONG = frozenset(("false", "incorrect", "wrong"))
_UNLIKELY = word_set("unlikely improbable implausible inconceivable impossible doubtful far")
# Of a predicate that says whether its subject is there, or is the answer.
_OF_PRESENCE = word_set(
    "heard present there here detected audible found likely correct right possible plausible "
    "probable supported true certain proven hold holds apply applies fit fits match matches "
    "case exist exists involved included visible both like this such so faster slower "
    "quicker play plays "
    "playing used bark barking ring ringing answer genre option label emotion language "
    "instrument key one speaker"
)
_PREDICATE_WORDS = 5
_COPULAS = word_set(
    "is are was were be been am do does did can could may might will would should must "
    "has have had seems seem sounds sound appears appear remains"
)
_HEDGES = frozenset(("may", "might", "could", "perhaps", "maybe", "also", "there"))
_SUBJECTS = PRONOUNS | frozenset(("the", "my", "genre", "answer", "这", "它", "他", "她"))
_STATING = word_set("is are was sounds seems appears it's this's call say choose 是 为")
_JOINTS = frozenset(("and", "or", "也", "和"))
_ZH_NOT = frozenset("不非也")
_FEW_WORDS = 2
_MOST_MARKS = 32
_MOST_WORDS = 60


class Claim(StrEnum):
    """Whether a text says that a name holds, that it does not, or neither."""

    YES = "yes"
    NO = "no"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name stands: its sentence and clause, numbered from 0, and how it is meant.

    `is_aside`: mentioned beside what the sentence says. `is_contrast`: after "but" and the like.
    `is_bare`: the clause is the name and little else. `is_stated`: "it is X", "this sounds like X".
    """

    claim: Claim
    sentence: int
    clause: int
    is_aside: bool = False
    is_contrast: bool = False
    is_bare: bool = False
    is_stated: bool = False


# Of the only name of a text without marks: that is not bare, and that is.
_PLAIN = (Place(Claim.YES, 0, 0), Place(Claim.YES, 0, 0, is_bare=True))


def places_of(text: str, tokens: Sequence[Token], names: Sequence[NameSpan]) -> list[Place]:
    """The place of each name; `text` is folded, and names are in its order."""
    marks = marks_of(tokens, {n for name in names for n in range(name.start, name.end)})
    if not marks and len(names) == 1 and not is_question(text):
        return [_PLAIN[len(tokens) - (names[0].end - names[0].start) <= _FEW_WORDS]]
    return [
        place
        for number, clause in enumerate(clauses_of(text, tokens, marks, names))
        if clause.names
        for place in _places(tokens, clause, number)
    ]


def _places(tokens: Sequence[Token], clause: Clause, number: int) -> Iterator[Place]:
    if len(clause.marks) > _MOST_MARKS:  # nobody speaks like that
        yield from (Place(Claim.OPEN, clause.sentence, number) for _ in clause.names)
        return
    words = _first_words(tokens, clause)
    yield from (_place(tokens, clause, number, n, words) for n in range(len(clause.names)))


def _place(
    tokens: Sequence[Token], clause: Clause, number: int, n: int, words: _FirstWords
) -> Place:
    name = clause.names[n]
    is_with = any(m.role is Role.WITH and m.start < name.start for m in clause.marks)
    others = clause.end - clause.start - (name.end - name.start) - (clause.opener is not None)
    return Place(
        _claim(tokens, clause, n, words), clause.sentence, number,
        is_aside=is_with or clause.opener is Role.THOUGH or _is_relative(tokens, clause),
        is_contrast=clause.opener is Role.BUT,
        is_bare=others <= _FEW_WORDS and not clause.has_verb,
        is_stated=words.subject < name.start and words.stating < name.start <= words.hedge,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _FirstWords:
    """Where the first word of a kind stands in a clause, after all names where there is none.

    `subject`: a pronoun or "the" that begins it; `stating`: a verb that says what it is.
    """

    copula: int
    that: int
    subject: int
    stating: int
    hedge: int


def _first_words(tokens: Sequence[Token], clause: Clause) -> _FirstWords:
    end = min(clause.names[-1].start, clause.start + _MOST_WORDS)
    words = [tokens[k].key for k in range(clause.start, end)]
    stems = [word.partition("'")[0] if "'" in word else word for word in words]
    first = clause.opener is not None
    is_subject = any(stem in _SUBJECTS for stem in stems[first : first + 1])
    never = len(tokens)

    def place(numbers: Iterator[int]) -> int:
        return clause.start + next(numbers, never)

    return _FirstWords(
        copula=place(n for n, stem in enumerate(stems) if stem in _COPULAS),
        that=place(n for n, word in enumerate(words) if word == "that"),
        subject=clause.start + first if is_subject else never,
        stating=place(n for n, w in enumerate(words) if w in _STATING or w.endswith(("'s", "'re"))),
        hedge=place(n for n, word in enumerate(words) if word in _HEDGES),
    )


def _claim(tokens: Sequence[Token], clause: Clause, n: int, words: _FirstWords) -> Claim:
    name = clause.names[n]
    is_subject = name.start <= words.copula
    denials = clause.denials + clause.is_denied + _denials_before(tokens, clause, n)
    after = _denials_after(tokens, clause, n, is_subject, words.that < name.start)
    denials += after
    is_denied = denials % 2 == 1
    # "Female would be wrong" denies, and only supposes nothing.
    would = not after and any(m.role is Role.WOULD and m.start >= name.end for m in clause.marks)
    # "Never have two been more different" denies nothing.
    position = name.start - 1
    is_compared = is_denied and position >= clause.start and tokens[position].key == "more"
    if clause.is_open or (is_subject and would and not is_denied) or is_compared:
        return Claim.OPEN
    return Claim.NO if is_denied else Claim.YES


def _denials_before(tokens: Sequence[Token], clause: Clause, n: int) -> int:
    """The negations that stand before a name in its clause and reach it.

    "No siren and no horn" denies both: the second "no" stands beside the first.
    """
    name = clause.names[n]
    begin = _last_is(tokens, clause.names[n - 1].end, name.start) if n else -1
    marks = [
        mark
        for mark in clause.marks
        if begin < mark.start and mark.end <= name.start and mark.role is not Role.AND
    ]
    nearest = clause.names[n - 1].start if n else -1
    last = marks[-1] if n and marks and marks[-1].role is Role.NOT else None
    if last is not None and last.start > nearest and tokens[last.start - 1].key in _JOINTS:
        return 1
    return sum(
        mark.role in DENYING or (mark.role is Role.INSTEAD and mark.end > nearest) for mark in marks
    )


def _last_is(tokens: Sequence[Token], start: int, end: int) -> int:
    """Where a Chinese "is" between two names begins a claim: "不是男的是女的"; -1 if none does."""
    places = (k for k in range(end - 1, start - 1, -1) if tokens[k].key == "是")
    return next((k for k in places if tokens[k - 1].key not in _ZH_NOT), -1)


def _denials_after(
    tokens: Sequence[Token], clause: Clause, n: int, is_subject: bool, is_claim: bool
) -> int:
    """The negations of the verb after a name that is its subject, or in a claim ("that …")."""
    name = clause.names[n]
    marks = [
        mark
        for mark in clause.marks
        if mark.start >= name.end
        and mark.end > clause.names[-1].start
        and _is_predicate(tokens, clause, mark)
    ]
    following = clause.names[n + 1 : n + 2]
    is_wrong = is_claim and any(_is_wrong(tokens, label) for label in following)
    return is_wrong + (len(marks) if is_subject or is_claim else 0)


def _is_wrong(tokens: Sequence[Token], name: NameSpan) -> bool:
    """Whether a label is what is said of a claim: "that … is false"."""
    is_wrong = tokens[name.start].key in _WRONG
    return is_wrong and name.start > 0 and tokens[name.start - 1].key in _COPULAS


def _is_relative(tokens: Sequence[Token], clause: Clause) -> bool:
    """Whether a clause only says more of a word before it: "…, which is common for women"."""
    return clause.opener is Role.REASON and tokens[clause.start].key in _RELATIVE


def _is_predicate(tokens: Sequence[Token], clause: Clause, mark: Mark) -> bool:
    """Whether a negation after a name is that of its verb: "X did not", "X is unlikely"."""
    if mark.role is Role.LOW:
        return any(tokens[n].key in _LIKELIHOODS for n in range(clause.start, mark.start))
    if mark.role is Role.REFUTED:
        return True
    if mark.role not in (Role.NOT, Role.EXCLUDE, Role.WRONG):
        return False
    word = tokens[mark.start].key
    position = mark.start - 1
    while position > clause.start and tokens[position].key in _ADVERBS:
        position -= 1
    is_of_verb = word.endswith("n't") or word == "cannot" or tokens[position].key in _COPULAS
    is_whole = mark.role is not Role.NOT or word in _UNLIKELY
    return is_of_verb and (is_whole or _denies_subject(tokens, clause, mark))


def _denies_subject(tokens: Sequence[Token], clause: Clause, mark: Mark) -> bool:
    """Whether "not" denies its subject: that it is there, or right, and not what it is like.

    "The cat is not heard" denies a cat, "the man is not loud" no man.
    """
    following = tokens[mark.end : min(clause.end, mark.end + _PREDICATE_WORDS)]
    is_at_end = not following and tokens[mark.start].key != "no"
    return is_at_end or any(token.key in _OF_PRESENCE for token in following)
