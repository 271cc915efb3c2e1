"""What an instruction says, as far as a rewrite must say it too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from audioflan_tasks.variation.lexicon import Lexicon, lexicon

__all__ = ["InstructionContent", "language_of", "listed_items", "quotes_of", "read_instruction"]

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?=\D|$)")
_QUOTE = re.compile(r"\"([^\"]+)\"|“([^”]+)”|「([^」]+)」|(?<!\w)'([^']+)'(?!\w)")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CJK = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
_LIST_CUE = re.compile(
    r"[:：(]|\b(?:options|labels|choices|from|among|between|of|is it|either|as|say|answer)\b"
    r"|选项|从|是(?!否|不是)(?=[^，。？]*还是)",
    re.I,
)
_LIST_SIGN = re.compile(
    r"\s*(?:[,;/、，；]|\b(?:or|and)\b|还是|或者?|和)\s*(?:(?:or|and)\b\s*|或者?|和)?", re.I
)
_OR = re.compile(r"\bor\b|还是|或|/", re.I)
_SENTENCE_END = re.compile(r"(?<=[.?!。？！])\s*|\n")
_POLAR = {
    "en": re.compile(
        r"(?:^|[,;:] )(?:(?:and|so|now|okay|ok|please|quick)[, ]+)*"
        # "Do tell me" is no question.
        r"(?:is|are|was|were|do(?=.*\?)|does|did|has|have(?=.*\?))(?:n't)? "
        r"(?!you\b|it (?:possible|okay|ok|fine)|there any (?:chance|way))"
        r"|\bwhether\b|\b(?:tell|know|say|check|determine|decide|see|verify|confirm|me|judge|"
        r"identify|wonder|wondering|out|curious) if (?!you\b|it\b|possible|i\b)",
        re.I,
    ),
    "zh": re.compile(r"(?<!能)(?<!可以)(?<!好)(?<!行)吗|是否|是不是"),
}
_ROLE_NAMES = {"everyone": "everybody"}
_ASKS_WHICH = re.compile(r"\b(?:what|which|who|whose|when|where|how)\b", re.I)
_ASKS_POLITELY = re.compile(r"能|可以|可否|方便|愿意|会|麻烦|好吗|行吗")


@dataclass(frozen=True, slots=True)
class InstructionContent:
    """What an instruction says.

    Attributes:
      text: as patterns read it.
      concepts: names of what it is about. hinted_concepts: these, and what it may be about.
      marks: words that turn a question or narrow it, by rule.
      directions: number of a pair of opposites and which of the two, 0 or 1.
      roles: senses and the role in them: ("manner", "reference").
      names, units, numbers: languages and notations, units, and numbers as text.
      slots: its placeholders in order. quotes: texts in quotation marks. items: listed options.
      is_polar: it is answered with yes or no.
    """

    text: str
    concepts: frozenset[str]
    hinted_concepts: frozenset[str]
    marks: Mapping[str, frozenset[str]]
    directions: frozenset[tuple[int, int]]
    roles: frozenset[tuple[str, str]]
    names: frozenset[str]
    units: frozenset[str]
    numbers: frozenset[str]
    slots: tuple[str, ...]
    quotes: tuple[str, ...]
    items: frozenset[str]
    is_polar: bool


@lru_cache(maxsize=65_536)
def read_instruction(instruction: str, language: str) -> InstructionContent:
    """What an instruction says."""
    words = lexicon(language)
    text = words.normal(instruction)
    concepts = _names(words.concepts, text)
    return InstructionContent(
        text=text,
        concepts=concepts,
        hinted_concepts=concepts | _names(words.hints, text),
        marks={rule: frozenset(p.findall(text)) for rule, p in words.marks.items()},
        directions=frozenset(_directions(words, text)),
        roles=frozenset(_roles(words, text)),
        names=_names(words.names, text),
        units=_names(words.units, text),
        numbers=frozenset(_NUMBER.findall(instruction)) | _names(words.numbers, text),
        slots=tuple(sorted(_PLACEHOLDER.findall(instruction))),
        quotes=quotes_of(instruction),
        items=listed_items(instruction),
        is_polar=_is_polar(instruction, words.language),
    )


def quotes_of(text: str) -> tuple[str, ...]:
    """Texts in quotation marks, in order."""
    return tuple(next(filter(None, match.groups())) for match in _QUOTE.finditer(text))


def listed_items(text: str) -> frozenset[str]:
    """The options that a text lists, in lower case; none where it lists none."""
    lists = (_items(sentence[cue.end() :]) for sentence, cue in _cues(text))
    return max(lists, key=len, default=frozenset())


def language_of(text: str) -> str:
    """The language by its letters: "zh" where a third of them are Chinese characters."""
    letters = _LETTER.findall(_PLACEHOLDER.sub("", text))
    chinese = sum(bool(_CJK.match(letter)) for letter in letters)
    return "zh" if chinese * 3 >= max(len(letters), 1) else "en"


def _names(patterns: Mapping[str, re.Pattern[str]], text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in patterns.items() if pattern.search(text))


def _directions(words: Lexicon, text: str) -> Iterator[tuple[int, int]]:
    for number, sides in enumerate(words.directions):
        for side, pattern in enumerate(sides):
            if pattern.search(text):
                yield number, side


def _roles(words: Lexicon, text: str) -> Iterator[tuple[str, str]]:
    for name, pattern in words.roles.items():
        for match in pattern.finditer(text):
            yield name.split()[0], _ROLE_NAMES.get(match["role"], match["role"])


def _cues(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    # A colon may end the sentence before the list, so it is no end here.
    for sentence in _SENTENCE_END.split(text):
        yield from ((sentence, cue) for cue in _LIST_CUE.finditer(sentence))


def _items(tail: str) -> frozenset[str]:
    tail = tail.strip(" .?!。？！)")
    items = [
        re.split("[:：]", item.strip(" .?!:()\"'。？！："))[-1].strip().removesuffix("的").lower()
        for item in _LIST_SIGN.split(tail)
    ]
    is_list = len(items) > 2 or (len(items) == 2 and _OR.search(tail) is not None)
    is_short = all(0 < len(item.split()) <= 4 and len(item) < 40 for item in items)
    return frozenset(items) if is_list and is_short else frozenset()


def _is_polar(instruction: str, language: str) -> bool:
    for sentence in _SENTENCE_END.split(instruction):
        match = _POLAR[language].search(sentence)
        if match is None or _OR.search(sentence) or _ASKS_WHICH.search(sentence[: match.start()]):
            continue
        if language != "zh" or not _ASKS_POLITELY.search(sentence):
            return True
    return False
