"""Times asked for, and intervals, counted beats or a list given."""

from __future__ import annotations

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.metrics import parse

BEATS = catalogue.get("beat_tracking")


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("0.5-0.9, 1.0-1.4", (0.5, 1.0)),
        ("0.5 to 0.9 s, 1.0 to 1.4 s", (0.5, 1.0)),
        ("0.50 --> 0.90\n1.00 --> 1.40", (0.5, 1.0)),
        ("1:02.5-1:03.0", (62.5,)),
        ("(0.5, 0.9), (1.0, 1.4)", (0.5, 1.0)),
        ('[{"start": 0.5, "end": 0.9, "label": "beat"}]', (0.5,)),
        ("0.5-0.9 beat 1; 1.0-1.4 beat 2", (0.5, 1.0)),
        ("0.5,1\n1.0,2\n1.5,1", (0.5, 1.0, 1.5)),
        ("[[0.5, 1], [1.0, 2]]", (0.5, 1.0)),
        ("[[1, 0.5], [2, 1.0], [3, 1.5]]", (0.5, 1.0, 1.5)),
    ],
)
def test_onsets_count(text: str, times: tuple[float, ...]) -> None:
    assert parse(BEATS, text).value == times


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("0.5 - 1.0 - 1.5", (0.5, 1.0, 1.5)),
        ("0.5-1.0-1.5", (0.5, 1.0, 1.5)),
        ("[0.5, 1.0]", (0.5, 1.0)),
        ("(0.5, 1.0)", (0.5, 1.0)),
        ("0.5, 1.0\n1.5, 2.0", (0.5, 1.0, 1.5, 2.0)),
        ("at 0.5, 1.0 and 1.5 seconds", (0.5, 1.0, 1.5)),
        ("[[0.9, 0.5], [1.4, 1.0]]", (0.5, 0.9, 1.0, 1.4)),
        ("from 0.2 to 0.4 s and at 0.9", (0.2, 0.4, 0.9)),
        ('[{"time": 0.5}, {"time": 1.0}]', (0.5, 1.0)),
        ("none", ()),
    ],
)
def test_lists_stay_lists(text: str, times: tuple[float, ...]) -> None:
    assert parse(BEATS, text).value == times
