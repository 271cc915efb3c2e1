"""What takes back what was said before, and what only looks like it."""

from __future__ import annotations

import pytest

from audioflan_tasks.metrics.parsing.corrections import after_correction


@pytest.mark.parametrize(
    ("text", "final"),
    [
        ("jazz, no wait, blues", "blues"),
        ("jazz no wait blues", "blues"),
        ("Yes. Wait, no.", "no."),
        ("Female. Sorry, I mean male.", "male."),
        ("happy - no, scratch that - sad", "sad"),
        ("A. Actually, C.", "C."),
        ("Minor? No, major.", "major."),
        ("10 dB, no, more like 8 dB", "more like 8 dB"),
        ("I was wrong before. I was wrong: it is rock. No, pop.", "pop."),
        ("猫叫，不对，是狗叫。", "是狗叫。"),
        ("生气，不，应该是惊讶。", "应该是惊讶。"),
    ],
)
def test_what_stands_after_the_last_correction_counts(text: str, final: str) -> None:
    assert after_correction(text) == final


@pytest.mark.parametrize(
    "text",
    [
        "No, it is not jazz.",
        "Wait for the chorus: it is pop.",
        "A and B are incorrect.",
        "There is no jazz, no blues.",
        "They mean to sing softly.",
        "The tempo actually rises.",
        "B不对。",
        "不是爵士。",
        "",
    ],
)
def test_other_words_take_nothing_back(text: str) -> None:
    assert after_correction(text) == ""


def test_a_no_that_answers_the_question_takes_nothing_back() -> None:
    assert after_correction("Same speaker? No, they differ.", no_is_label=True) == ""
    assert (
        after_correction("Yes, no wait, no, they differ.", no_is_label=True) == "no, they differ."
    )
