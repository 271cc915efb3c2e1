"""Notes, keys, chords, progressions and contours in the answers of models."""

# ruff: noqa: E501  (one row of a table, one line)

from __future__ import annotations

import numpy as np
import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.metrics import Note, parse
from audioflan_tasks.metrics.values import Contour


def read(task: str, text: str) -> tuple[object, str]:
    found = parse(catalogue.get(task), text)
    return found.value, str(found.status)


@pytest.mark.parametrize(
    ("text", "midi", "status"),
    [
        ("C4", 60, "ok"), ("C#4", 61, "ok"), ("Db4", 61, "ok"), ("D♭4", 61, "ok"),
        ("C sharp 4", 61, "ok"), ("Cb4", 59, "ok"), ("B#3", 60, "ok"), ("a4", 69, "ok"),
        ("C-1", 0, "ok"), ("The note is A4.", 69, "ok"), ("A4 (440 Hz)", 69, "ok"),
        ("440 Hz", 69, "ok"), ("442.1Hz", 69, "ok"), ("MIDI note 60", 60, "ok"), ("60", 60, "ok"),
        ("C4, that is MIDI 60", 60, "ok"), ("C4 or D4", None, "ambiguous"), ("C4 = C4", 60, "ok"),
        ("H9", None, "malformed"), ("a high note", None, "malformed"), ("999", None, "malformed"),
        ("", None, "empty"),
    ],
)  # fmt: skip
def test_notes(text: str, midi: int | None, status: str) -> None:
    found, how = read("pitch_classification", text)
    assert how == status
    assert (found.midi if isinstance(found, Note) else None) == midi


def test_a_note_without_octave_has_its_name() -> None:
    assert read("pitch_classification", "F#") == (Note(6, None), "ok")


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("C major", "C major", "ok"), ("Db major", "C# major", "ok"), ("c# MAJOR", "C# major", "ok"),
        ("F sharp minor", "F# minor", "ok"), ("F-sharp minor", "F# minor", "ok"),
        ("A minor.", "A minor", "ok"), ("The key is A minor", "A minor", "ok"), ("Am", "A minor", "ok"),
        ("The song is in F.", "F major", "ok"), ("in the key of Ebm", "D# minor", "ok"),
        ("C:min", "C minor", "ok"), ("Bb Maj", "A# major", "ok"), ("G", "G major", "ok"),
        ("C大调", "C major", "ok"), ("A小调", "A minor", "ok"), ("**E minor**", "E minor", "ok"),
        ("C major or A minor", None, "ambiguous"), ("H major", None, "malformed"),
        ("a major achievement", None, "malformed"), ("the music", None, "malformed"),
    ],
)  # fmt: skip
def test_keys(text: str, value: str | None, status: str) -> None:
    assert read("key_detection", text) == (value, status)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("0.00-2.00 C:maj; 2.00-4.00 A:min", ["C:maj", "A:min"]),
        ("0.00-2.00 C; 2.00-4.00 Am", ["C:maj", "A:min"]),
        ("0-2: C major\n2-4: A minor", ["C:maj", "A:min"]),
        ("0-2 Cmaj7; 2-4 Am7; 4-6 CM7", ["C:maj7", "A:min7", "C:maj7"]),
        ("0-2 G7; 2-4 F#dim; 4-6 Bb/D; 6-8 N", ["G:7", "F#:dim", "Bb:maj/3", "N"]),
        ("[(0, 2, 'C:maj'), (2, 4, 'what')]", ["C:maj", "what"]),
        ("0-2 D:7(#9)", ["D:7(#9)"]),
        ("The chords are G major (0s-1s) and E minor (1s-2s)", ["G:maj", "E:min"]),
        ("0-2 something; 2-4 X", ["something", "X"]),
        ("0-2 C; 0-2 C", ["C:maj"]),
    ],
)
def test_chords(text: str, labels: list[str]) -> None:
    found, status = read("chord_estimation", text)
    assert status == "ok"
    assert isinstance(found, tuple)
    assert [i.label for i in found] == labels


@pytest.mark.parametrize("text", ["C G Am F", "0-2 C; 1-3 G", "2-0 C", "0-0 C", "none"])
def test_broken_chords(text: str) -> None:
    assert read("chord_estimation", text) == (None, "malformed")


@pytest.mark.parametrize(
    "text",
    [
        "ii-V-I", "ii – V – I", "ii, V, I", "ii V I", "ii -> V -> I", "['ii', 'V', 'I']",
        "Progression: ii-V-I", "The progression is ii-V-I in this piece, I think.", "**ii-V-I**",
    ],
)  # fmt: skip
def test_progressions(text: str) -> None:
    assert read("progression_extraction", text) == (("ii", "V", "I"), "ok")


def test_upper_and_lower_numerals_differ_and_signs_stay() -> None:
    assert read("progression_extraction", "i-bVII-V7-vii°")[0] == ("i", "bVII", "V7", "vii°")
    assert read("progression_extraction", "I think so.") == (None, "malformed")


@pytest.mark.parametrize(
    "text",
    [
        "0.00 220.0; 0.10 0.0; 0.20 440.0",
        "[(0.0, 220.0), (0.1, 0), (0.2, 440)]",
        "0.0s: 220 Hz\n0.1s: unvoiced\n0.2s: 440 Hz",
        "0.2 440; 0.0 220; 0.1 0",
        "0.0 A3; 0.1 rest; 0.2 A4",
    ],
)
def test_contours(text: str) -> None:
    found, status = read("melody_extraction", text)
    assert isinstance(found, Contour)
    assert status == "ok"
    np.testing.assert_allclose(found.times, [0.0, 0.1, 0.2])
    np.testing.assert_allclose(found.hz, [220.0, 0.0, 440.0])


@pytest.mark.parametrize("text", ["0.1 220; 0.1 230", "la la la", "0.1 99999"])
def test_broken_contours(text: str) -> None:
    assert read("melody_extraction", text) == (None, "malformed")
