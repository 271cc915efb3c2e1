"""Benchmarks' own rules, faults included, by cases that their descriptions give."""

from __future__ import annotations

import pytest

from audioflan_tasks.metrics.benchmark_rules import BENCHMARKS

TOOLS = ("Power drill", "Hand saw")
CASES = [
    ("mmau", "It is a hand saw.", "Hand saw", TOOLS, True),
    ("mmau", "A saw by hand, no drill", "Hand saw", TOOLS, False),
    ("mmau", "B", "Hand saw", TOOLS, False),
    ("mmau", "(B) Hand saw", "Hand saw", TOOLS, True),
    ("mmau", "", "Hand saw", TOOLS, False),
    # A letter that another option is: their rule takes "(A) gold" for two answers.
    ("mmau", "(A) Hand saw", "Hand saw", ("A drill", "Hand saw"), False),
    ("mmsu", "B. Hand saw", "Hand saw", TOOLS, True),
    ("mmsu", "Although, Hand saw", "Hand saw", TOOLS, False),
    ("mmsu", "I say (B)", "Hand saw", TOOLS, True),
    ("mmsu", "hand saw", "Hand saw", TOOLS, None),
    ("mmsu", "", "Hand saw", TOOLS, False),
    ("air-bench", "A", "Power drill", TOOLS, True),
    ("dynamic-superb", " SAD ", "sad", (), True),
    ("dynamic-superb", "sad.", "sad", (), False),
    ("cmi-bench", "I hear a trill here", "trill", ("trill", "belt"), True),
    # The gold stands in it, but so does another class.
    ("cmi-bench", "lip_trill", "lip_trill", ("trill", "lip_trill"), False),
    ("cmi-bench", "trill or belt", "trill", ("trill", "belt"), False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "gold", "options", "right"), CASES)
def test_rules(
    name: str, answer: str, gold: str, options: tuple[str, ...], right: bool | None
) -> None:
    rule = BENCHMARKS[name].is_right
    assert rule is not None and rule(answer, gold, options) is right


def test_every_benchmark_has_words_and_known_faults() -> None:
    assert all(rule.words for rule in BENCHMARKS.values())
    assert [name for name, rule in BENCHMARKS.items() if not rule.faults] == ["any"]
