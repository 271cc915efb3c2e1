"""The page of metrics says where answers are cut as the parsers cut them."""

from __future__ import annotations

from pathlib import Path

import pytest

from audioflan_tasks.metrics.parsing import READERS
from audioflan_tasks.metrics.parsing.clean import MOST_OF_CHOICE

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "metrics.md").read_text("utf-8").split())


@pytest.mark.parametrize(
    ("phrase", "readers"),
    [
        ("a contour at {:,}", ("contour",)),
        ("intervals, chords and times at {:,}", ("intervals", "chords", "times")),
        ("a sequence and a progression at {:,}", ("sequence", "progression")),
        ("a transcript, a caption and phones at {:,}", ("text", "caption", "phones")),
    ],
)
def test_long_answers(phrase: str, readers: tuple[str, ...]) -> None:
    (limit,) = {READERS[name].most_chars for name in readers}
    assert phrase.format(limit) in PAGE


def test_answers_of_one_value() -> None:
    head = MOST_OF_CHOICE // 4
    assert f"the first {head:,} and the last {MOST_OF_CHOICE - head:,} characters" in PAGE
