"""Names of chords: what they are in Harte's syntax, and words that are none."""

from __future__ import annotations

import pytest

from audioflan_tasks.metrics.parsing.chords import chord

NAMES = {
    "C(add9)": "C:maj(9)", "C13": "C:13", "Gsus7": "G:sus4(b7)", "Bm7(b5)": "B:hdim7",
    "Bm7b5": "B:hdim7", "Caug7": "C:aug(b7)", "C+7": "C:aug(b7)", "C+": "C:aug",
    "F6/9": "F:maj6(9)", "C/E": "C:maj/3", "A minor over C": "A:min/b3", "Am/G": "A:min/b7",
    "D/F#": "D:maj/3", "Cmaj7#11": "C:maj7(#11)", "C7(b9)": "C:7(b9)", "C7#5": "C:aug(b7)",
    "C7b5": "C:7(*5,b5)", "CmMaj7": "C:minmaj7", "Cm(maj7)": "C:minmaj7", "CmM7": "C:minmaj7",
    "Cminmaj7": "C:minmaj7", "C minor seventh": "C:min7", "C dominant seventh": "C:7",
    "G dominant 7th": "G:7", "C half-diminished seventh": "C:hdim7", "Cø7": "C:hdim7",
    "C°7": "C:dim7", "Cdim7": "C:dim7", "F sharp minor": "F#:min", "B-flat major": "Bb:maj",
    "Bb": "Bb:maj", "B♭maj7": "Bb:maj7", "CM7": "C:maj7", "Cm7": "C:min7", "C-7": "C:min7",
    "CΔ7": "C:maj7", "CΔ": "C:maj", "C5": "C:5", "Cno3": "C:maj(*3)", "C7sus4": "C:sus4(b7)",
    "C9sus4": "C:sus4(b7,9)", "Csus2": "C:sus2", "Csus": "C:sus4", "Cm11": "C:min11",
    "Cmaj13": "C:maj13", "N": "N", "N.C.": "N", "X": "X", "C:maj(9)": "C:maj(9)",
    "D:7(#9)": "D:7(#9)", "am": "A:min", "the chords are G major": "G:maj", "C major": "C:maj",
    "C Major 7": "C:maj7", "C Minor": "C:min", "Db": "Db:maj", "C": "C:maj", "c": "C:maj",
    "Cadd2": "C:maj(9)", "C2": "C:maj(9)", "Eb7(#9,b13)": "Eb:7(#9,b13)",
    "Gb13(#11)": "Gb:13(#11)", "C:maj/3": "C:maj/3", "C:min7/b7": "C:min7/b7",
    "F#m7b5": "F#:hdim7", "Absus4": "Ab:sus4", "C augmented": "C:aug",
    "A diminished seventh": "A:dim7", "E suspended fourth": "E:sus4", "C6": "C:maj6",
    "Cm6": "C:min6", "Cmin69": "C:min6(9)", "C/Bb": "C:maj/b7", "G7/B": "G:7/3", "Bbm": "Bb:min",
    "bb minor": "Bb:min", "C minor over G": "C:min/5",
}  # fmt: skip
WORDS = (
    "something",
    "what",
    "Bass",
    "Add",
    "Dad",
    "a cat",
    "Edge",
    "good",
    "I am",
    "Face",
    "in a band",
    "Beat",
    "Cmas",
    "the song",
)


def test_names_of_chords() -> None:
    assert {name: chord(name) for name in NAMES} == NAMES


@pytest.mark.parametrize("text", WORDS)
def test_words_are_no_chords(text: str) -> None:
    assert chord(text) == text


def test_all_that_is_read_can_be_compared() -> None:
    encode = pytest.importorskip("mir_eval.chord").encode
    for label in NAMES.values():
        encode(label)
