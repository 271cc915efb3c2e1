"""Instructions of pools as rewrites of each other, which need no pairs made by hand.

Two of one task and language ask the same, two of different tasks do not. The figures of
docs/variation.md are these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.lexicon import LEXICON_LANGUAGES
from audioflan_tasks.variation.question_rules import QUESTION_RULES
from audioflan_tasks.variation.task_wording import wordings

_SLOT = re.compile(r"\{\w+\}")
_OF_ONE_TASK, _OF_TWO = 10, 20


def rewrites(random: Random, count: int, *, of_other_tasks: bool) -> Iterator[InstructionRewrite]:
    """For each task and language some pairs of instructions with the same slots."""
    rows = catalogue.tasks()
    for row in rows:
        for language in LEXICON_LANGUAGES:
            for _ in range(count):
                other = random.choice(rows) if of_other_tasks else row
                if not (of_other_tasks and other.group == row.group):
                    yield from _pair(random, row, other, language)


def _pair(
    random: Random, row: TaskRow, other: TaskRow, language: str
) -> Iterator[InstructionRewrite]:
    instructions, others = wordings(row, language), wordings(other, language)
    if instructions:
        original = random.choice(instructions)
        alike = [text for text in others if text != original and _slots(text) == _slots(original)]
        if alike:
            yield InstructionRewrite(row, original, random.choice(alike), language)


def _slots(text: str) -> list[str]:
    return sorted(_SLOT.findall(text))


def refused_share(cases: Iterator[InstructionRewrite]) -> tuple[float, int]:
    """The share that breaks a rule about what is asked, and how many there are."""
    refused = [any(rule(case) for rule in QUESTION_RULES.values()) for case in cases]
    return sum(refused) / len(refused), len(refused)


@pytest.mark.slow
def test_another_instruction_of_the_pool_is_seldom_refused() -> None:
    share, count = refused_share(rewrites(Random(1), _OF_ONE_TASK, of_other_tasks=False))
    assert count > 1_000 and share < 0.13


@pytest.mark.slow
def test_an_instruction_of_another_task_is_refused() -> None:
    share, count = refused_share(rewrites(Random(1), _OF_TWO, of_other_tasks=True))
    assert count > 1_000 and share > 0.985
