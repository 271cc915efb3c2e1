"""Names in the lists of a record, whole and in parts."""

from __future__ import annotations

import json

import pytest

from audioflan_tasks.records.listed_names import listed_names
from audioflan_tasks.records.parse import LineParser


@pytest.mark.parametrize(
    ("instruction", "names"),
    [
        ("Who? Options: Low, Kurt Vile.", {"Low", "Kurt Vile"}),
        ("Who? (A) Low (B) Abba", set()),
        ("Who? Options: (A) Low (B) Abba", {"Low", "Abba"}),
        ("Who? Options: Hall and Oates, Low", {"Hall and Oates", "Hall", "Oates", "Low"}),
        ("Is it one of Low or Abba?", {"Low or Abba", "Low", "Abba"}),
        ("Who sings?", set()),
    ],
)
def test_names_in_an_instruction(instruction: str, names: set[str]) -> None:
    assert set(listed_names(instruction, None)) == names


def test_options_of_the_record() -> None:
    assert listed_names("Who?", {"options": ["Low", "Wham!"]}) == ("Low", "Wham")
    assert listed_names("Who?", {"options": "Low"}) == ()


@pytest.mark.parametrize(
    ("instruction", "answer"),
    [
        ("Who is the artist? Options: Low, Abba", "Low"),
        ("Who is the artist?", "You can hear Low in this recording."),
    ],
)
def test_a_listed_name_is_read_out_of_a_sentence(instruction: str, answer: str) -> None:
    record = {
        "instruction": instruction, "input": "<|SOA|>a<|EOA|>", "task": "Artist Identification",
        "output": "You can hear Low in this recording.", "split": "train",
    }  # fmt: skip
    instance = LineParser("f", strict=True).parse(json.dumps(record).encode(), 1)
    assert instance is not None and instance.output == answer
