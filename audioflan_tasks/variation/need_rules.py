"""Rules about what a rewrite leaves out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.lexicon import lexicon
from audioflan_tasks.variation.reading import read_instruction
from audioflan_tasks.variation.task_wording import (
    harmless_stems,
    needed_concepts,
    needed_names,
    readings,
    stem,
    wordings,
)

__all__ = ["absent_details", "absent_needs"]

_OF_THESE = re.compile(
    r"\b(?:these|following|labels|candidates|choices|classes)\b|以下|下列|下面|这些|其中"
)
_EACH = {"all", "each", "every", "any", "whatever", "whichever", "everything"}
_ONE = re.compile(r"\b(?:best|one|single)\b")
_EDGES = (
    re.compile(r"\b(?:start|begin|onset)|开始|起"),
    re.compile(r"\b(?:end|stop|finish|offset)|结束|止"),
)
# What is named with something else: "the note with its octave".
_ADDED_NOUN = re.compile(r"\b(?:and|with) (?:its|their|the) (\w+)\b")


def absent_needs(case: InstructionRewrite) -> str:
    """What a task is not asked without, unless an instruction of somebody's own lacks it too."""
    if _leaves_it_to_options(case):
        return ""
    named, left = _altered_and_left(case)
    slots = set(case.rewrite_content.slots)
    is_pool = case.original in wordings(case.row, case.language)
    return ", ".join(
        " or ".join(group)
        for group in needed_concepts(case.row, case.language)
        if not named.intersection(group)
        # A placeholder is named by the concept that it fills: {emotion}.
        and not (slots.intersection(group) and not left.intersection(group))
        and (is_pool or case.original_content.concepts.intersection(group))
    )


def _altered_and_left(case: InstructionRewrite) -> tuple[frozenset[str], frozenset[str]]:
    """Concepts of what is asked, and of "leave the treble as it is" where audio is altered."""
    content = case.rewrite_content
    if case.row.writes != ("audio",):
        return content.hinted_concepts, frozenset()
    words = lexicon(case.language)
    rest = words.unchanged.sub(" ", content.text)
    left = " ".join(match[0] for match in words.unchanged.finditer(content.text))
    return (
        read_instruction(rest, case.language).hinted_concepts,
        read_instruction(left, case.language).hinted_concepts - words.quiet,
    )


def _leaves_it_to_options(case: InstructionRewrite) -> bool:
    """Whether the options say what is asked, as in some instruction of the pool."""
    if "options" not in case.rewrite_content.slots or not _OF_THESE.search(case.request):
        return False
    names = needed_names(case.row, case.language)
    return case.row.reads.count("audio") == 1 and any(
        "options" in content.slots and not names & content.hinted_concepts
        for content in readings(case.row, case.language)
    )


def absent_details(case: InstructionRewrite) -> str:
    """Times, orders, more than one answer, and nouns that are named with another one.

    What one of the pool lacks beside these, `absent_needs` says.
    """
    return ", ".join(_details(case))


def _details(case: InstructionRewrite) -> Iterator[str]:
    yield from _absent_nouns(case)
    if _loses_an_edge(case):
        yield "start or end"
    absent_concepts = case.original_content.concepts - case.rewrite_content.concepts
    is_pool = case.original in wordings(case.row, case.language)
    if noun := _singular_noun(case):
        yield noun
    for name in ("time", "order", "several"):
        is_one = name == "several" and _ONE.search(case.request_content.text)
        if name in absent_concepts and (is_one or not is_pool):
            yield name


def _singular_noun(case: InstructionRewrite) -> str:
    """What is asked for in the plural, and then once: "the tag that fits best"."""
    kind, words = case.row.answer_kind, lexicon(case.language)
    if not words.is_spaced or (kind.choices != "several" and kind.names != "list"):
        return ""
    request = [*case.request_content.text.split(), "."]
    if _EACH.intersection(request):
        return ""
    patterns = words.patterns_of(needed_names(case.row, case.language))
    closers = {".", "slot"} | words.phrase_ends | words.determiners
    heads = {word for word, following in itertools.pairwise(request) if following in closers}
    plurals = [word for word in case.original_content.text.split() if word.endswith("s")]
    return next(
        (
            word
            for word in plurals
            if word not in request
            and word[:-1] in heads
            and any(p.fullmatch(word) for p in patterns)
        ),
        "",
    )


def _loses_an_edge(case: InstructionRewrite) -> bool:
    """Whether start and end are asked for, and then only one of them."""
    original, rewrite = case.original_content.text, case.rewrite_content.text
    is_both = all(edge.search(original) for edge in _EDGES)
    return is_both and sum(bool(edge.search(rewrite)) for edge in _EDGES) == 1


def _absent_nouns(case: InstructionRewrite) -> Iterator[str]:
    """What the instruction names with something else and the rewrite does not."""
    words = lexicon(case.language)
    shared_concepts = case.original_content.concepts & case.rewrite_content.hinted_concepts
    patterns = words.patterns_of(shared_concepts)
    stems = set(map(stem, case.rewrite_content.text.split()))
    for noun in _ADDED_NOUN.findall(case.original_content.text):
        is_harmless = stem(noun) in harmless_stems(case.row, case.language)
        is_kept = stem(noun) in stems or any(pattern.search(noun) for pattern in patterns)
        if not (is_harmless or is_kept):
            yield noun
