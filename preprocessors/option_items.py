"""The items of a list of options in running text: "rock, drum and bass", "(English, French)".

The strongest separator of a list separates everywhere (lines, semicolons, bars, commas), and none
does inside brackets or double quotes. Where one is a part of a name ("drum and bass", "Chirp,
tweet", "Low, Therapy?"), labels that are known decide. If they do not, there are several
splits, each with the items that only it has: it is right if the answer is one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from audioflan_tasks.records.answer_sentences import owns_stop
from audioflan_tasks.vocabularies import label_key

__all__ = ["IsKnown", "ItemSplit", "has_separator", "is_name", "item_splits", "plain_item"]

# Whether a text is the name of a label.
IsKnown = Callable[[str], bool]

_SEPARATORS = (r"\n", r"[;；]", r"\|", "、", "[,，]", r"\s/\s")
_ANY_SEPARATOR = re.compile("|".join(_SEPARATORS))
_LIST_WORD = re.compile(r"\s+(or|and)\s+")
_OR = re.compile(r"\s+or\s+")
_SLASH = re.compile("/")
_FIRST_WORD = re.compile(r"^(?:or|and|或|和)\s*(?=\S)")
_JOINING = re.compile(r"\s(?:and|or|&)\s")
_PAIRS = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "“": "”", "‘": "’", "`": "`"}
_OPENING, _CLOSING = "([{“", ")]}”"
_SENTENCE = re.compile(r"(?<!\b\w)(?<!\b[A-Z][a-z])[.?!]\s+[A-Z]")
_MOST_WORDS = 8
_MOST_PARTS = 6


class ItemSplit(NamedTuple):
    """The items of a list; of `unsure` ones the answer must be one, if there are any."""

    items: tuple[str, ...]
    unsure: tuple[str, ...] = ()


def has_separator(text: str) -> bool:
    """Whether a text has a mark between items."""
    return _ANY_SEPARATOR.search(text) is not None


def is_name(item: str) -> bool:
    """Whether an item could be a label: some words, and no sentence."""
    return 0 < len(item.split()) <= _MOST_WORDS and not _SENTENCE.search(item)


def plain_item(item: str) -> str:
    """An item without the quotes or brackets that stand around all of it."""
    text = item.strip()
    while len(text) > 2 and _is_enclosed(text):
        text = text[1:-1].strip()
    return text


def item_splits(
    text: str, is_known: IsKnown, *, ends_question: bool = True, is_pair: bool = False
) -> Iterator[ItemSplit]:
    """The ways to split a list, of which at most one is right for an answer.

    `ends_question` says that a mark at its end may be that of its sentence, `is_pair` that "and"
    stands between items ("between a and b").
    """
    for body, is_sure in _bodies(text.strip(), is_known, ends_question):
        for split in _splits(body, is_known, is_pair):
            items = tuple(plain_item(item) for item in split.items)
            if len(items) > 1 and all(map(is_name, items)) and _differ(items):
                unsure = tuple(map(plain_item, split.unsure))
                yield ItemSplit(items, unsure if is_sure else (*unsure, items[-1]))


def _differ(items: Sequence[str]) -> bool:
    return len({label_key(item) or item for item in items}) == len(items)


def _bodies(text: str, is_known: IsKnown, ends_question: bool) -> Iterator[tuple[str, bool]]:
    """The list without the mark at its end, and with it where the mark may be the last name's."""
    mark = text[-1:]
    bare_text = text[:-1].rstrip()
    if mark not in ".?!。？！" or len(text) < 2:
        yield _unwrapped(text), True
    elif mark == "." and owns_stop(text):
        yield text, True
    elif bare_text[-1:] in '])}"”' or is_known(_last_item(bare_text)):
        yield _unwrapped(bare_text), True
    elif (
        mark in "。？！"
        or (mark == "?" and ends_question)
        or (mark == "." and not _has_inner_stop(bare_text))
    ):
        yield bare_text, True
    else:
        yield bare_text, False
        yield text, False


def _has_inner_stop(text: str) -> bool:
    """Whether an item before the last ends in a full stop."""
    return re.search(r"\.\s*[,;|]", text) is not None


def _last_item(text: str) -> str:
    return _LIST_WORD.split(_ANY_SEPARATOR.split(text)[-1])[-1].strip()


def _unwrapped(text: str) -> str:
    return plain_item(text) if text[:1] in "([{" else text


def _is_enclosed(text: str) -> bool:
    """Whether the first and the last character are a pair, with no end of it between."""
    closing = _PAIRS.get(text[0])
    if closing is None or text[-1] != closing:
        return False
    inner = text[1:-1]
    if closing == text[0]:
        return closing not in inner
    depth = 1
    for character in inner:
        depth += (character == text[0]) - (character == closing)
        if not depth:
            return False
    return True


def _splits(text: str, is_known: IsKnown, is_pair: bool) -> Iterator[ItemSplit]:
    separator = next((s for s in _SEPARATORS if len(_parts(text, re.compile(s))) > 1), None)
    if separator is None:
        yield from _without_separator(text, is_known, is_pair)
        return
    parts = _parts(text, re.compile(separator))
    if separator == "[,，]":
        parts = _joined(parts, is_known)
    if _FIRST_WORD.match(parts[-1]):
        yield ItemSplit((*parts[:-1], _FIRST_WORD.sub("", parts[-1])), _swallowed(parts, is_known))
        return
    yield from _with_last_word(parts, is_known, is_comma=separator in ("[,，]", "、"))


def _without_separator(text: str, is_known: IsKnown, is_pair: bool) -> Iterator[ItemSplit]:
    """ "a or b", "a and b", "a/b"."""
    parts = _parts(text, _OR)
    if len(parts) > 1:
        yield ItemSplit(tuple(parts))
        return
    for pattern in (_LIST_WORD, _SLASH):
        parts = [part for part in _parts(text, pattern) if part not in ("and", "or")]
        if len(parts) > 1 and (all(map(is_known, parts)) or (is_pair and pattern is _LIST_WORD)):
            yield ItemSplit(tuple(parts))
        elif len(parts) > 1 and pattern is _LIST_WORD:
            yield ItemSplit(tuple(parts), tuple(parts))


def _with_last_word(
    parts: Sequence[str], is_known: IsKnown, *, is_comma: bool
) -> Iterator[ItemSplit]:
    """A list whose last part may be two: "rock, drum and bass"."""
    head, last = parts[:-1], parts[-1]
    unsure = _swallowed(parts, is_known)
    words = _LIST_WORD.findall(last)
    if len(words) != 1:
        yield ItemSplit(tuple(parts), unsure)
        return
    pair = _LIST_WORD.sub("\n", last).split("\n")
    are_known, is_one = all(map(is_known, pair)), is_known(last)
    has_twin = any(_LIST_WORD.search(part) for part in head)
    whole, halves = ItemSplit((*head, last), unsure), ItemSplit((*head, *pair), unsure)
    if (is_one or not is_comma) and not are_known:
        yield whole
    elif is_comma and not is_one and not has_twin and (are_known or words == ["or"]):
        yield halves
    else:
        yield whole._replace(unsure=(*unsure, last))
        yield halves._replace(unsure=(*unsure, *pair))


def _swallowed(parts: Sequence[str], is_known: IsKnown) -> tuple[str, ...]:
    """Items of a comma list that may be the end of a name with commas: "Stills, Nash & Young"."""
    if _JOINING.search(parts[0]) or len(parts) < 3:
        return ()
    middle = parts[1:-1]
    ends = [part for part in middle if _JOINING.search(part) and not is_known(part)]
    return tuple(ends)


def _joined(parts: Sequence[str], is_known: IsKnown) -> list[str]:
    """Parts between commas, those joined that are one name: "Chirp, tweet"."""
    items, first = [], 0
    while first < len(parts):
        ends = range(min(first + _MOST_PARTS, len(parts)), first, -1)
        end = next((e for e in ends if is_known(", ".join(parts[first:e]))), first + 1)
        items.append(", ".join(parts[first:end]))
        first = end
    return items


def _parts(text: str, separator: re.Pattern[str]) -> list[str]:
    """What stands between separators outside brackets and double quotes; blank parts are left out.

    Brackets that have no partner, as in a smiley, do not count.
    """
    borders = [match.span() for match in separator.finditer(text)]
    inside = _depths(text)
    borders = [(a, b) for a, b in borders if not inside[a]]
    starts = [0, *(b for _, b in borders)]
    ends = [*(a for a, _ in borders), len(text)]
    parts = [text[a:b].strip() for a, b in zip(starts, ends, strict=True)]
    return [part for part in parts if part]


def _depths(text: str) -> list[int]:
    """For each character how many brackets and quotes are open before it; 0 if one never ends."""
    depths, depth, in_quotes = [], 0, False
    for character in text:
        depths.append(depth + in_quotes)
        depth += (character in _OPENING) - (character in _CLOSING)
        in_quotes ^= character == '"'
        if depth < 0:
            return [0] * len(text)
    return [0] * len(text) if depth or in_quotes else depths
