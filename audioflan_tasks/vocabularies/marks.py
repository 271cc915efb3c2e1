"""Function words of an answer by their role; what depends on the words beside them is seen here."""

from __future__ import annotations

from collections.abc import Sequence

from audioflan_tasks.vocabularies.words import PHRASES, PRONOUNS, Mark, Role, Token, phrase_at

__all__ = ["marks_of"]

_GOAL = range(2, 5)
_SUBJECTS = PRONOUNS | frozenset(("the", "there"))
_ARTICLES = frozenset(("a", "an", "the"))
# "Isn't just" and "not hesitate" deny nothing.
_ONLY = frozenset(("just", "only", "merely", "simply", "hesitate"))
_VERBS_FIRST = frozenset(("were", "had", "should"))
_ROLE_AFTER_TOO = {"to": Role.NOT, "for": Role.INSTEAD}


def marks_of(tokens: Sequence[Token], in_name: set[int]) -> list[Mark]:
    """Function words outside names by their role, the longest phrase at each place."""
    marks: list[Mark] = []
    position = 0
    while position < len(tokens):
        key = tokens[position].key
        is_function = key in PHRASES or key[-3:] == "n't"
        phrase = phrase_at(tokens, position) if is_function and position not in in_name else None
        if phrase is not None and _ends_comparison(phrase, tokens, marks):
            phrase = phrase._replace(role=Role.AND)
        if key == "so" and _is_after_not(tokens, position, marks):
            phrase = None  # "not so different"
        elif key in _ONLY and _is_after_not(tokens, position, marks):
            marks[-1] = marks[-1]._replace(role=Role.YES)  # "isn't just"
        if phrase is not None:
            marks.append(phrase)
        elif key == "too":  # "too clean to be real", "too high for a man"
            goals = (position + n for n in _GOAL if position + n < len(tokens))
            roles = ((n, _ROLE_AFTER_TOO.get(tokens[n].key)) for n in goals)
            marks += [Mark(n, n + 1, role) for n, role in roles if role is not None][:1]
        elif key == "less" and position + 1 < len(tokens) and tokens[position + 1].key in _ARTICLES:
            marks.append(Mark(position, position + 1, Role.INSTEAD))
        elif key in _VERBS_FIRST and _is_inverted(tokens, position, marks):
            marks.append(Mark(position, position + 1, Role.IF))
        position = phrase.end if phrase is not None else position + 1
    return marks


def _is_after_not(tokens: Sequence[Token], position: int, marks: Sequence[Mark]) -> bool:
    """Whether a "not" stands right before a token."""
    if not marks or marks[-1] != (position - 1, position, Role.NOT):
        return False
    return tokens[position].start - tokens[position - 1].end == 1


def _ends_comparison(phrase: Mark, tokens: Sequence[Token], marks: Sequence[Mark]) -> bool:
    """Whether a "than" goes on with "less a …", which has denied the name before it."""
    if phrase.role is not Role.INSTEAD or tokens[phrase.start].key != "than" or not marks:
        return False
    return marks[-1].role is Role.INSTEAD and tokens[marks[-1].start].key == "less"


def _is_inverted(tokens: Sequence[Token], start: int, marks: Sequence[Mark]) -> bool:
    """Whether a clause is a condition without "if": "were it slower", "would be, had the …"."""
    following = tokens[start + 1].key if start + 1 < len(tokens) else ""
    is_start = start == 0 or tokens[start].start > tokens[start - 1].end + 1
    is_after_would = any(mark.role is Role.WOULD for mark in marks[-1:])
    return following in PRONOUNS if is_start else is_after_would and following in _SUBJECTS
