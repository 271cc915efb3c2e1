"""The labels in an answer that names several; a name that holds a comma is one item."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache, partial

from audioflan_tasks.vocabularies.library import vocabularies_of
from audioflan_tasks.vocabularies.spelling import list_key
from audioflan_tasks.vocabularies.vocabulary import Vocabulary

__all__ = ["MOST_ITEMS", "is_known", "items_in", "items_of", "split_labels"]

# More than any answer lists.
MOST_ITEMS = 500

_BORDER = re.compile(
    r"\s*(?:[,;、，；\n|→]|->)(?:[\s,;、，；|→]|->)*(?:and\s+|then\s+|&\s*|和|与)?"
    r"|\s+(?:then|followed by)\s+|(\s+(?:and|&)\s+)",
    re.IGNORECASE,
)
_MOST_PARTS = 6


def split_labels(text: str, vocabulary: Vocabulary | None = None) -> tuple[str, ...]:
    """The items of an answer that lists labels, as they are spelt.

    Of "Speech, Vehicle horn, car horn, honking" the items are two with AudioSet's vocabulary, as
    the longest names count. Without a vocabulary every comma separates.
    """

    keys = _list_keys(vocabulary) if vocabulary is not None else frozenset[str]()
    return items_of(text, lambda part: list_key(part) in keys)


@lru_cache(maxsize=65536)
def items_in(task: str, text: str) -> tuple[str, ...]:
    """The items of an answer to a task, whose vocabularies say which names hold a comma."""
    return items_of(text, partial(is_known, task))


def is_known(task: str, text: str) -> bool:
    """Whether a vocabulary of the task has a label of that name, commas and all."""
    return list_key(text) in _known_keys(task)


@cache
def _known_keys(task: str) -> frozenset[str]:
    return frozenset(key for v in vocabularies_of(task) for key in _list_keys(v))


@cache
def _list_keys(vocabulary: Vocabulary) -> frozenset[str]:
    names = (name for label in vocabulary.labels for name in (*label.names, label.code))
    return frozenset(key for name in names if (key := list_key(name)))


def items_of(text: str, is_name: Callable[[str], bool], *, at_and: bool = False) -> tuple[str, ...]:
    """The items of a list: what `is_name` knows whole, else what stands between separators.

    "And" separates only names that are known, or always (`at_and`). What is behind the first
    `MOST_ITEMS` is left out.
    """
    body = text.strip().rstrip(".。")
    if is_name(body):
        return (body,)
    borders = list(itertools.islice(_BORDER.finditer(body), MOST_ITEMS))
    if len(borders) == MOST_ITEMS:
        body = body[: borders.pop().start()]
    starts = [0, *(border.end() for border in borders)]
    ends = [*(border.start() for border in borders), len(body)]
    is_weak = [border[1] is not None and not at_and for border in borders]
    items = list(_joined(body, starts, ends, is_weak, is_name))
    return tuple(item for item in items if item)


def _joined(
    text: str,
    starts: Sequence[int],
    ends: Sequence[int],
    is_weak: Sequence[bool],
    is_name: Callable[[str], bool],
) -> Iterator[str]:
    """The parts between the borders, those joined that are one name or no names apart."""
    first = 0
    while first < len(starts):
        last = _last_of_name(text, starts, ends, first, is_name)
        while last < len(is_weak) and is_weak[last]:
            following = _last_of_name(text, starts, ends, last + 1, is_name)
            spans = ((first, last), (last + 1, following))
            if all(b - a < _MOST_PARTS and is_name(text[starts[a] : ends[b]]) for a, b in spans):
                break
            last = following
        yield text[starts[first] : ends[last]]
        first = last + 1


def _last_of_name(
    text: str,
    starts: Sequence[int],
    ends: Sequence[int],
    first: int,
    is_name: Callable[[str], bool],
) -> int:
    """The last part of the longest name that begins with part `first`; itself if none does."""
    for last in range(min(first + _MOST_PARTS, len(starts)) - 1, first, -1):
        if is_name(text[starts[first] : ends[last]]):
            return last
    return first
