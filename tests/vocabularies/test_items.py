"""Items of answers that list labels."""

# ruff: noqa: E501  (one row of a table, one line)

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audioflan_tasks import vocabularies
from audioflan_tasks.vocabularies import label_key, split_labels


@pytest.mark.parametrize(
    ("name", "text", "items"),
    [
        ("audioset", "Speech, Vehicle horn, car horn, honking", ("Speech", "Vehicle horn, car horn, honking")),
        ("audioset", "Inside, small room", ("Inside, small room",)),
        ("audioset", "Dishes, pots, and pans, Dog", ("Dishes, pots, and pans", "Dog")),
        ("audioset", "Dog and Cat", ("Dog", "Cat")),
        ("audioset", "Drum and bass, Rock and roll", ("Drum and bass", "Rock and roll")),
        ("audioset", "Speech; Dog、Cat", ("Speech", "Dog", "Cat")),
        ("audioset", "Music -> Male speech, man speaking", ("Music", "Male speech, man speaking")),
        ("audioset", "Bee, wasp, etc.", ("Bee, wasp, etc",)),
        ("audioset", "dog, bark", ("dog", "bark")),
        ("urbansound8k", "dog, bark", ("dog", "bark")),
        ("mtg_jamendo", "genre---rock, instrument---guitar", ("genre---rock", "instrument---guitar")),
        ("mtg_jamendo", "synth, pop", ("synth", "pop")),
        ("fsc_intents", "bring, socks, none", ("bring, socks, none",)),
        ("", "rock and roll, pop", ("rock and roll", "pop")),
        ("", "rock, pop.", ("rock", "pop")),
        ("", "rock", ("rock",)),
        ("", "", ()),
        ("", " , ", ()),
    ],
)  # fmt: skip
def test_items(name: str, text: str, items: tuple[str, ...]) -> None:
    vocabulary = vocabularies.get(name) if name else None
    assert split_labels(text, vocabulary) == items


AUDIOSET = vocabularies.get("audioset")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(AUDIOSET.labels), min_size=1, max_size=5, unique=True))
def test_a_list_of_labels_has_those_items(labels: list[vocabularies.Label]) -> None:
    """Names that hold commas too, unless two neighbours make up a third name."""
    text = ", ".join(label.name for label in labels)
    items = split_labels(text, AUDIOSET)
    assert [AUDIOSET.find(item) for item in items] == labels


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Happy", "happy"),
        ("shopping_mall", "Shopping mall"),
        ("Jiang-Huai", "jianghuai"),
        ("Détaché", "detache"),
        ("hip-hop", "Hip Hop"),
        ("genre---rock", "Rock"),
        ("ＤｕｎＧｏｎｇ", "dungong"),
    ],
)
def test_spellings_that_are_equal(text: str, other: str) -> None:
    assert label_key(text) == label_key(other)


def test_a_sharp_is_not_lost() -> None:
    assert label_key("C#4") != label_key("C4")
