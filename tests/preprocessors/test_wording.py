"""Words are looked up without their endings, and a lexicon names those that it does not know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.catalogue.question import phrases
from audioflan_tasks.preprocessors.wording import Lexicon, lemmas, words_of


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
    ("word", "lemma"),
    [
        ("recognised", "recognize"),
        ("analysing", "analyze"),
        ("tagging", "tag"),
        ("clipped", "clip"),
        ("voices", "voice"),
        ("classes", "class"),
        ("identifies", "identify"),
        ("making", "make"),
        ("notes", "note"),
    ],
)
def test_a_word_is_looked_up_without_its_ending(word: str, lemma: str) -> None:
    assert lemma in lemmas(word)


@given(st.from_regex(r"[a-z]{1,12}", fullmatch=True).filter(lambda word: word != "not"))
def test_no_word_becomes_a_negation(word: str) -> None:
    assert "not" not in lemmas(word)


def test_alternatives_of_a_phrase_are_multiplied() -> None:
    assert phrases("snr remove/reduce_noise/hiss") == (
        "snr", "remove noise", "remove hiss", "reduce noise", "reduce hiss",
    )  # fmt: skip


class TestLexicon:
    LEXICON = Lexicon(
        {"plain": ("remove noise", "speech", "speaker"), "other": ("speech noise", "speaker turn")},
        ("the", "of", "from"),
    )

    @pytest.mark.parametrize(
        ("text", "marks", "unexplained_words"),
        [
            ("Remove the noise from the speech.", ("plain", "plain"), ()),
            ("Remove the speech from the noise.", ("other",), ("remove",)),
            ("Speaker turns, speakers", ("other", "plain"), ()),
            ("the of", (), ()),
            ("remove", (), ("remove",)),
        ],
    )
    def test_the_longest_phrase_counts(
        self, text: str, marks: tuple[str, ...], unexplained_words: tuple[str, ...]
    ) -> None:
        reading = self.LEXICON.read(words_of(text))
        assert (reading.marks, reading.unexplained_words) == (marks, unexplained_words)
