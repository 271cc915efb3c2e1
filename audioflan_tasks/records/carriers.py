"""Words that carry an answer through a sentence and say nothing themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from audioflan_tasks.catalogue import snake
from audioflan_tasks.vocabularies.spelling import CJK

__all__ = ["CarrierWords", "has_symbol", "own_nouns", "words_with"]

_ARTICLES = "a an the this that these those its their his her some"
_PRONOUNS = "it that's there here i you we he she they both one who which"
_VERBS = (
    "is are was were be been being seems seem appears appear would could can may might "
    "sounds looks feels feel has have contains contain includes include features feature "
    "shows exhibits expresses conveys conveyed belongs falls plays play speaks uses use used "
    "says equals consists indicates suggests represents comes takes hear heard hears "
    "recognize recognise identify identified recognized recognised classified categorized "
    "categorised described detected labelled labeled tagged recorded captured made generated "
    "produced synthesized performed played spoken sung set written called named known think "
    "believe guess say playing speaking talking singing using having feeling coming being"
)
_STATES = "present audible clear dominant prominent active visible"
_PREPOSITIONS = "of in on at from with by as under into inside within during to for like through"
_HEDGES = (
    "about around approximately approx roughly nearly circa most likely probably clearly mainly "
    "mostly primarily predominantly only just simply definitely certainly obviously best fluent "
    "based judging according native none other than please"
)
_ADJECTIVES = (
    "given provided input following above current main estimated detected predicted overall "
    "entire whole background foreground spoken musical"
)
_NOUNS = (
    "audio recording clip track song music piece excerpt sample segment sound voice speech "
    "utterance file passage signal performance tune speaker person talker man woman "
    "listener user"
)
# A noun of an answer in one task, and of what it is said of in another.
_MORE_NOUNS = frozenset(
    ("singer", "nature", "kind", "type", "sort", "class", "category", "label", "value", "name",
     "presence", "place", "beat", "choice")
)  # fmt: skip
_SYMBOLS = re.compile(r"[=≈~→:：]|\s[-–—]\s")
_PUNCTUATION = re.compile(r"[\s,.:：!！。，=≈~→>|*_`\"'“”‘’「」()（）–—-]*")
_WORD = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+(?:['’][^\W\d_]+)?")
_ORDINAL = re.compile(r"\b(?:\d+(?:st|nd|rd|th)|first|second|third|fourth)\s+(?=beat\b)", re.I)
_OF_TWO = re.compile(r"\b(?:first|second|former|latter|other|each|one|two)\b", re.IGNORECASE)
_DEGREE = re.compile(r"\b(?:slight|strong|heavy|thick|distinct|typical|clear)\s+\Z", re.I)
_ZH_WORDS = (
    "该 这 这是 这段 这个 这首 这位 此 本 里 中 中的 里的 是 为 约 约为 大约 一位 一个 一种 "
    "一段 一名 的 "
    "带有 有 带 来自 属于 感到 显得 听起来 很 比较 可能 应该 大概 可以 听到 听见 说 讲 用 使用 "
    "录音 语音 音频 声音 声 说话人 说话者 人 男子 歌曲 音乐 片段 乐曲 在 录制 录制于 于"
)  # fmt: skip
_FUNCTION_WORDS = frozenset(
    " ".join((_ARTICLES, _PRONOUNS, _VERBS, _STATES, _PREPOSITIONS, _HEDGES, _ADJECTIVES)).split()
)
_VERB_SET = frozenset(_VERBS.split())
_GENERAL_NOUNS = frozenset(_NOUNS.split())


@dataclass(frozen=True, slots=True)
class CarrierWords:
    """Carriers with the nouns of one task; `zh` is a pattern of a run of Chinese ones."""

    nouns: frozenset[str]
    task_nouns: frozenset[str]
    zh: re.Pattern[str]

    def cover(self, text: str) -> bool:
        """Whether a text has no other words, and no other marks than those of a sentence."""
        plain = _ORDINAL.sub("", text)
        if not _PUNCTUATION.fullmatch(_WORD.sub("", plain)):
            return False
        return all(map(self._is_carrier, _WORD.findall(plain)))

    def without_degree(self, opening: str, ending: str) -> str:
        """What stands before a name, without how much its noun is so: "a strong Hebei accent"."""
        return _DEGREE.sub("", opening) if self.begins_with_noun(ending) else opening

    def cover_pair(self, text: str) -> bool:
        """As `cover`, of a text that speaks of the first and the second of two recordings."""
        return self.cover(_OF_TWO.sub(" ", text))

    def are_nouns(self, text: str) -> bool:
        """Whether a text has no words but nouns."""
        return all(map(self._is_noun, _WORD.findall(text)))

    def is_task_noun(self, word: str) -> bool:
        """Whether it is a noun of the task: "accent"."""
        return _plain(word) in self.task_nouns

    def says(self, text: str) -> bool:
        """Whether it says more than nouns do, which may be a part of a name."""
        words = _WORD.findall(text)
        return has_symbol(text) or any(not self._is_noun(word) for word in words)

    def has_verb(self, text: str) -> bool:
        """Whether it has a verb."""
        return any(_plain(word) in _VERB_SET or _is_zh(word) for word in _WORD.findall(text))

    def begins_with_noun(self, text: str) -> bool:
        """Whether its first word is a noun."""
        words = _WORD.findall(text)
        return bool(words) and self._is_noun(words[0])

    def _is_carrier(self, word: str) -> bool:
        if _is_zh(word):
            return self.zh.fullmatch(word) is not None
        return _plain(word) in _FUNCTION_WORDS or self._is_noun(word)

    def _is_noun(self, word: str) -> bool:
        plain = _plain(word)
        if plain in _FUNCTION_WORDS:
            return False
        return plain in self.nouns or plain.removesuffix("s") in self.nouns


def has_symbol(text: str) -> bool:
    """Whether a mark stands for a verb: SNR = 35, Accent: …"""
    return _SYMBOLS.search(text) is not None


@lru_cache(maxsize=256)
def words_with(nouns: tuple[str, ...]) -> CarrierWords:
    """The carriers of a task with these nouns."""
    english = {word for noun in nouns if noun.isascii() for word in snake(noun).split("_")}
    chinese = [*_ZH_WORDS.split(), *(noun for noun in nouns if not noun.isascii())]
    alternatives = "|".join(map(re.escape, sorted(chinese, key=len, reverse=True)))
    return CarrierWords(
        _GENERAL_NOUNS | _MORE_NOUNS | english,
        frozenset((*english, *nouns)),
        re.compile(f"(?:{alternatives})*"),
    )


def own_nouns(minor: str, nouns: Iterable[str]) -> tuple[str, ...]:
    """Those that name the answer, not what it is said of: "artist", but not "song".

    Of the general ones only those that stand in the name of the task ("Sound Event Recognition").
    """
    name = snake(minor).split("_")
    return tuple(
        noun
        for noun in nouns
        if noun.isascii()
        and (snake(noun) not in _GENERAL_NOUNS | _FUNCTION_WORDS or snake(noun) in name)
    )


def _plain(word: str) -> str:
    return word.casefold().replace("’", "'").removesuffix("'s")


def _is_zh(word: str) -> bool:
    return re.match(f"[{CJK}]", word) is not None
