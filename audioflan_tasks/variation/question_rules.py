"""Rules about what a rewrite asks, and of what, which way round and in which form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from audioflan_tasks.variation.focus import swapped_parts
from audioflan_tasks.variation.instruction_rewrite import (
    InstructionRewrite,
    InstructionRule,
    difference,
)
from audioflan_tasks.variation.lexicon import lexicon, needs_of
from audioflan_tasks.variation.need_rules import absent_details, absent_needs
from audioflan_tasks.variation.order_rules import foreign_heads, foreign_objects
from audioflan_tasks.variation.reading import InstructionContent
from audioflan_tasks.variation.role_rules import wrong_roles
from audioflan_tasks.variation.task_wording import (
    allowed_concepts,
    readings,
    usual_directions,
    usual_marks,
    wordings,
)
from audioflan_tasks.variation.vocabulary import unknown_parts, unknown_words

__all__ = ["QUESTION_RULES"]

# Marks that mean the same; where the rest is taken away, what stays is "only" this.
_ONLY = "only"
_ONLY_WORDS = ("nothing but", "no others", "nobody else", "no one else", "solely", "exclusively")
# What is not asked, beside what is.
_CONTRAST = "instead of"
_CONTRAST_WORDS = ("rather than", "unlike")
_ALIASES = dict.fromkeys(_ONLY_WORDS, _ONLY) | dict.fromkeys(_CONTRAST_WORDS, _CONTRAST)
_TAKING_AWAY, _TAKEN_AWAY = (
    {"extract", "remove", "clean"},
    {
        _ONLY,
        "no",
        "without",
        "apart from",
        "except",
        "除了",
    },
)
_ORDER_MARKS = {"first", "last"}
_ALL = re.compile(r"\b(?:all|every|each)\b")
_OR = re.compile(r"\bor\b|还是|或")
_QUESTION_WORD = re.compile(
    r"^(?:what|which|who|when|where|why|how (?:many|long|loud)) (?!about|would|if|might)"
    r"|^would you say (?:the|that|this|it)\b.* is\b|(?:多少|什么|为什么|哪)"
)
_TELLS_WHICH = re.compile(
    r"\b(?:say|tell|state|name|guess|decide) (?:me |us )?(?:which|whether|who|how|why|if)\b"
)
# Asks for other things than yes or no, or for more.
_ASKS_WHICH = re.compile(
    r"^(?:what|which|who) (?!of|option|answer|label|verdict|one|choice|is it|applies|holds|fits)"
    r"|\b(?:name|identify|specify) (?:it|them|which|both)\b"
)


def _mark(rule: str) -> InstructionRule:
    """A rule about words that turn a question or narrow it."""

    def broken(case: InstructionRewrite) -> str:
        marks = _alike(case.request_content.marks[rule])
        original_marks = _alike(case.original_content.marks[rule])
        # What an instruction of the pool says beside its question is emphasis.
        if case.original in wordings(case.row, case.language):
            original_marks &= marks
        free_words = _alike(usual_marks(case.row, case.language, rule)) | _free_marks(case, marks)
        return difference(original_marks - free_words, marks - free_words)

    return broken


def _alike(marks: frozenset[str]) -> frozenset[str]:
    """Marks with one word for all that mean "only", and one for those that mean "instead of"."""
    return frozenset(_ALIASES.get(mark, mark) for mark in marks)


def _free_marks(case: InstructionRewrite, marks: frozenset[str]) -> set[str]:
    """Those that say what the task asks in any case: a gap is "missing"."""
    words = lexicon(case.language)
    needs = {name for group in needs_of(case.row) for name in group}
    patterns = words.patterns_of(needs)
    free = {mark for mark in marks if any(pattern.fullmatch(mark) for pattern in patterns)}
    free |= words.pieces if case.row.reads.count("audio") > 1 else set()
    free |= _TAKEN_AWAY if _TAKING_AWAY & needs else set()
    return free | (_ORDER_MARKS if "order" in needs else set())


def _direction(case: InstructionRewrite) -> str:
    """A side of two opposites that neither the instruction nor the task takes."""
    usual = usual_directions(case.row, case.language)
    text = case.request_content.text
    matches = []
    for number, patterns in enumerate(lexicon(case.language).directions):
        sides = _sides(case.original_content, number) or {s for n, s in usual if n == number}
        request_sides = _sides(case.request_content, number)
        # "The same or different?" takes neither side.
        is_open = sides & request_sides and _OR.search(case.request)
        new = request_sides - sides if sides and not is_open else set[int]()
        matches += [patterns[side].search(text) for side in sorted(new)]
    return ", ".join(match[0] for match in matches if match)


def _sides(reading: InstructionContent, number: int) -> set[int]:
    return {side for pair, side in reading.directions if pair == number}


def _concept(rule: str) -> InstructionRule:
    """A rule about concepts that the instruction, or the task, does not have."""

    def broken(case: InstructionRewrite) -> str:
        words, text = lexicon(case.language), case.request_content.text
        concepts = case.request_content.concepts
        allowed = case.original_content.concepts | allowed_concepts(case.row, case.language)
        if _ALL.search(case.original_content.text) or case.row.answer_kind.choices == "several":
            allowed |= {"several"}
        known_matches = [
            match
            for name in concepts & allowed - words.quiet
            for match in words.concepts[name].finditer(text)
        ]
        new = sorted(name for name in concepts - allowed - words.quiet if words.rules[name] == rule)
        return ", ".join(
            f"{name} ({match[0]})"
            for name in new
            for match in words.concepts[name].finditer(text)
            if name.endswith("_output") or not _is_inside(match, known_matches)
        )

    return broken


def _is_inside(match: re.Match[str], known_matches: Iterable[re.Match[str]]) -> bool:
    return any(m.start() <= match.start() and match.end() <= m.end() for m in known_matches)


def _form(case: InstructionRewrite) -> str:
    """A question of yes and no only where the instruction is one, or the task answers so."""
    is_polar, was_polar = case.request_content.is_polar, case.original_content.is_polar
    if case.row.writes == ("audio",):
        return _asked_of_audio(case) or (case.request[:40] if is_polar and not was_polar else "")
    match = _ASKS_WHICH.search(case.request_content.text)
    if was_polar and match and not (is_polar and match.start() == 0):
        return match[0]
    answers_so = {"yes", "no"} <= set(case.row.labels)
    return case.request[:40] if is_polar and not (was_polar or answers_so) else ""


def _asked_of_audio(case: InstructionRewrite) -> str:
    """A question or an order to tell where audio is asked for, unless the pool has such."""
    is_question = case.request.rstrip().endswith(("?", "？"))
    patterns = (_QUESTION_WORD, _TELLS_WHICH) if is_question else (_TELLS_WHICH,)
    texts = [reading.text for reading in readings(case.row, case.language)]
    for pattern in patterns:
        match = pattern.search(case.request_content.text)
        if match and not any(map(pattern.search, texts)):
            return match[0]
    return ""


def _swapped(case: InstructionRewrite) -> str:
    """Two parts of the instruction have changed places, and all else stands."""
    original, rewrite = case.original_content.text, case.rewrite_content.text
    if lexicon(case.language).is_spaced:
        parts = swapped_parts(original.split(), rewrite.split())
        return " / ".join(" ".join(part) for part in parts)
    return " / ".join("".join(part) for part in swapped_parts(original, rewrite))


def _vocabulary(case: InstructionRewrite) -> str:
    """A word that nobody needs who asks for the same."""
    is_spaced = lexicon(case.language).is_spaced
    return ", ".join(unknown_words(case) if is_spaced else unknown_parts(case))


QUESTION_RULES: Mapping[str, InstructionRule] = {
    "polarity": _mark("polarity"),
    "direction": _direction,
    "roles": wrong_roles,
    "scope": _mark("scope"),
    "manner": _mark("manner"),
    "target": _concept("target"),
    "kind": _concept("kind"),
    "other_task": _concept("other_task"),
    "head": foreign_heads,
    "asked": foreign_objects,
    "needs": absent_needs,
    "detail": absent_details,
    "swapped": _swapped,
    "form": _form,
    "vocabulary": _vocabulary,
}
