"""Options as files of others list them, and the right one among them."""

from __future__ import annotations

from typing import Any

import pytest

from audioflan_tasks.vocabularies import choices_of, right_choice


@pytest.mark.parametrize(
    ("value", "choices"),
    [
        (["Saw", "Drill"], ("Saw", "Drill")),
        (["(A) Saw", "B. Drill"], ("Saw", "Drill")),
        # Not all have a letter: they are part of the options.
        (["A. Saw", "Drill"], ("A. Saw", "Drill")),
        ('["Saw", 2]', ("Saw", "2")),
        ({"text": ["Saw"], "label": ["x"]}, ("Saw",)),
        ({"a": "Saw", "b": "Drill"}, ("Saw", "Drill")),
        ("[broken", ()),
        ("[" * 10**5, ()),
        ("Saw", ()),
        (None, ()),
    ],
    ids=lambda value: str(value)[:20],
)
def test_choices(value: Any, choices: tuple[str, ...]) -> None:
    assert choices_of(value) == choices


@pytest.mark.parametrize(
    ("answer", "choice"),
    [("Drill", "Drill"), ("drill", "Drill"), ("B", "Drill"), ("(b)", "(b)"), ("(B) Drill", "Drill"),
     ("1", "Drill"), ("7", "7"), ("C", "C"), ("Hammer", "Hammer")],
)  # fmt: skip
def test_right_choice(answer: str, choice: str) -> None:
    assert right_choice(answer, ("Saw", "Drill")) == choice
    assert right_choice(answer, ()) == answer
