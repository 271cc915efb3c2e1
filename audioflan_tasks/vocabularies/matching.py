"""Which of a set of labels a text names.

The longest label wins and counts as whole words only: in `lip_trill` there is no `trill`,
in `non-vocal` no `vocal`. Spelling differs freely in case, blanks, hyphens and
underscores (`hip-hop`, `hiphop`). Other names of a label come from `equal_names`: synonyms, Chinese
names, and what the vocabularies of the task call the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from audioflan_tasks.vocabularies.equal_names import surfaces_of
from audioflan_tasks.vocabularies.spelling import TOKEN, fold, label_key, list_key

__all__ = ["LabelMatcher", "Mention", "matcher"]

_GLUE = re.compile(r"[-_‐‑–]")
_ENDS = re.compile(r"[.;!?\n。；！？]")
_CLAUSE = re.compile(r"[,.;:!?\n。，；：！？]|\bbut\b")
_NEGATORS = frozenset(
    [
        "not",
        "no",
        "isn't",
        "aren't",
        "wasn't",
        "weren't",
        "doesn't",
        "don't",
        "didn't",
        "cannot",
        "can't",
        "never",
        "without",
        "neither",
        "nor",
        "non",
        "isnt",
        "doesnt",
        "不",
        "没",
        "非",
        "无",
    ]
)
_SOFT = frozenset(("only", "just", "necessarily", "sure"))  # "not only jazz" says jazz
_INSTEAD = (
    ("rather", "than"),
    ("instead", "of"),
    ("opposed", "to"),
    ("unlike",),
    ("except",),
    ("than",),
)
_LIST_OPENERS = (
    ("any", "of"),
    ("either", "of"),
    ("neither",),
    ("none", "of"),
    ("the", "following"),
)
_LIST_ENDS = frozenset(words[-1] for words in _LIST_OPENERS)
_REACH = 3


@dataclass(frozen=True, slots=True)
class Mention:
    """A label in a text: token positions [start, end), and whether it is denied."""

    label: str
    start: int
    end: int
    denied: bool


class _Token(NamedTuple):
    key: str
    start: int
    end: int
    glued: bool  # to the token before


class LabelMatcher:
    """Finds the labels of one set; build it with `matcher`, which keeps them."""

    def __init__(self, labels: Sequence[str], surfaces: Iterable[tuple[str, str]] = ()) -> None:
        self.labels = tuple(labels)
        surfaces = list(surfaces)
        self._exact: dict[str, str] = {}
        for label in labels:
            self._exact.setdefault(label_key(label), label)
        self._inside = dict(self._exact)
        for surface, label in surfaces:
            self._exact.setdefault(label_key(surface), label)
            if not surface.startswith("="):
                self._inside.setdefault(label_key(surface), label)
        for label in labels:  # "trumpets" is a trumpet
            plural = label_key(label) + "s"
            if len(plural) > 4:
                self._inside.setdefault(plural, label)
        self._starts = {name[:n] for name in self._inside for n in range(1, len(name) + 1)}
        texts = (*self._exact.values(), *(surface for surface, _ in surfaces))
        self._width = max((len(TOKEN.findall(fold(text))) for text in texts), default=1) + 1
        self._list_keys = frozenset(map(list_key, labels))
        self._by_folded = {fold(label).strip(): label for label in labels}

    @property
    def keys(self) -> frozenset[str]:
        """Keys of the names that it finds inside a text."""
        return frozenset(self._inside)

    def has(self, text: str) -> bool:
        """Whether the text is a label in any spelling, commas and all."""
        return list_key(text) in self._list_keys

    def exact(self, text: str) -> str | None:
        """The label that the whole text is, or None."""
        plain = text.strip(" \t\n.。!！?？,，;；:：\"'`*").casefold()
        return (
            self._by_folded.get(plain)
            or self._exact.get(label_key(plain))
            or self._inside.get(label_key(plain))
        )

    def leading(self, text: str) -> str | None:
        """The label before the first punctuation mark, if nothing else is before it."""
        match = re.match(r"\s*([^.,;:!?\n。，；：！？(—]{1,80})[.,;:!?\n。，；：！？(—]", text)
        return self.exact(match[1]) if match else None

    def mentions(self, text: str) -> list[Mention]:
        """All labels named, in order, the longest at each place."""
        plain = fold(text)
        tokens = _tokens(plain)
        mentions, position, listed_until = [], 0, -1
        while position < len(tokens):
            word = tokens[position].key
            width = self._longest(tokens, position) if word in self._starts else 0
            if not width:
                # "Neither, both are the same" answers a question and lists nothing.
                is_answer = (
                    word == "neither"
                    and plain[tokens[position].end : tokens[position].end + 1] in ",."
                )
                if word in _LIST_ENDS and not is_answer and _opens_list(tokens, position):
                    listed_until = _sentence_end(plain, tokens[position].start)
                position += 1
                continue
            label = self._inside["".join(t.key for t in tokens[position : position + width])]
            is_denied = tokens[position].start < listed_until or _is_denied(plain, tokens, position)
            mentions.append(Mention(label, position, position + width, is_denied))
            position += width
        return mentions

    def _longest(self, tokens: Sequence[_Token], start: int) -> int:
        if tokens[start].glued:
            return 0
        for width in range(min(self._width, len(tokens) - start), 0, -1):
            end = start + width
            if end < len(tokens) and tokens[end].glued:
                continue
            if "".join(t.key for t in tokens[start:end]) in self._inside:
                return width
        return 0


@lru_cache(maxsize=4096)
def matcher(labels: tuple[str, ...], task: str = "") -> LabelMatcher:
    """The matcher of a label set, built once, with the other names that a task's labels have."""
    return LabelMatcher(labels, surfaces_of(labels, task))


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    end = -1
    for match in TOKEN.finditer(text):
        is_glued = bool(tokens) and match.start() - end == 1 and bool(_GLUE.match(text, end))
        tokens.append(_Token(match[0].removesuffix("'s"), match.start(), match.end(), is_glued))
        end = match.end()
    return tokens


def _is_denied(text: str, tokens: Sequence[_Token], position: int) -> bool:
    first = max(0, position - _REACH)
    preceding_text = text[tokens[first].start : tokens[position].start]
    cut = [m.end() for m in _CLAUSE.finditer(preceding_text)]
    begin = tokens[first].start + (cut[-1] if cut else 0)
    preceding = [t.key for t in tokens[first:position] if t.start >= begin]
    for place, word in enumerate(preceding):
        if word in _NEGATORS or word.endswith("n't"):
            follows = preceding[place + 1] if place + 1 < len(preceding) else ""
            return follows not in _SOFT
    return any(
        tuple(preceding[-len(w) :]) == w or preceding[-len(w) - 1 : -1] == [*w] for w in _INSTEAD
    )


def _opens_list(tokens: Sequence[_Token], position: int) -> bool:
    """Whether "not … any of", "neither" and the like end at this token."""
    for words in _LIST_OPENERS:
        first = position - len(words) + 1
        if first >= 0 and tuple(t.key for t in tokens[first : position + 1]) == words:
            if words[0] in ("neither", "none"):
                return True
            preceding = [t.key for t in tokens[max(0, first - 4) : first]]
            return any(w in _NEGATORS or w.endswith("n't") for w in preceding)
    return False


def _sentence_end(text: str, start: int) -> int:
    match = _ENDS.search(text, start)
    return match.start() if match else len(text)
