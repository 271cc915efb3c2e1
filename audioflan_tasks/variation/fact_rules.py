"""Rules about what a rewrite states: its form, its facts, and the words that it may not repeat."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from audioflan_tasks.preprocessors.templates import ENGLISH
from audioflan_tasks.variation.instruction_rewrite import (
    InstructionRewrite,
    InstructionRule,
    difference,
)
from audioflan_tasks.variation.lexicon import lexicon
from audioflan_tasks.variation.meaning import near_meaning
from audioflan_tasks.variation.reading import InstructionContent, language_of, read_instruction
from audioflan_tasks.variation.task_wording import harmless_stems, readings, stem

__all__ = ["FACT_RULES", "REPETITION_RULES"]

_SHORTEST, _LONGEST = 4, 400
_GROWTH = 4
_TAIL = 80
_OR = re.compile(r"\bor\b|还是|或", re.IGNORECASE)
_LATIN_WORD = re.compile(r"[a-z]{2,}")
_PLACEHOLDER = re.compile(r"\{\w+\}")
# What no instruction holds: markers of audio, code, several lines.
_SHAPE = re.compile(r"<\||\|>|```|[\n\r\t]|https?://|\{\s*\"|^\s*$")

# A sentence that stops in its middle.
_CUT_SENTENCE = re.compile(
    r"\b(?:the|a|an|and|or|my|your|their|of the)\s*[.?!]*$"
    r"|(?:[把将或]|(?<![柔谐温缓饱平总])和|(?<![参给赋])与)[。？！]*$"
)


def _shape(case: InstructionRewrite) -> str:
    match = _SHAPE.search(case.rewrite) or _CUT_SENTENCE.search(case.rewrite)
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
    return difference(case.original_content.slots, case.rewrite_content.slots)


def _numbers(case: InstructionRewrite) -> str:
    # Two clips are two whether a sentence says so or not.
    labels = case.row.labels
    silent = {"2"} if case.row.reads.count("audio") > 1 else set[str]()
    silent |= {str(len(labels))} if labels else set()
    return difference(case.original_content.numbers - silent, case.rewrite_content.numbers - silent)


def _units(case: InstructionRewrite) -> str:
    """Other units than before; those of the task's answer and of its pool may be named or not."""
    original, row = case.original_content.units, case.row
    usual = read_instruction(row.answer_kind.form, ENGLISH).units.union(
        *(reading.units for reading in readings(row, case.language))
    )
    # "One sentence" of a text that is read is not how long an answer is.
    usual |= {"sentence", "word"} if "text" in row.reads else set[str]()
    return difference(original, case.rewrite_content.units - (usual - original))


def _names(case: InstructionRewrite) -> str:
    # "In English" goes without saying where the labels are named.
    silent = {"english"} if case.language != ENGLISH and _LATIN_WORD.search(case.rewrite) else set()
    return difference(case.original_content.names - silent, case.rewrite_content.names - silent)


def _terms(case: InstructionRewrite) -> str:
    """Latin words in a Chinese sentence are labels, which stay as they are."""
    if case.language == ENGLISH:
        return ""
    original, rewrite = (
        frozenset(_LATIN_WORD.findall(_PLACEHOLDER.sub("", text).lower()))
        for text in (case.original, case.rewrite)
    )
    is_general = not rewrite and "english" in case.rewrite_content.names
    return "" if is_general else difference(original, rewrite)


def _quotes(case: InstructionRewrite) -> str:
    absent = [text for text in case.original_content.quotes if text not in case.rewrite]
    new = [text for text in case.rewrite_content.quotes if text not in case.original]
    return ", ".join((*absent, *new))


def _options(case: InstructionRewrite) -> str:
    """All options, and no other; labels of a closed set that are not listed all come or none."""
    # What reads like a list is the form of the answer where nothing is chosen.
    items = case.original_content.items if case.row.answer_kind.lists_options else frozenset[str]()
    labels = frozenset(label.lower() for label in case.row.labels)
    named_labels = _named(labels, case.rewrite_content)
    if labels and named_labels == labels == _named(labels, case.original_content):
        return difference((), _foreign_items(case, labels | items))
    if items:
        text = case.rewrite.lower()
        absent = [item for item in items if item not in text]
        is_list = len(case.rewrite_content.items) >= len(items)
        new = _foreign_items(case, items) if is_list else ()
        return difference(absent, new)
    # "Real, or a spoof?" describes what it does not name.
    if len(named_labels) == 1 and _OR.search(case.rewrite):
        return ""
    is_listing = named_labels in (labels, _named(labels, case.original_content))
    return "" if is_listing else ", ".join(sorted(named_labels))


def _foreign_items(case: InstructionRewrite, items: frozenset[str]) -> list[str]:
    """Listed items that are not one of these, beside words that change nothing: "fake audio"."""
    if not lexicon(case.language).is_spaced:
        return sorted(case.rewrite_content.items - items)
    known_items = [_stems(item) for item in items]
    plain_stems = harmless_stems(case.row, case.language)

    def is_known(stems: set[str]) -> bool:
        return any(
            known & stems and known - plain_stems <= stems and stems - known <= plain_stems
            for known in known_items
        )

    return sorted(item for item in case.rewrite_content.items if not is_known(_stems(item)))


def _stems(text: str) -> set[str]:
    return set(map(stem, re.findall(r"\w+", text)))


def _named(labels: Iterable[str], reading: InstructionContent) -> frozenset[str]:
    return frozenset(
        label
        for label in labels
        if re.search(rf"(?<![a-z]){re.escape(label)}(?![a-z])", reading.text)
    )


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


def _meaning(case: InstructionRewrite) -> str:
    if case.embeddings is None:
        return ""
    return near_meaning(case.rewrite, (case.original, *case.other_wordings), case.embeddings)


def _ratio(text: str, other: str, least: float) -> float:
    """How alike two texts are; 0 where it is less than `least`."""
    matcher = difflib.SequenceMatcher(None, text, other, autojunk=False)
    is_near = matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least
    return matcher.ratio() if is_near else 0.0


@lru_cache(maxsize=4096)
def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


# In the order in which they are tried: what is cheap and exact first.
FACT_RULES: Mapping[str, InstructionRule] = {
    "shape": _shape,
    "length": _length,
    "language": _language,
    "meta": _meta,
    "slots": _slots,
    "numbers": _numbers,
    "units": _units,
    "names": _names,
    "terms": _terms,
    "quotes": _quotes,
    "options": _options,
    "leak": _leak,
}
REPETITION_RULES: Mapping[str, InstructionRule] = {"copy": _copy, "meaning": _meaning}
