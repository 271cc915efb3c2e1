"""The words by which instructions are read, one table for each language (`data/<code>.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.preprocessors.wording import sentences_of, words_of

__all__ = ["LEXICON_LANGUAGES", "Lexicon", "lexicon", "needs_of", "notes_of", "related_of"]

LEXICON_LANGUAGES = ("en", "zh")
_PLACEHOLDER = re.compile(r"\{\w+\}")
# What stands for a placeholder in the text that patterns read.
_FILLINGS = {"{options}": "", "{target_language}": "somelanguage"}
# Tables of concepts, with the rule that a concept of them breaks where it is new.
_RULES = {"subjects": "target", "kinds": "kind", "verbs": "other_task"}


@dataclass(frozen=True, slots=True)
class SceneWords:
    """How sentences begin or what they hold that set a scene, as patterns of lower-case text.

    `statement` and `fiction` begin such a sentence; a `request` word in a statement, or a `limit`
    in either, makes it part of what is asked. `lead` is a phrase before a request, up to a comma,
    or to "and" where it only asks to listen.
    """

    statement: re.Pattern[str]
    fiction: re.Pattern[str]
    request: re.Pattern[str]
    limit: re.Pattern[str]
    lead: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of a language.

    `concepts` are patterns by name, `rules` the rule of each, `hints` of words that may mean one;
    `directions` the two sides of each pair; `pieces` the roles that name a piece of the input.
    `performing_heads` are verbs that order audio, `naming_heads` such as have what is asked for as
    their object, `outputs` words for an answer. A phrase after a `loose` word changes nothing, up
    to a `strict` one. `harmless` are words that change nothing, by what they go with: "any" task,
    an answer that is "text" or "audio", and the domains ("music domain"). After "which" a
    `neutral` word names nothing of the record, nor do `piece_nouns` where one of two is asked for.
    `unchanged` are clauses about what is left as it is, `taken_away` orders to remove what is
    wanted. `is_spaced` where blanks divide words.
    """

    language: str
    concepts: Mapping[str, re.Pattern[str]]
    rules: Mapping[str, str]
    hints: Mapping[str, re.Pattern[str]]
    marks: Mapping[str, re.Pattern[str]]
    idioms: re.Pattern[str]
    directions: Sequence[tuple[re.Pattern[str], re.Pattern[str]]]
    roles: Mapping[str, re.Pattern[str]]
    pieces: frozenset[str]
    names: Mapping[str, re.Pattern[str]]
    units: Mapping[str, re.Pattern[str]]
    numbers: Mapping[str, re.Pattern[str]]
    meta: re.Pattern[str]
    unchanged: re.Pattern[str]
    taken_away: re.Pattern[str]
    quiet: frozenset[str]
    neutral: frozenset[str]
    piece_nouns: frozenset[str]
    performing_heads: frozenset[str]
    naming_heads: frozenset[str]
    outputs: frozenset[str]
    loose: frozenset[str]
    strict: frozenset[str]
    determiners: frozenset[str]
    phrase_ends: frozenset[str]
    polite: re.Pattern[str]
    scenes: SceneWords
    harmless: Mapping[str, frozenset[str]]
    is_spaced: bool

    def normal(self, text: str) -> str:
        """A text as the patterns expect it, without placeholders and fixed phrases."""
        if not self.is_spaced:
            return self.idioms.sub(" ", _filled(text))
        return self.idioms.sub(" ", " ".join(words_of(_filled(text))))

    def patterns_of(self, names: Set[str]) -> list[re.Pattern[str]]:
        """Of concepts, and of words that hint at them."""
        return [
            table[name] for table in (self.concepts, self.hints) for name in names & table.keys()
        ]

    def sentences(self, text: str) -> list[list[str]]:
        """The words of each sentence, as `normal` has them."""
        texts = (" ".join(words) for words in sentences_of(_filled(text)))
        return [self.idioms.sub(" ", sentence).split() for sentence in texts]


@cache
def lexicon(language: str) -> Lexicon:
    """The words of a language; those of English for one that has no table."""
    code = language if language in LEXICON_LANGUAGES else LEXICON_LANGUAGES[0]
    table = {**_table(code), **_table("words")[code]}
    is_spaced = code != "zh"

    def words(name: str) -> frozenset[str]:
        return frozenset(table.get(name, "").split())

    def pattern(entries: str) -> re.Pattern[str]:
        return _pattern(entries, is_spaced=is_spaced)

    def patterns(entries: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
        return {name: pattern(text) for name, text in entries.items()}

    polite = _alternatives(table.get("polite", ""), is_spaced=is_spaced)
    tables = {name: table[name] for name in _RULES}
    return Lexicon(
        language=code,
        concepts={name: p for part in tables.values() for name, p in patterns(part).items()},
        rules={name: _RULES[part] for part, names in tables.items() for name in names},
        hints=patterns(_table("hints")[code]),
        marks=patterns({name: table["marks"][name] for name in ("polarity", "scope", "manner")}),
        idioms=pattern(table["marks"]["idioms"]),
        directions=[(pattern(side), pattern(other)) for side, other in table["directions"]],
        roles=_role_patterns(table, is_spaced=is_spaced),
        pieces=words("pieces"),
        names=patterns(table["languages"]),
        units=patterns(table["units"]),
        numbers=patterns(table["numbers"]),
        meta=pattern(table["meta"]),
        unchanged=pattern(table["unchanged"]),
        taken_away=pattern(table["taken_away"]),
        quiet=words("quiet"),
        neutral=words("neutral"),
        piece_nouns=words("piece_nouns"),
        performing_heads=words("performing_heads"),
        naming_heads=words("naming_heads"),
        outputs=words("outputs"),
        loose=words("loose"),
        strict=words("strict"),
        determiners=words("determiners"),
        phrase_ends=words("loose") | words("strict") | words("phrase_ends"),
        polite=re.compile(rf"^(?:(?:{polite})\s+)*"),
        scenes=_scene_words(_table("scenes")[code], is_spaced=is_spaced),
        harmless=_harmless_words(_table("harmless")[code]),
        is_spaced=is_spaced,
    )


def needs_of(row: TaskRow) -> tuple[tuple[str, ...], ...]:
    """The concepts that an instruction of a task must name: one of each group."""
    text = _table("tasks")["needs"].get(row.id, "")
    return tuple(tuple(group.split("|")) for group in text.split())


def related_of(row: TaskRow) -> frozenset[str]:
    """Concepts that an instruction of a task may name beside those that it needs."""
    return frozenset(_table("tasks")["related"].get(row.id, "").split())


def notes_of(row: TaskRow) -> str:
    """What a prompt says of a task beside its definition."""
    return str(_table("tasks")["notes"].get(row.id, ""))


def _filled(text: str) -> str:
    return _PLACEHOLDER.sub(lambda match: f" {_FILLINGS.get(match[0], 'slot')} ", text)


def _harmless_words(table: Mapping[str, Mapping[str, str]]) -> dict[str, frozenset[str]]:
    parts = {name: part.values() for name, part in table.items() if name != "domains"}
    domains = {f"{name} domain": [words] for name, words in table["domains"].items()}
    return {
        name: frozenset(" ".join(texts).split()) for name, texts in {**parts, **domains}.items()
    }


def _scene_words(entries: Mapping[str, str], *, is_spaced: bool) -> SceneWords:
    leads = _alternatives(entries["lead"], is_spaced=is_spaced)
    listening = _alternatives(entries["listening"], is_spaced=is_spaced)
    edge = r"\b" if is_spaced else ""
    return SceneWords(
        **{
            name: _pattern(entries[name], is_spaced=is_spaced)
            for name in ("statement", "fiction", "request", "limit")
        },
        lead=re.compile(
            rf"^(?:(?:{leads}){edge}[^,，:：]*[,，:：]\s*)+"
            rf"|^(?:{listening}){edge}[^,{{]*?\s(?:and|then|,)\s",
            re.IGNORECASE,
        ),
    )


def _role_patterns(table: Mapping[str, Any], *, is_spaced: bool) -> dict[str, re.Pattern[str]]:
    """Patterns with a group `role`, by the mark beside which it stands."""
    roles = rf"(?P<role>{_alternatives(table['roles'], is_spaced=is_spaced)})"
    articles = _alternatives(table["articles"], is_spaced=is_spaced)
    blank, edge = (" ", r"\b") if is_spaced else ("", "")
    patterns = {}
    for sense, text in table["role_marks"].items():
        marks = _alternatives(text, is_spaced=is_spaced)
        patterns[f"{sense} before"] = f"{edge}(?:{marks}){blank}(?:(?:{articles}){blank})*{roles}"
    for sense, text in table["role_tails"].items():
        tails = _alternatives(text, is_spaced=is_spaced)
        patterns[f"{sense} after"] = f"{edge}{roles}{blank}(?:{tails}){edge}"
    return {name: re.compile(pattern) for name, pattern in patterns.items()}


def _pattern(entries: str, *, is_spaced: bool) -> re.Pattern[str]:
    edge = r"\b" if is_spaced else ""
    return re.compile(f"{edge}(?:{_alternatives(entries, is_spaced=is_spaced)}){edge}")


def _alternatives(entries: str, *, is_spaced: bool) -> str:
    if not is_spaced:
        return "|".join(entries.split())
    # The longest first: "would you mind" before "would you".
    return "|".join(map(_phrase, sorted(entries.split(), key=_length)))


def _length(entry: str) -> int:
    """Its number of words, the most first in an order."""
    return -entry.count("_")


def _phrase(entry: str) -> str:
    """A phrase as a pattern; "a/b" are alternatives at their place, "*" is any ending."""
    words = (f"(?:{word.replace('/', '|')})" for word in entry.split("_"))
    return (
        " ".join(words).replace("[a-z]*)", r"[a-z]*)").replace("*", r"\w*").replace(r"]\w*", "]*")
    )


@cache
def _table(name: str) -> Mapping[str, Any]:
    file = resources.files("audioflan_tasks.variation") / "data" / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
