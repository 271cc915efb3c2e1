"""Rules that the rewrite of an instruction must keep, each a pure function.

A rule is given a rewrite and returns the place where it is broken, "" where it is kept.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from audioflan_tasks.catalogue import Kind, TaskRow
from audioflan_tasks.preprocessors.templates import ENGLISH, PoolNotFoundError, pool
from audioflan_tasks.preprocessors.wording import sentences_of
from audioflan_tasks.variation.lexicon import Lexicon, lexicon, needs_of
from audioflan_tasks.variation.reading import InstructionContent, language_of, read_instruction

__all__ = ["INSTRUCTION_RULES", "InstructionRewrite", "InstructionRule"]

NEAR_COPY = 0.95
_SHORTEST, _LONGEST = 4, 400
_GROWTH = 4
_TAIL = 80
# Shares of a pool's instructions that name a concept: of one that belongs to the task, and of one
# without which it is not asked.
_LEAST_MENTIONS, _NEEDED_SHARE = 2, 0.9
# As much as this of a pool must name what other tasks do, before that belongs to the task.
_VERB_SHARE = 0.2
_QUESTION_WORD = re.compile(
    r"^(?:what|which|who|when|where|why|how (?:many|long|loud)) (?!about|would|if|might)"
    r"|(?:多少|什么|为什么|哪)"
)
_PREFIX = re.compile(r"^re(?=\w{4})")
_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|s|ly|er|e|y|i|iz|at|ion)$")
_PLACEHOLDER = re.compile(r"\{\w+\}")
# Concepts of what is done where the answer is text, or audio.
_VERBS: Mapping[Kind, str] = {"text": "analyze", "audio": "alter"}
# Of pieces of the input, which one alone cannot take from another.
_PIECE_SENSES = ("content", "manner")
_OUTPUTS: Mapping[Kind, str] = {"audio": "spoken", "text": "written"}
_ASKED_WORD = re.compile(r"\b(?:which|what) (\w+)")
# What no instruction holds: markers of audio, code, several lines.
_SHAPE = re.compile(r"<\||\|>|```|[\n\r\t]|https?://|\{\s*\"|^\s*$")


@dataclass(frozen=True, slots=True)
class InstructionRewrite:
    """An instruction and what a model made of it.

    `answer` is the record's, if there is one; `others` are wordings that it may not repeat, nor be
    as alike as `near` (the ratio of `difflib`, from 0 to 1).
    """

    row: TaskRow
    original: str
    rewrite: str
    language: str = ENGLISH
    answer: str = ""
    other_wordings: tuple[str, ...] = ()
    near_ratio: float = NEAR_COPY

    @property
    def original_content(self) -> InstructionContent:
        """What the instruction says."""
        return read_instruction(self.original, self.language)

    @property
    def rewrite_content(self) -> InstructionContent:
        """What the rewrite says."""
        return read_instruction(self.rewrite, self.language)


InstructionRule = Callable[[InstructionRewrite], str]


def _shape(case: InstructionRewrite) -> str:
    match = _SHAPE.search(case.rewrite)
    return repr(match[0]) if match else ""


def _meta(case: InstructionRewrite) -> str:
    match = lexicon(case.language).meta.search(case.rewrite_content.text)
    return match[0] if match else ""


def _language(case: InstructionRewrite) -> str:
    code = language_of(case.rewrite)
    return "" if code == language_of(case.original) else f"{code}: {case.rewrite[:40]}"


def _length(case: InstructionRewrite) -> str:
    longest = min(_LONGEST, _GROWTH * len(case.original) + _TAIL)
    size = len(case.rewrite.strip())
    return "" if _SHORTEST <= size <= longest else f"{size} characters"


def _slots(case: InstructionRewrite) -> str:
    return _difference(case.original_content.slots, case.rewrite_content.slots)


def _numbers(case: InstructionRewrite) -> str:
    # Two clips are two whether a sentence says so or not.
    silent = {"2"} if case.row.reads.count("audio") > 1 else set[str]()
    return _difference(
        case.original_content.numbers - silent, case.rewrite_content.numbers - silent
    )


def _units(case: InstructionRewrite) -> str:
    usual = read_instruction(case.row.answer_kind.form, ENGLISH).units
    rewrite_content = case.rewrite_content.units - (usual - case.original_content.units)
    return _difference(case.original_content.units, rewrite_content)


def _names(case: InstructionRewrite) -> str:
    return _difference(case.original_content.names, case.rewrite_content.names)


def _quotes(case: InstructionRewrite) -> str:
    absent = [text for text in case.original_content.quotes if text not in case.rewrite]
    new = [text for text in case.rewrite_content.quotes if text not in case.original]
    return ", ".join((*absent, *new))


def _options(case: InstructionRewrite) -> str:
    """All options, and no other; labels of a closed set that are not listed all come or none."""
    items = case.original_content.items
    if items:
        text = case.rewrite.lower()
        absent = [item for item in items if item not in text]
        new = (
            case.rewrite_content.items - items
            if len(case.rewrite_content.items) >= len(items)
            else frozenset()
        )
        return _difference(absent, new)
    labels = frozenset(label.lower() for label in case.row.labels)
    named_labels = _named(labels, case.rewrite_content)
    is_listing = named_labels in (labels, _named(labels, case.original_content))
    return "" if is_listing else ", ".join(sorted(named_labels))


def _named(labels: Iterable[str], reading: InstructionContent) -> frozenset[str]:
    return frozenset(label for label in labels if f" {label} " in f" {reading.text} ")


def _mark(rule: str) -> InstructionRule:
    """A rule about words that turn a question or narrow it."""

    def broken(case: InstructionRewrite) -> str:
        known_names = _wording_marks(case.row, case.language, rule)
        original_content, rewrite_content = (
            case.original_content.marks[rule],
            case.rewrite_content.marks[rule],
        )
        known_stems = {word for word in rewrite_content if _is_of_needs(case, word)}
        return _difference(
            original_content - known_stems - known_names,
            rewrite_content - known_stems - known_names,
        )

    return broken


def _is_of_needs(case: InstructionRewrite, word: str) -> bool:
    """Whether a word is how the task is asked: a gap is "missing"."""
    concepts = lexicon(case.language).concepts
    names = {name for group in needs_of(case.row) for name in group} & concepts.keys()
    return any(concepts[name].search(word) for name in names)


def _direction(case: InstructionRewrite) -> str:
    """A side of two opposites that neither the instruction nor the task takes."""
    usual = _wording_directions(case.row, case.language)
    matches = []
    for number, patterns in enumerate(lexicon(case.language).directions):
        known_names = _sides(case.original_content, number) or {s for n, s in usual if n == number}
        new = _sides(case.rewrite_content, number) - known_names if known_names else set[int]()
        matches += [patterns[side].search(case.rewrite_content.text) for side in sorted(new)]
    return ", ".join(match[0] for match in matches if match)


def _sides(reading: InstructionContent, number: int) -> set[int]:
    return {side for pair, side in reading.directions if pair == number}


def _roles(case: InstructionRewrite) -> str:
    """A role in another sense than before, or than the instructions of the pool use it in."""
    known_names = case.original_content.roles | _wording_roles(case.row, case.language)
    senses: dict[str, set[str]] = {}
    for sense, role in known_names:
        senses.setdefault(role, set()).add(sense)
    wrong = [
        f"{role} ({sense})"
        for sense, role in sorted(case.rewrite_content.roles)
        if role in senses
        and sense not in senses[role]
        and (len(case.row.inputs) > 1 or sense not in _PIECE_SENSES)
    ]
    return ", ".join(wrong)


def _concept(rule: str) -> InstructionRule:
    """A rule about concepts that the instruction, or the task, does not have."""

    def broken(case: InstructionRewrite) -> str:
        words = lexicon(case.language)
        known_names = (
            case.original_content.concepts | _allowed(case.row, case.language) | words.quiet
        )
        known_spans = _spans(case, case.rewrite_content.concepts & known_names - words.quiet)
        new = sorted(
            name
            for name in case.rewrite_content.concepts - known_names
            if words.rules[name] == rule
        )
        return ", ".join(
            f"{name} ({match[0]})"
            for name in new
            for match in words.concepts[name].finditer(case.rewrite_content.text)
            if name.endswith("_output") or not _is_inside(match, known_spans)
        )

    return broken


def _is_inside(match: re.Match[str], spans: Iterable[tuple[int, int]]) -> bool:
    return any(begin <= match.start() and match.end() <= end for begin, end in spans)


def _spans(case: InstructionRewrite, names: Iterable[str]) -> list[tuple[int, int]]:
    """Where the words of concepts stand."""
    concepts = lexicon(case.language).concepts
    return [
        match.span()
        for name in names
        for match in concepts[name].finditer(case.rewrite_content.text)
    ]


def _head(case: InstructionRewrite) -> str:
    """The verb of each order is one with which the task, or anything, is asked."""
    words = lexicon(case.language)
    known_names = frozenset(_heads(case.original, words)).union(
        *(words.heads[k] for k in case.row.writes)
    )
    for instruction in _asks(case.row, case.language):
        known_names |= frozenset(_heads(instruction, words))
    patterns = [words.concepts[name] for name in _allowed(case.row, case.language)]
    return ", ".join(
        head
        for sentence, head in _headed(case.rewrite, words)
        if head not in known_names
        and head not in case.rewrite_content.items
        and not any(pattern.match(sentence) for pattern in patterns)
    )


def _heads(instruction: str, words: Lexicon) -> Iterator[str]:
    return (head for _, head in _headed(instruction, words))


def _headed(instruction: str, words: Lexicon) -> Iterator[tuple[str, str]]:
    """Each sentence behind what is only polite, and its first word."""
    if words.common is None:
        return
    for sentence in sentences_of(_PLACEHOLDER.sub("slot", instruction)):
        text = " ".join(sentence) + " "
        polite = words.polite.match(text)
        remainder = text[polite.end() if polite else 0 :]
        if remainder:
            yield remainder, remainder.split()[0]


def _asked(case: InstructionRewrite) -> str:
    """What stands after "which" or "what" is of the task, or names nothing."""
    words = lexicon(case.language)
    known_names = words.neutral | frozenset(_asked_words(case.original_content.text))
    for reading in _readings(case.row, case.language):
        known_names |= frozenset(_asked_words(reading.text))
    patterns = [words.concepts[name] for name in _allowed(case.row, case.language)]
    return ", ".join(
        word
        for word in _asked_words(case.rewrite_content.text)
        if word not in known_names and not any(pattern.fullmatch(word) for pattern in patterns)
    )


def _asked_words(text: str) -> list[str]:
    return _ASKED_WORD.findall(text)


def _needs(case: InstructionRewrite) -> str:
    """What a task is not asked without, unless the instruction itself lacks it too."""
    absent = [
        " or ".join(group)
        for group in _needed(case.row, case.language)
        if not case.rewrite_content.concepts.intersection(group)
        and case.original_content.concepts.intersection(group)
    ]
    return ", ".join(absent)


def _detail(case: InstructionRewrite) -> str:
    """Times and orders are asked for or not, as in the instruction."""
    return ", ".join(
        name
        for name in ("time", "order")
        if name in case.original_content.concepts and name not in case.rewrite_content.concepts
    )


def _form(case: InstructionRewrite) -> str:
    """A question of yes and no only where the instruction is one, or the task answers so."""
    if case.row.writes == ("audio",):
        match = _QUESTION_WORD.search(case.rewrite_content.text)
        known_names = any(_QUESTION_WORD.search(r.text) for r in _readings(case.row, case.language))
        if match and not known_names:
            return match[0]
        is_polar = case.rewrite_content.is_polar and not case.original_content.is_polar
        return case.rewrite[:40] if is_polar else ""
    if (
        {"yes", "no"} <= set(case.row.labels)
        or case.original_content.is_polar
        or not case.rewrite_content.is_polar
    ):
        return ""
    return case.rewrite[:40]


def _vocabulary(case: InstructionRewrite) -> str:
    if lexicon(case.language).common is None:
        return ""
    known_stems = _known_stems(case.row) | {
        _stem(word) for word in case.original_content.text.split()
    }
    allowed_concepts = case.original_content.concepts | _allowed(case.row, case.language)
    known_spans = _spans(case, allowed_concepts & case.rewrite_content.concepts)
    unknown_words = [
        match[0]
        for match in re.finditer(r"\S+", case.rewrite_content.text)
        if _stem(match[0]) not in known_stems and not _is_inside(match, known_spans)
    ]
    quoted_text = " ".join((*case.rewrite_content.quotes, *case.rewrite_content.items)).lower()
    return ", ".join(word for word in unknown_words if word not in quoted_text)


def _leak(case: InstructionRewrite) -> str:
    """The answer in the rewrite, where the instruction neither has it nor lists options."""
    answer = case.answer.strip().lower()
    is_new = answer and answer not in case.original.lower()
    words = rf"(?<!\w){re.escape(answer)}(?!\w)"
    lists_all = len(case.rewrite_content.items) > 1 or "options" in case.rewrite_content.slots
    return answer if is_new and not lists_all and re.search(words, case.rewrite.lower()) else ""


def _copy(case: InstructionRewrite) -> str:
    text = _bare(case.rewrite)
    for other in (case.original, *case.other_wordings):
        bare = _bare(other)
        if text == bare or _ratio(text, bare, case.near_ratio) >= case.near_ratio:
            return other
    return ""


def _ratio(text: str, other: str, least: float) -> float:
    """How alike two texts are; 0 where it is less than `least`."""
    matcher = difflib.SequenceMatcher(None, text, other, autojunk=False)
    is_near = matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least
    return matcher.ratio() if is_near else 0.0


# In the order in which they are tried: what is cheap and exact first.
INSTRUCTION_RULES: Mapping[str, InstructionRule] = {
    "shape": _shape,
    "length": _length,
    "language": _language,
    "meta": _meta,
    "slots": _slots,
    "numbers": _numbers,
    "units": _units,
    "names": _names,
    "quotes": _quotes,
    "options": _options,
    "leak": _leak,
    "polarity": _mark("polarity"),
    "direction": _direction,
    "roles": _roles,
    "scope": _mark("scope"),
    "manner": _mark("manner"),
    "target": _concept("target"),
    "kind": _concept("kind"),
    "other_task": _concept("other_task"),
    "head": _head,
    "asked": _asked,
    "needs": _needs,
    "detail": _detail,
    "form": _form,
    "vocabulary": _vocabulary,
    "copy": _copy,
}


def _difference(original_content: Iterable[str], rewrite_content: Iterable[str]) -> str:
    lost_names, new = (
        set(original_content) - set(rewrite_content),
        set(rewrite_content) - set(original_content),
    )
    return ", ".join(
        (*(f"-{name}" for name in sorted(lost_names)), *(f"+{name}" for name in sorted(new)))
    )


@lru_cache(maxsize=4096)
def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    """A word without prefix and ending, roughly: "resynthesized" is "synthes"."""
    stem = _PREFIX.sub("", word)
    while (shorter := _ENDING.sub("", stem)) != stem:
        stem = shorter
    return stem


def _asks(row: TaskRow, language: str) -> tuple[str, ...]:
    """The hand-written instructions of a task."""
    try:
        words = pool(row.id, row.pool or None, row=row, language=language)
    except PoolNotFoundError:
        return ()
    return tuple(instruction.ask for instruction in words.instruction)


@lru_cache(maxsize=1024)
def _readings(row: TaskRow, language: str) -> Sequence[InstructionContent]:
    """What the hand-written instructions of a task say."""
    return [read_instruction(ask, language) for ask in _asks(row, language)]


@lru_cache(maxsize=1024)
def _allowed(row: TaskRow, language: str) -> frozenset[str]:
    """Concepts that belong to a task: needed ones, and what several of its instructions name."""
    counts = _concept_counts(row, language)
    inputs = {"words"} if "text" in row.reads else set[str]()
    inputs |= {str(row.domain)}
    outputs = {f"{_OUTPUTS[kind]}_output" for kind in row.writes}
    outputs |= {_VERBS[kind] for kind in row.writes}
    needed_concepts = (
        inputs | outputs | {name for group in _needed(row, language) for name in group}
    )
    least = _VERB_SHARE * len(_readings(row, language))
    rules = lexicon(language).rules
    usual = {
        name
        for name, count in counts.items()
        if count >= (least if rules[name] == "other_task" else _LEAST_MENTIONS)
    }
    # "Say this in French" asks for text all the same.
    foreign = {f"{name}_output" for name in _OUTPUTS.values()} | set(_VERBS.values())
    foreign -= outputs
    return frozenset((needed_concepts | usual - foreign) & lexicon(language).concepts.keys())


@lru_cache(maxsize=1024)
def _needed(row: TaskRow, language: str) -> tuple[tuple[str, ...], ...]:
    counts = _concept_counts(row, language)
    least = _NEEDED_SHARE * len(_readings(row, language))
    return needs_of(row) or tuple((name,) for name, n in counts.items() if n >= least)


def _concept_counts(row: TaskRow, language: str) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for reading in _readings(row, language):
        for name in reading.concepts:
            counts[name] = counts.get(name, 0) + 1
    return counts


@lru_cache(maxsize=1024)
def _wording_marks(row: TaskRow, language: str, rule: str) -> frozenset[str]:
    marks = [reading.marks[rule] for reading in _readings(row, language)]
    return frozenset(word for words in marks for word in words if sum(word in m for m in marks) > 1)


@lru_cache(maxsize=1024)
def _wording_directions(row: TaskRow, language: str) -> frozenset[tuple[int, int]]:
    """Sides that instructions of a task take; one that names both takes none."""
    return frozenset(
        (pair, side)
        for reading in _readings(row, language)
        for pair, side in reading.directions
        if (pair, 1 - side) not in reading.directions
    )


@lru_cache(maxsize=1024)
def _wording_roles(row: TaskRow, language: str) -> frozenset[tuple[str, str]]:
    return frozenset().union(*(reading.roles for reading in _readings(row, language)))


@lru_cache(maxsize=1024)
def _known_stems(row: TaskRow) -> frozenset[str]:
    """Of words that ask for nothing, and of those of the task's English instructions."""
    asks = " ".join(reading.text for reading in _readings(row, ENGLISH))
    return frozenset(
        map(_stem, ("slot", "somelanguage", *(lexicon(ENGLISH).common or ()), *asks.split()))
    )
