"""Lists of options are read off an instruction with all of their items, or not at all."""

from __future__ import annotations

import pytest

from audioflan_tasks.preprocessors.named_options import listed_options, named_labels


@pytest.mark.parametrize(
    ("text", "options", "other_text"),
    [
        ("Who? Options: AWOL, Kurt Vile", ("AWOL", "Kurt Vile"), "Who? Options"),
        ("Pick: a; b; or c.", ("a", "b", "c"), "Pick"),
        ("Pick one of these [a, b]: x, y and z", ("x", "y", "z"), "Pick one of these [a, b]"),
        ("Who? (A) Abba (B) Queen", ("Abba", "Queen"), "Who?"),
        ("Who?\nA. Abba\nB. Queen", ("Abba", "Queen"), "Who?"),
        ("Who?\n- Abba\n- Queen, live", ("Abba", "Queen, live"), "Who?"),
        ("Options: Abba, Queen\nWho sings?", ("Abba", "Queen"), "Options Who sings?"),
        ("Who? (A) Abba (B) Queen\nOne word.", ("Abba", "Queen"), "Who? One word."),
        ("Choose between Abba and Queen.", ("Abba", "Queen"), "Choose between"),
        ("Select from Abba, Queen, or Simon.", ("Abba", "Queen", "Simon"), "Select from"),
    ],
)
def test_a_list_is_read(text: str, options: tuple[str, ...], other_text: str) -> None:
    readings = [(read.options, read.other_text) for read in listed_options(text)]
    assert (options, other_text) in readings


@pytest.mark.parametrize(
    "text", ["Who sings?", "Note: sing.", "At 12:30, 13:40", "(A) only", "- a"]
)
def test_what_is_no_list(text: str) -> None:
    assert [read for read in listed_options(text) if len(read.options) > 1] == []


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("Is the speech real or fake?", ("real", "fake")),
        ("Is it REAL, or is it FAKE?", ("REAL", "FAKE")),
        ("real/fake?", ("real", "fake")),
        ("Is it real?", None),
        ("Is it real or synthetic?", None),
        ("A real voice or a machine that is fake?", None),
        ("real and fake", None),
        ("unreal or fake", None),
    ],
)
def test_labels_in_a_row_are_read(text: str, options: tuple[str, ...] | None) -> None:
    read = named_labels(text, ("real", "fake"))
    assert (read.options if read else None) == options
