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
