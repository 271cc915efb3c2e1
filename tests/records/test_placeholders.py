"""Which path is whose: placeholders of both sides, with too few and too many paths."""

from __future__ import annotations

import pytest

from audioflan_tasks.records.placeholders import fill_placeholders, has_placeholder

HOLE = "<|SOA|><AUDIO><|EOA|>"


@pytest.mark.parametrize(
    ("text", "answer", "ids", "wanted"),
    [
        ("a: _", "_", "1 2", ("a: <1>", "<2>")),
        ("a: _ b: _", "x: _", "1 2 3", ("a: <1> b: <2>", "x: <3>")),
        ("words", "_", "1", ("words", "<1>")),
        ("words", "_", "1 2", ("words", "<1>\n<2>")),
        ("_", "yes", "1 2", ("<1>\n<2>", "yes")),
        ("_", "_", "1 2 3", ("<1>\n<2>", "<3>")),
        ("_", "_ _", "1 2 3", ("<1>", "<2> <3>")),
        ("_ _", "yes", "1", ("<1> _", "yes")),
        ("_", "_", "1", ("<1>", "_")),
        ("_ _", "_", "1 2", ("<1> <2>", "_")),
    ],
)
def test_paths_are_taken_in_order(
    text: str, answer: str, ids: str, wanted: tuple[str, str]
) -> None:
    found = fill_placeholders(text.replace("_", HOLE), answer.replace("_", HOLE), ids.split())
    assert (
        tuple(
            side.replace(HOLE, "_").replace("<|SOA|>", "<").replace("<|EOA|>", ">")
            for side in found
        )
        == wanted
    )
    assert [has_placeholder(side) for side in found] == ["_" in side for side in wanted]
