"""References and answers of every vocabulary, scored as a user scores them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from audioflan_tasks import catalogue, vocabularies
from audioflan_tasks.metrics.scoring import score

Pairs = list[tuple[str, str]]

EXACT = {"label": "accuracy", "labels": "exact_set", "progression": "exact_match"}


@cache
def pairs() -> dict[str, tuple[Pairs, Pairs]]:
    """(equal pairs, unequal pairs) of each vocabulary."""
    text = (Path(__file__).parent / "pairs.txt").read_text(encoding="utf-8")
    table: dict[str, tuple[Pairs, Pairs]] = {}
    for line in text.splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            table[heading[1]] = ([], [])
        elif line and not line.startswith("#"):
            reference, mark, answer = re.fullmatch(r"(.+?) (!?=) (.+)", line).groups()  # type: ignore[union-attr]
            list(table.values())[-1][mark == "!="].append((reference, answer))
    return table


def test_every_vocabulary_has_ten_pairs() -> None:
    assert set(pairs()) == {v.name for v in vocabularies.vocabularies()}
    few = [name for name, (equal, unequal) in pairs().items() if len(equal) < 10 or not unequal]
    assert not few


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(pairs()))
def test_a_careful_reader_gives_the_same_score(name: str) -> None:
    equal, unequal = pairs()[name]
    row = catalogue.get(vocabularies.get(name).tasks[0])
    references, answers = zip(*equal, *unequal, strict=True)
    metric = EXACT[row.answer]
    # One by one in the batch of all, so that a failure says which pair.
    wrong = []
    for place, (reference, answer) in enumerate(equal + unequal):
        others = [r for n, r in enumerate(references) if n != place]
        value = score(row, [reference, *others], [answer, *[""] * len(others)], metrics=[metric])
        right = round(value[metric] * len(references))
        if right != (place < len(equal)):
            wrong.append((reference, answer, value.parsed[0].value, str(value.parsed[0].status)))
    assert not wrong
    assert len(answers) == len(references)


@pytest.mark.parametrize(
    ("task", "references", "answers"),
    [
        ("gender_recognition", ["female", "male"], ["F", "m"]),
        ("device_recognition", ["Android phone", "iPhone"], ["an Android device", "iphone"]),
        ("artist_identification", ["Hall & Oates", "A and B"], ["Hall and Oates", "A & B"]),
        ("instrument_classification", ["二胡", "gaohu"], ["erhu", "高胡"]),
        ("language_identification", ["deu", "nld"], ["German", "Dutch"]),
    ],
)  # fmt: skip
def test_names_of_everyday_use_are_equal(
    task: str, references: list[str], answers: list[str]
) -> None:
    assert score(catalogue.get(task), references, answers, metrics=["accuracy"])["accuracy"] == 1


def test_instruments_of_a_beat_are_compared_as_those_of_a_piece() -> None:
    row = catalogue.get("beat_level_instrument_recognition")
    references = ["Piano, DoubleBass", "Drums"]
    assert score(row, references, ["upright bass and piano", "drum kit"])["exact_set"] == 1
    assert score(row, references, ["piano", "double bass"])["exact_set"] == 0
