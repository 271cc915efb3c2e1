"""Facts of instructions: where a value may stand, and where it is not clear."""

from __future__ import annotations

import pytest

from audioflan_tasks.preprocessors.named_facts import read_facts

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
UNCLEAR = (
    ("target_language", "Translate the Chinese speech."),
    ("target_language", "Translate this French utterance."),
    ("target_language", "Translate from German."),
    ("target_language", "The speech is in German: translate it."),
    ("target_language", "Translate the words in the Chinese recording."),
    ("target_rate", "Upsample the speech from 8 kHz."),
    ("target_rate", "Restore the high frequencies above 4 kHz."),
    ("target_rate", "Extend the bandwidth by 16 kHz."),
    ("beat", "Which note is on the beat following beat 5?"),
    ("beat", "Which instruments play from the third beat?"),
    ("emotion", "Change the emotion of this angry speech."),
    ("emotion", "Convert the emotion from sad."),
)


@pytest.mark.parametrize(("slot", "text", "value"), CLEAR)
def test_a_value_in_its_place_is_read(slot: str, text: str, value: str) -> None:
    read = read_facts(text, (slot,), {})
    assert read is not None and read.facts == {slot: value}
    assert value not in read.other_text


@pytest.mark.parametrize(("slot", "text"), UNCLEAR)
def test_a_source_or_bound_is_no_value(slot: str, text: str) -> None:
    assert read_facts(text, (slot,), {}) is None
