"""Facts of instructions, and where two of them are not clear."""

from __future__ import annotations

import pytest

from audioflan_tasks.preprocessors.named_facts import read_facts
from audioflan_tasks.preprocessors.wording import FACT

CLEAR = (
    ("target_language", "Translate the speech into English.", "English"),
    ("target_language", "Please translate the speech into the text in English.", "English"),
    ("target_language", "How about translating it into natural French?", "French"),
    ("target_language", "Give the German translation.", "German"),
    ("target_rate", "Increase the resolution of the given audio signal to 32k Hz.", "32k Hz"),
    ("target_rate", "Extend it to a sampling rate of 16 kHz.", "16 kHz"),
    ("beat", "Which instruments play at the 5th beat?", "5"),
    ("emotion", "Read the text in a happy tone.", "happy"),
)


@pytest.mark.parametrize(("slot", "text", "value"), CLEAR)
def test_a_value_in_its_place_is_read(slot: str, text: str, value: str) -> None:
    read = read_facts(text, (slot,), {})
    assert read is not None and read.facts == {slot: value}
    assert value not in read.other_text


def test_a_value_leaves_its_place() -> None:
    read = read_facts("Translate it into French.", ("target_language",), {})
    assert read is not None and read.other_text == f"Translate it into  {FACT} ."


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Translate from German into English.", {}),
        ("Translate into English.", {"target_language": "German"}),
    ],
)
def test_two_values_are_not_clear(text: str, facts: dict[str, str]) -> None:
    assert read_facts(text, ("target_language",), facts) is None
