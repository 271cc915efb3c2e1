"""Numbers, times and intervals in the answers of models."""

# ruff: noqa: E501  (one row of a table, one line)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.metrics import Interval, parse


def read(task: str, text: str, **more: Any) -> tuple[object, str]:
    found = parse(catalogue.get(task), text, **more)
    return found.value, str(found.status)


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("12.5 dB", 12.5, "ok"),
        ("The SNR is about 12.5dB.", 12.5, "ok"),
        ("-3 dB", -3.0, "ok"),
        ("−3 dB", -3.0, "ok"),
        ("12,5 dB", 12.5, "ok"),
        ("minus three point five", -3.5, "ok"),
        ("twenty five decibels", 25.0, "ok"),
        ("10-12 dB", 11.0, "ok"),
        ("between 10 and 12 dB", 11.0, "ok"),
        ("12 dB, so speech is about 16 times as strong", 12.0, "ok"),
        ("<think>maybe 3 dB</think>12 dB", 12.0, "ok"),
        ('{"answer": 12.5}', 12.5, "ok"),
        ("1e1 dB", 10.0, "ok"),
        ("15 dB (±2 dB)", 15.0, "ok"),
        ("10 dB at 16000 Hz", 10.0, "ok"),
        ("5 dB, 10 dB or 20 dB", None, "ambiguous"),
        ("1e308", None, "malformed"),
        ("very noisy", None, "malformed"),
        ("I cannot determine the SNR.", None, "refusal"),
        ("", None, "empty"),
    ],
)
def test_numbers(text: str, value: float | None, status: str) -> None:
    assert read("signal_to_noise_ratio_estimation", text) == (value, status)


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("0.52, 1.04", (0.52, 1.04), "ok"),
        # A full stop or a unit at the end must not cost the answer.
        ("0.00s,0.56s,1.12s.", (0.0, 0.56, 1.12), "ok"),
        ("0.52 sec; 1.04 seconds", (0.52, 1.04), "ok"),
        ("520 ms, 1040 ms", (0.52, 1.04), "ok"),
        ("0:00.5, 1:02.3", (0.5, 62.3), "ok"),
        ("[0.5, 1.0, 1.5]", (0.5, 1.0, 1.5), "ok"),
        ("['0.5', '1.0']", (0.5, 1.0), "ok"),
        ('{"beats": [0.5, 1.0]}', (0.5, 1.0), "ok"),
        ("1. 0.52\n2. 1.04\n3. 1.57", (0.52, 1.04, 1.57), "ok"),
        ("Beat 1: 0.52, Beat 2: 1.04", (0.52, 1.04), "ok"),
        ("The beats at 0.0s, 0.72s, and 1.36s should be noted.", (0.0, 0.72, 1.36), "ok"),
        ("The tempo is 120 BPM with beats at 0.5, 1.0", (0.5, 1.0), "ok"),
        ("1.0, 0.5, 1.0", (0.5, 1.0), "ok"),
        ("Beats: 0.5 1.0 1.5", (0.5, 1.0, 1.5), "ok"),
        (".5, 1.", (0.5, 1.0), "ok"),
        ("-0.5, 1.0", None, "malformed"),
        ("1e400", None, "malformed"),
        ("999999999999", None, "malformed"),
        ("no beats that I could tell", None, "malformed"),
        ("", None, "empty"),
    ],
)
def test_times(text: str, value: tuple[float, ...] | None, status: str) -> None:
    found, how = read("beat_tracking", text)
    assert how == status
    assert found == (None if value is None else pytest.approx(value))


def columns(intervals: Sequence[Interval]) -> list[tuple[float, float, str]]:
    """Start, end and label of each."""
    return [(i.start, i.end, i.label) for i in intervals]


def near(rows: Sequence[tuple[float, float, str]]) -> list[tuple[Any, Any, str]]:
    """Rows that compare equal to such of nearly the same times."""
    return [(pytest.approx(start), pytest.approx(end), label) for start, end, label in rows]


TWO = ((0.1, 1.2, "dog bark"), (1.5, 2.0, "car horn"))


@pytest.mark.parametrize(
    "text",
    [
        "0.10-1.20 dog bark; 1.50-2.00 car horn",
        "0.10 - 1.20: dog bark\n1.50 - 2.00: car horn",
        "0.10s to 1.20s dog bark, 1.50s to 2.00s car horn",
        "Events: 0.1–1.2 dog bark; 1.5–2 car horn.",
        "dog bark: 0.10-1.20; car horn: 1.50-2.00",
        "Dog bark (0.1s - 1.2s)\nCar horn (1.5s - 2.0s)",
        "- dog bark from 0.1 to 1.2 s\n- car horn from 1.5 to 2.0 s",
        "[0.1, 1.2] dog bark; [1.5, 2.0] car horn",
        "0:00.1-0:01.2 dog bark; 0:01.5-0:02.0 car horn",
        "00:00:00.1 --> 00:00:01.2 dog bark\n00:00:01.5 --> 00:00:02.0 car horn",
        "[('0.1', '1.2', 'dog bark'), ('1.5', '2.0', 'car horn')]",
        "[(0.1, 1.2, 'dog bark'), (1.5, 2.0, 'car horn')]",
        '[{"start": 0.1, "end": 1.2, "label": "dog bark"},'
        ' {"onset": 1.5, "offset": "2.0s", "event": "car horn"}]',
        '{"events": [{"start": 0.1, "end": 1.2, "label": "dog bark"},'
        ' {"start": 1.5, "end": 2, "label": "car horn"}]}',
        '[["dog bark", 0.1, 1.2], ["car horn", 1.5, 2.0]]',
        "0.1\t1.2\tdog bark\n1.5\t2.0\tcar horn",
        "1. 0.1-1.2 dog bark\n2. 1.5-2.0 car horn",
        "\"[('0.1', '1.2', 'Dog Bark'), ('1.5', '2.0', 'Car Horn')]\"",
        "Here are the events:\n\n0.1-1.2 dog bark\n1.5-2.0 car horn",
    ],
)
def test_intervals_in_many_forms(text: str) -> None:
    found = parse(catalogue.get("sound_event_detection"), text)
    assert found.status == "ok"
    assert near(TWO) == columns(found.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("SPEAKER file 1 0.10 1.10 <NA> <NA> spk_1 <NA> <NA>", [(0.1, 1.2, "spk_1")]),
        ("speaker 1: 0.0-1.0, 2.0-3.0; speaker 2: 1.0-2.0",
         [(0, 1, "speaker 1"), (2, 3, "speaker 1"), (1, 2, "speaker 2")]),
        ("0.00-1.52 speaker 1; 1.70-3.10 speaker 2", [(0, 1.52, "speaker 1"), (1.7, 3.1, "speaker 2")]),
        ("0.5-1.5", [(0.5, 1.5, "")]),
        ("Speaker 1: 0.0-1.5, Speaker 2: 1.5-3.0", [(0, 1.5, "speaker 1"), (1.5, 3, "speaker 2")]),
        ("[0.0-1.5] Speaker A: hello there [1.5-3.0] Speaker B: hi", [(0, 1.5, "speaker a"), (1.5, 3, "speaker b")]),
        ("spk0 0.0 1.5\nspk1 1.5 3.0", [(0, 1.5, "spk0"), (1.5, 3, "spk1")]),
        ("She starts at 0.5 seconds and ends at 1.5 seconds.", [(0.5, 1.5, "she")]),
        ("Between 0.5 and 1.5 s", [(0.5, 1.5, "")]),
        ("Someone speaks from 0.5 s to 1.5 s.", [(0.5, 1.5, "someone speaks")]),
        ("none", []),
        ("[]", []),
        ("No speech detected.", []),
    ],
)  # fmt: skip
def test_who_speaks_when(text: str, value: list[tuple[float, float, str]]) -> None:
    found = parse(catalogue.get("speaker_diarization"), text)
    assert found.status == "ok"
    assert near(value) == columns(found.value)


@pytest.mark.parametrize(
    "text",
    [
        "2.0-1.0 dog bark",
        "dog barks at 0.5 and 1.0",
        "dog bark",
        "0.5",
        "-1.0 to 2.0",
        "1-99999999 x",
    ],
)
def test_broken_intervals(text: str) -> None:
    assert read("sound_event_detection", text) == (None, "malformed")


def test_names_in_prose_belong_to_the_times_after_them() -> None:
    said = "A dog barks from 0.5 to 1.0 seconds and a car horn sounds from 2 to 3 seconds."
    found = parse(catalogue.get("sound_event_detection"), said, ("dog bark", "car horn"))
    assert columns(found.value) == [(0.5, 1.0, "dog bark"), (2.0, 3.0, "car horn")]


def test_labels_of_events_are_those_of_the_set() -> None:
    found = parse(
        catalogue.get("sound_event_detection"), "0.1-1.2 Clapping; 2-3 a ship's foghorn; 4-5 kazoo",
        ("applause", "ship horn"),
    )  # fmt: skip
    assert [i.label for i in found.value] == ["applause", "ship horn", "kazoo"]


def test_far_more_items_than_asked_for_run_away() -> None:
    row = catalogue.get("beat_tracking")
    many = ", ".join(f"{n / 10:.1f}" for n in range(60))
    assert parse(row, many, reference=(0.5, 1.0)).status == "runaway"
    assert parse(row, many, reference=(0.5, 1.0)).value is not None
    assert parse(row, many, reference=tuple(range(30))).status == "ok"
