"""Lists of options are read off an instruction with all of their items, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks import catalogue
from audioflan_tasks.preprocessors.named_options import listed_options, named_labels
from audioflan_tasks.preprocessors.question import record_question
from audioflan_tasks.preprocessors.record_answer import record_answer
from audioflan_tasks.records import Instance


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


CASES = Path(__file__).parents[1] / "data" / "option_cases.txt"


def cases() -> list[list[str]]:
    """Task, instruction, answer, and the options that are read ("keep": none, own words)."""
    lines = CASES.read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n").split("\t") for line in lines if not line.startswith("#")]


@pytest.mark.slow
@pytest.mark.parametrize(("task", "instruction", "answer", "options"), cases())
def test_names_with_separators_in_them_are_read_whole_or_not_at_all(
    task: str, instruction: str, answer: str, options: str
) -> None:
    row = catalogue.get(task)
    instance = Instance(task=task, instruction=instruction, input="", output=answer)
    question = record_question(row, instruction, record_answer(row, instance, answer), {})
    read = "keep" if question.keeps else " ~ ".join(question.options)
    assert read == options


names = st.sampled_from(
    ("Low", "R&B/Soul", "AC/DC", "rock 'n' roll", "Chinese (Mandarin)", "Guns N'", "'Til Tuesday",
     "P!nk", "R.E.M.", "drum-and-bass", "Zorp", "Hip-Hop", "street_traffic", "Sigur Rós", "说唱")
)  # fmt: skip


@given(st.lists(names, min_size=2, max_size=6, unique=True), st.sampled_from((", ", "; ", "\n- ")))
def test_names_without_the_separator_come_back(items: list[str], separator: str) -> None:
    begin = separator if separator[0] == "\n" else " "
    text = f"Which? Options:{begin}{separator.join(items)}"
    readings = [read.options for read in listed_options(text)]
    assert tuple(items) in readings
