"""A label or a value in the middle of a sentence: "It is a Shandong accent.", "about 35.1 dB".

A sentence says an answer and nothing else if it names exactly one label (of the task's lists, or
of the record's options) or one value of the task's form, and every other word is a *carrier*: an
article, a pronoun, a verb of being, having or hearing, a hedge, or a noun for the task or the
recording. One word that is none of them, a denial, a second label: the sentence stays whole.
Names that no list knows are read only beside the task's own noun ("It uses the WaveNet vocoder.",
"Kurt Vile is the artist."). Prose is never looked at.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.records import carriers
from audioflan_tasks.vocabularies import (
    answer_form,
    equal_values,
    label_key,
    main_name_keys,
    name_keys,
)
from audioflan_tasks.vocabularies.spelling import TOKEN

__all__ = ["AnswerSentence", "SentenceGrammar", "owns_stop"]

_LONGEST = 160
_MOST_TOKENS = 32
_WIDEST = 9
_MARKS = "*_`\"'“”‘’「」"
_LIST_GAP = re.compile(r"\s*(?:,\s*and\s|[,、，和]|\band\b|&)\s*", re.IGNORECASE)
_GLUE = re.compile(r"[-‐‑–_'’/&]")
_SENTENCE_BORDER = re.compile(r"[.!?;]\s+\S|[。！？；]\s*\S|\n")
_NEGATION = re.compile(r"\b(?:not|no|never|neither|nor)\b|n't\b|[不没]", re.IGNORECASE)
_DENIAL = re.compile(r"\bnot\s+(?P<denied>.+?),?\s+but\s*(?:rather\s*)?\Z", re.IGNORECASE)
_DEFINITE = re.compile(r"\b(?:the|this|that)\s+\Z", re.IGNORECASE)
_POLAR = re.compile(r"(?P<answer>yes|no|true|false)[,.;:!]\s+(?P<clause>.+)", re.IGNORECASE)
# The last stop of a name is its own: R.E.M., Dinosaur Jr.
_ABBREVIATION = re.compile(
    r"(?:\b\w\.(?:\s?\w\.)+|\b(?:Jr|Sr|Dr|Mr|Mrs|Ms|St|Inc|Ltd|Co|Bros|feat|ft|etc|vs|No)\.)\Z"
)


class AnswerSentence(NamedTuple):
    """A sentence in three: `opening` and `ending` are "" where the answer begins or ends it."""

    opening: str
    answer: str
    ending: str


class _LabelSpan(NamedTuple):
    begin: int
    end: int
    is_carrier: bool


def owns_stop(text: str) -> bool:
    """Whether the full stop at the end of a text is a part of its last word."""
    return _ABBREVIATION.search(text.rstrip()) is not None


class SentenceGrammar:
    """The sentences in which answers to one task stand."""

    def __init__(self, row: TaskRow, nouns: tuple[str, ...]) -> None:
        self._row = row
        self._kind = row.answer_kind
        self._is_list = row.several_labels or self._kind.choices == "several"
        self._words = carriers.words_with(nouns)
        self._own_nouns = carriers.own_nouns(row.minor, row.answer_nouns)
        patterns = (p.pattern for p in row.answer_patterns or self._kind.patterns if p.is_value)
        self._value = "|".join(f"(?:{p})" for p in patterns)

    @property
    def may_hold(self) -> bool:
        """Whether answers to the task may stand in a sentence at all."""
        return self._kind.lists_options or bool(self._value)

    @cached_property
    def is_polar(self) -> bool:
        """Whether the task is a question with two or three values."""
        return equal_values(self._row.id) is not None

    @cached_property
    def _keys(self) -> frozenset[str]:
        """Keys of the names that the task's lists have."""
        return name_keys(self._row.id, self._row.labels)

    @cached_property
    def _starts(self) -> frozenset[str]:
        """What a key of the lists may begin with: most words of a sentence begin none."""
        return _starts_of(self._keys)

    def knows(self, text: str, options: Sequence[str] = ()) -> bool:
        """Whether a text is a label that the task's lists or the record's options have, or a
        value of the task's form."""
        if self._value and re.fullmatch(self._value, text.strip()):
            return True
        key = label_key(text)
        return bool(key) and (key in self._keys or key in map(label_key, options))

    @property
    def has_lists(self) -> bool:
        """Whether lists have names for answers to the task."""
        return bool(self._keys)

    def knows_all(self, text: str, options: Sequence[str] = ()) -> bool:
        """Whether a text is a label, or a list of them."""
        return self.knows(text, options) or (
            self._is_list and all(self.knows(item, options) for item in _LIST_GAP.split(text))
        )

    def says_value(self, text: str) -> bool:
        """Whether a text says one of the two or three values of the task."""
        return answer_form(self._row.id, text) is not None

    def carries(self, text: str) -> bool:
        """Whether a text has no words but carriers."""
        return self._words.cover(text)

    def split(self, output: str, options: Sequence[str] = ()) -> AnswerSentence | None:
        """The answer in a sentence that says nothing else; None where it is none."""
        text = output.rstrip()
        if not self.may_hold or len(text) > _LONGEST:
            return None
        if self.is_polar:
            return self._polar(text)
        if self.knows(text.strip(" .。!！"), options) or _SENTENCE_BORDER.search(
            _without_stops(text)
        ):
            return self._quoted(text, options)
        place = self._place(text, options) or self._unlisted_place(text)
        return None if place is None else _parts(output, *place)

    def _quoted(self, text: str, options: Sequence[str]) -> AnswerSentence | None:
        """A label in quotes, or in the marks of Markdown."""
        bare_text = text.strip(_MARKS)
        if (
            len(text) - len(bare_text) < 2
            or text[0] not in _MARKS
            or not self.knows(bare_text, options)
        ):
            return None
        opening, _, ending = text.partition(bare_text)
        return AnswerSentence(opening, bare_text, ending)

    def _polar(self, text: str) -> AnswerSentence | None:
        """Yes or no before a clause that says it once more: "Yes, they are the same.".

        Without the yes, the value that a clause ends with or goes on from: "The first speaker
        is different from the second.".
        """
        match = _POLAR.fullmatch(text)
        clause = text if match is None else match["clause"]
        mentions = self._mentions(clause, ())
        if _SENTENCE_BORDER.search(_without_stops(clause)) or len(mentions) != 1:
            return None
        opening, ending = clause[: mentions[0].begin], clause[mentions[0].end :]
        if not (self._words.cover_pair(opening) and self._words.cover_pair(ending)):
            return None
        if match is not None and not self._is_asked(match["answer"]):
            return AnswerSentence("", match["answer"], text[match.end("answer") :])
        is_denied = _NEGATION.search(clause[: mentions[0].end]) is not None
        if is_denied or not self._words.has_verb(opening):
            return None
        shift = len(text) - len(clause)
        begin, end = shift + mentions[0].begin, shift + mentions[0].end
        # "different" stands beside "same", not beside "the same".
        has_article = text[begin:end].startswith("the ") and self.knows(text[begin + 4 : end])
        return _parts(text, begin + 4 if has_article else begin, end)

    def _is_asked(self, word: str) -> bool:
        """Whether only the question tells which value a yes or no means."""
        answer = answer_form(self._row.id, word)
        return answer is None or not answer.value

    def _place(self, text: str, options: Sequence[str]) -> tuple[int, int] | None:
        """Where the one label or value stands, or the one list of labels."""
        mentions = self._mentions(text, options)
        strong = [m for m in mentions if not m.is_carrier] or mentions[-1:]
        if not strong:
            return None
        if len(strong) > 1:
            strong = self._joined(text, strong)
        if len(strong) != 1 or not self._explains(text, strong[0]):
            return None
        begin, end = strong[0].begin, strong[0].end
        others = [m for m in mentions if m.is_carrier and not begin <= m.begin < end]
        return (begin, end) if all(self._is_subject(text, m) for m in others) else None

    def _is_subject(self, text: str, mention: _LabelSpan) -> bool:
        """Whether a label is only what a sentence is about: "The music contains noise"."""
        opening = text[: mention.begin]
        return not self._words.has_verb(opening) or _DEFINITE.search(opening) is not None

    def _joined(self, text: str, mentions: list[_LabelSpan]) -> list[_LabelSpan]:
        """One mention of several: a list, or the last of "not angry but sad"."""
        first, last = mentions[0], mentions[-1]
        gaps = [text[a.end : b.begin] for a, b in itertools.pairwise(mentions)]
        if self._is_list and all(map(_LIST_GAP.fullmatch, gaps)):
            return [_LabelSpan(first.begin, last.end, False)]
        denial = _DENIAL.search(text[: last.begin])
        if denial and len(mentions) == 2 and denial.span("denied") == (first.begin, first.end):
            return [last]
        return mentions

    def _explains(self, text: str, mention: _LabelSpan) -> bool:
        """Whether all other words are carriers, and more than nouns of a compound name."""
        opening, ending = text[: mention.begin], text[mention.end :]
        denies = _DENIAL.search(opening) is not None
        opening = self._words.without_degree(_DENIAL.sub(" ", opening), ending)
        if not (self._words.cover(opening) and self._words.cover(ending)):
            return False
        if opening[:1].islower() and self._words.begins_with_noun(opening):
            # "music is calm" may be a list of tags; a sentence has a capital.
            return carriers.has_symbol(opening)
        return denies or self._words.says(opening) or self._words.has_verb(ending)

    def _mentions(self, text: str, options: Sequence[str]) -> list[_LabelSpan]:
        """Labels and values in a text, the longest at each place."""
        mentions = list(self._values(text))
        keys, starts = self._keys, self._starts
        if options:
            option_keys = frozenset(map(label_key, options))
            keys, starts = keys | option_keys, starts | _starts_of(option_keys)
        tokens = list(TOKEN.finditer(text))[: _MOST_TOKENS + 1]
        place = 0
        if len(tokens) > _MOST_TOKENS:
            return []
        while place < len(tokens):
            may_start = label_key(tokens[place][0]) in starts
            longest = _longest(text, tokens, place, keys.__contains__) if may_start else 0
            width = self._without_noun(text, tokens, place, longest, keys) if longest else 0
            span = (tokens[place].start(), tokens[place + max(width, 1) - 1].end())
            if width and not any(_overlap(span, m) for m in mentions):
                mentions.append(_LabelSpan(*span, self._words.are_nouns(text[slice(*span)])))
            place += max(width, 1)
        return sorted(mentions)

    def _without_noun(
        self,
        text: str,
        tokens: Sequence[re.Match[str]],
        place: int,
        width: int,
        keys: frozenset[str],
    ) -> int:
        """The width of a name without a noun of the task after it: "Shandong accent"."""
        begin, end = tokens[place].start(), tokens[place + max(width, 1) - 1].end()
        if label_key(text[begin:end]) in main_name_keys(self._row.id):
            return width
        for short in range(1, width):
            border = tokens[place + short].start()
            is_noun = self._words.is_task_noun(text[border:end])
            if is_noun and label_key(text[begin:border]) in keys:
                return short
        return width

    def _values(self, text: str) -> Iterator[_LabelSpan]:
        if self._value:
            for match in re.finditer(rf"(?<![\w.#])(?:{self._value})(?![\w#]|\.\d)", text):
                yield _LabelSpan(*match.span(), False)

    def _unlisted_place(self, text: str) -> tuple[int, int] | None:
        """Where a name stands that no list has, beside a noun that only an answer has."""
        if not self._kind.lists_options or not self._own_nouns:
            return None
        nouns = "|".join(map(re.escape, self._own_nouns))
        name = r"[A-Z0-9][\w'’.+-]*(?:\s+[A-Z0-9&][\w'’.+-]*){0,3}"
        noun_match = re.fullmatch(
            rf"(?P<opening>.*\b(?:an?|the)\s+)(?P<name>{name})(?P<ending>\s+(?:{nouns})\b.*)", text
        )
        if noun_match and self._is_carried(noun_match["opening"], noun_match["ending"]):
            return noun_match.span("name")
        reverse = re.fullmatch(
            rf"(?P<name>\S+(?:\s\S+){{0,5}}?)\s(?:is|was)\sthe\s(?:{nouns})\s*[.!]?", text
        )
        if reverse and not self._words.cover(reverse["name"]):
            return reverse.span("name")
        return None

    def _is_carried(self, opening: str, ending: str) -> bool:
        return (
            self._words.cover(opening)
            and self._words.cover(ending)
            and self._words.has_verb(opening)
        )


def _starts_of(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(key[:n] for key in keys for n in range(1, len(key) + 1))


def _longest(
    text: str, tokens: Sequence[re.Match[str]], place: int, is_name: Callable[[str], bool]
) -> int:
    """How many tokens the longest name has that begins at one; 0 if none does."""
    start = tokens[place].start()
    if start and _GLUE.fullmatch(text[start - 1]) and text[start - 1] not in _MARKS:
        return 0
    for width in range(min(_WIDEST, len(tokens) - place), 0, -1):
        end = tokens[place + width - 1].end()
        is_glued = _GLUE.match(text, end) and text[end + 1 : end + 2].isalnum()
        if not is_glued and is_name(label_key(text[start:end])):
            return width
    return 0


def _overlap(span: tuple[int, int], mention: _LabelSpan) -> bool:
    return span[0] < mention.end and mention.begin < span[1]


def _without_stops(text: str) -> str:
    return text.rstrip(" .。!！" + _MARKS)


def _parts(output: str, begin: int, end: int) -> AnswerSentence:
    ending = output[end:]
    if ending.startswith(".") and owns_stop(output[begin : end + 1]):
        end, ending = end + 1, ending[1:]
    is_end = not ending.strip(" .。!！\n")
    return AnswerSentence(output[:begin], output[begin:end], "" if is_end else ending)
