"""How the hand-written instructions of a task say what it asks; rewrites are compared with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import Kind, TaskRow
from audioflan_tasks.preprocessors.templates import ENGLISH, PoolNotFoundError, pool
from audioflan_tasks.variation.lexicon import lexicon, needs_of, related_of
from audioflan_tasks.variation.reading import InstructionContent, read_instruction

__all__ = [
    "allowed_concepts",
    "character_pairs",
    "harmless_stems",
    "harmless_words",
    "needed_concepts",
    "needed_names",
    "own_pairs",
    "readings",
    "stem",
    "usual_directions",
    "usual_marks",
    "usual_pairs",
    "usual_roles",
    "usual_stems",
    "usual_words",
    "wordings",
]

# Shares of a pool's instructions that name a concept: of one that belongs to the task, and of one
# without which it is not asked.
_LEAST_MENTIONS, _NEEDED_SHARE = 2, 0.9
# As much as this of a pool must name what other tasks do, before that belongs to the task.
_VERB_SHARE = 0.2
_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|s|ly|e|y|i|(?<=e)d)$")
_DOUBLED = re.compile(r"(?<=\w\w)([bdgmnprt])\1$")
# Concepts of what is done where the answer is text, or audio.
_VERBS: Mapping[Kind, str] = {"text": "analyze", "audio": "alter"}
_OUTPUTS: Mapping[Kind, str] = {"audio": "spoken", "text": "written"}


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A word without what grammar adds, roughly: "clipped" is "clip", "categories" "categor"."""
    stem = word
    while (shorter := _DOUBLED.sub(r"\1", _ENDING.sub("", stem))) != stem:
        stem = shorter
    return stem


def wordings(row: TaskRow, language: str) -> tuple[str, ...]:
    """The hand-written instructions of a task."""
    try:
        words = pool(row.id, row.pool or None, row=row, language=language)
    except PoolNotFoundError:
        return ()
    return tuple(instruction.ask for instruction in words.instruction)


@lru_cache(maxsize=1024)
def readings(row: TaskRow, language: str) -> Sequence[InstructionContent]:
    """What the hand-written instructions of a task say."""
    return [read_instruction(ask, language) for ask in wordings(row, language)]


@lru_cache(maxsize=1024)
def allowed_concepts(row: TaskRow, language: str) -> frozenset[str]:
    """Concepts that belong to a task: needed ones, and what several of its instructions name."""
    counts = _concept_counts(row, language)
    inputs = {"words"} if "text" in row.reads else set[str]()
    inputs |= {str(row.domain)}
    outputs = {f"{_OUTPUTS[kind]}_output" for kind in row.writes}
    outputs |= {_VERBS[kind] for kind in row.writes}
    needed = needed_names(row, language)
    # What has times has an order.
    needed |= {"order"} if "time" in needed else frozenset()
    least = _VERB_SHARE * len(readings(row, language))
    rules = lexicon(language).rules
    usual = {
        name
        for name, count in counts.items()
        if count >= (_LEAST_MENTIONS if rules[name] == "target" else least)
    }
    # "Say this in French" asks for text all the same.
    foreign = {f"{name}_output" for name in _OUTPUTS.values()} | set(_VERBS.values())
    foreign -= outputs
    return frozenset(
        (inputs | outputs | needed | related_of(row) | usual - foreign)
        & lexicon(language).concepts.keys()
    )


@lru_cache(maxsize=1024)
def needed_concepts(row: TaskRow, language: str) -> tuple[tuple[str, ...], ...]:
    """Groups of concepts; a task is not asked without one of each."""
    counts = _concept_counts(row, language)
    least = _NEEDED_SHARE * len(readings(row, language))
    return needs_of(row) or tuple((name,) for name, n in counts.items() if n >= least)


def needed_names(row: TaskRow, language: str) -> frozenset[str]:
    """All concepts of the groups that a task needs one of."""
    return frozenset(name for group in needed_concepts(row, language) for name in group)


def _concept_counts(row: TaskRow, language: str) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for reading in readings(row, language):
        for name in reading.concepts:
            counts[name] = counts.get(name, 0) + 1
    return counts


@lru_cache(maxsize=1024)
def usual_marks(row: TaskRow, language: str, rule: str) -> frozenset[str]:
    """Words of the marks of a rule that more than one instruction has."""
    marks = [reading.marks[rule] for reading in readings(row, language)]
    return frozenset(word for words in marks for word in words if sum(word in m for m in marks) > 1)


@lru_cache(maxsize=1024)
def usual_directions(row: TaskRow, language: str) -> frozenset[tuple[int, int]]:
    """Sides that instructions of a task take; one that names both takes none."""
    return frozenset(
        (pair, side)
        for reading in readings(row, language)
        for pair, side in reading.directions
        if (pair, 1 - side) not in reading.directions
    )


@lru_cache(maxsize=1024)
def usual_roles(row: TaskRow, language: str) -> frozenset[tuple[str, str]]:
    """(sense, role) as instructions of a task use them."""
    return frozenset().union(*(reading.roles for reading in readings(row, language)))


@lru_cache(maxsize=1024)
def harmless_words(row: TaskRow, language: str) -> frozenset[str]:
    """Words that change nothing in what a task asks."""
    words = lexicon(language).harmless
    return words["any"].union(words[f"{row.domain} domain"], *(words[kind] for kind in row.writes))


@lru_cache(maxsize=1024)
def harmless_stems(row: TaskRow, language: str) -> frozenset[str]:
    """Words that change nothing, without their endings."""
    return frozenset(map(stem, ("slot", "somelanguage", *harmless_words(row, language))))


@lru_cache(maxsize=1024)
def usual_words(row: TaskRow, language: str) -> frozenset[str]:
    """The words of the task's instructions."""
    return frozenset(" ".join(reading.text for reading in readings(row, language)).split())


@lru_cache(maxsize=1024)
def usual_stems(row: TaskRow) -> frozenset[str]:
    """Of words that change nothing, and of those of the task's English instructions."""
    return harmless_stems(row, ENGLISH).union(map(stem, usual_words(row, ENGLISH)))


def character_pairs(text: str) -> frozenset[str]:
    """All pairs of neighbouring characters."""
    return frozenset(text[n : n + 2] for n in range(len(text) - 1))


@lru_cache(maxsize=1024)
def own_pairs(row: TaskRow, language: str) -> frozenset[str]:
    """Pairs of characters in the instructions of a task."""
    return frozenset().union(*map(character_pairs, wordings(row, language)))


@cache
def usual_pairs(language: str) -> frozenset[str]:
    """Pairs of characters in the instructions of all tasks and in words that name nothing."""
    own = (own_pairs(row, language) for row in catalogue.tasks())
    return frozenset().union(*own, *map(character_pairs, lexicon(language).neutral))
