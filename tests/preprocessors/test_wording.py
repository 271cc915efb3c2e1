"""Words of instructions, in one spelling and by sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.catalogue.question import phrases
from audioflan_tasks.preprocessors.wording import FACT, american, sentences_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What's the speaker's gender?", ["what", "the", "speaker", "gender"]),
        ("They aren't, don't and cannot.", ["they", "not", "not", "and", "not"]),
        ("Real—or fake?", ["real", "or", "fake"]),
        ("to 32k Hz, 16.5 s", ["to", "32k", "hz", "16.5", "s"]),
        ("C# 你好", ["c", "#", "你好"]),
        ("non-speech “x”", ["non", "speech", "x"]),
    ],
)
def test_words_of_a_text(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("word", "spelling"),
    [
        ("recognised", "recognized"),
        ("analysing", "analyzing"),
        ("synthesise", "synthesize"),
        ("noise", "noise"),
        ("rise", "rise"),
    ],
)
def test_words_have_one_spelling(word: str, spelling: str) -> None:
    assert american(word) == spelling
    assert words_of(word.upper()) == [spelling]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Listen. Which key?", [["listen"], ["which", "key"]]),
        ("Options: from 1.5 s", [["options"], ["from", "1.5", "s"]]),
        (f"with the emotion: {FACT}", [["with", "the", "emotion", FACT]]),
        ("...", []),
    ],
)
def test_sentences_of_a_text(text: str, sentences: list[list[str]]) -> None:
    assert sentences_of(text) == sentences


@pytest.mark.slow
@given(st.text())
def test_sentences_have_all_words(text: str) -> None:
    assert [word for sentence in sentences_of(text) for word in sentence] == words_of(text)


def test_alternatives_of_a_phrase_are_multiplied() -> None:
    assert phrases("snr remove/reduce_noise/hiss") == (
        "snr", "remove noise", "remove hiss", "reduce noise", "reduce hiss",
    )  # fmt: skip
