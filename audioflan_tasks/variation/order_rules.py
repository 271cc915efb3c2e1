"""Rules about what a rewrite orders to do, and what it orders to name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from audioflan_tasks.variation.focus import object_noun
from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.lexicon import lexicon
from audioflan_tasks.variation.task_wording import (
    allowed_concepts,
    character_pairs,
    harmless_words,
    needed_names,
    stem,
    usual_pairs,
    usual_words,
    wordings,
)

__all__ = ["foreign_heads", "foreign_objects"]

_ASKED_WORD = re.compile(r"\b(?:which|what) (\w+)")
# A word before what is asked ("which regional dialect"), or a verb ("which describes the clip").
_BEFORE_ASKED = re.compile(r"\b(?:which|what) (\w+) (\w+)")
_ASKED_PAIR = re.compile(
    r"(?:的|什么|哪一?[种类个位首段件])"
    # A pair of which one is a particle is no noun.
    r"(?=((?!.?[是也在有还都就要会能和与把被让给向对从用做不一几哪这那每呢吗])[\u4e00-\u9fff]{2}))"
)


def foreign_heads(case: InstructionRewrite) -> str:
    """Orders to make audio where a text is asked for, or the reverse.

    A verb of which the instructions only have another form is one too: "flatten the peaks" where
    they have "flattened peaks".
    """
    words = lexicon(case.language)
    own_words = harmless_words(case.row, case.language)
    foreign_words = (words.harmless["text"] | words.harmless["audio"]) - own_words
    performing_words = words.performing_heads if case.row.writes == ("text",) else frozenset[str]()
    instructions = (case.original, *wordings(case.row, case.language))
    known_heads = {stem(head) for text in instructions for _, head in _headed(text, case.language)}
    known_words = usual_words(case.row, case.language).union(case.original_content.text.split())
    turned_words = set(map(stem, known_words)) - own_words - known_words
    patterns = words.patterns_of(allowed_concepts(case.row, case.language))
    return ", ".join(
        head
        for sentence, head in _headed(case.request, case.language)
        if stem(head) not in known_heads
        and (
            head in performing_words | turned_words
            or (head in foreign_words and not any(p.match(sentence) for p in patterns))
        )
    )


@lru_cache(maxsize=65_536)
def _headed(instruction: str, language: str) -> Sequence[tuple[str, str]]:
    """Each sentence behind what is only polite, and its first word."""
    words = lexicon(language)
    texts = [" ".join(sentence) + " " for sentence in words.sentences(instruction)]
    orders = (words.polite.sub("", text, count=1) for text in texts if words.is_spaced)
    return [(order, order.split()[0]) for order in orders if order.strip()]


def foreign_objects(case: InstructionRewrite) -> str:
    """What stands after "which", or what one is told to name, if it is not of the task."""
    words = lexicon(case.language)
    if not words.is_spaced:
        return _foreign_objects_unspaced(case)
    known_words = _known_objects(case)
    names = needed_names(case.row, case.language) & words.concepts.keys()

    def is_known(word: str) -> bool:
        return word in known_words or any(words.concepts[name].fullmatch(word) for name in names)

    attributes = {
        word
        for word, noun in _BEFORE_ASKED.findall(case.request_content.text)
        if (noun not in words.neutral and is_known(noun))
        or (word.endswith("s") and noun in words.determiners | words.phrase_ends)
    }
    return ", ".join(
        word
        for word in _objects(case.request, case.language) - attributes
        if not word.isdigit() and not is_known(word)
    )


def _known_objects(case: InstructionRewrite) -> frozenset[str]:
    words = lexicon(case.language)
    instructions = (case.original, *wordings(case.row, case.language))
    objects = (_objects(instruction, case.language) for instruction in instructions)
    after_which = _ASKED_WORD.findall(case.request_content.text)
    own_words = set(case.original_content.text.split()).intersection(after_which)
    piece_nouns = words.piece_nouns if case.row.reads.count("audio") > 1 else ()
    return frozenset().union(words.neutral, words.outputs, own_words, piece_nouns, *objects)


@lru_cache(maxsize=65_536)
def _objects(instruction: str, language: str) -> frozenset[str]:
    """The words after "which" and "what", and the nouns that an order to name something has."""
    words = lexicon(language)
    nouns = {
        object_noun(order.split(), words)
        for order, head in _headed(instruction, language)
        if head in words.naming_heads
    }
    return frozenset(_ASKED_WORD.findall(words.normal(instruction))) | (nouns - {""})


def _foreign_objects_unspaced(case: InstructionRewrite) -> str:
    """As `foreign_objects` for Chinese: what stands after "的" or "什么" is in no instruction."""
    words, text = lexicon(case.language), case.request_content.text
    names = allowed_concepts(case.row, case.language)
    known_spans = [match.span() for name in names for match in words.concepts[name].finditer(text)]
    known_pairs = usual_pairs(case.language) | character_pairs(case.original_content.text)
    return ", ".join(
        match[1]
        for match in _ASKED_PAIR.finditer(text)
        if match[1] not in known_pairs
        and not any(begin < match.end(1) and match.start(1) < end for begin, end in known_spans)
    )
