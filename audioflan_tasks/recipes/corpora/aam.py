"""AAM: generated songs with the beats, chords, keys and notes that they were generated from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.corpora.pitches import key_name, note_name
from audioflan_tasks.recipes.corpora.reader import CorpusReader, below, lines_of, reading
from audioflan_tasks.recipes.recording import Recording, TimedLabel

__all__ = ["AAM"]

# A comma outside brackets, which hold lists: `12.5,'[+41]','[]'`.
_COMMA = re.compile(r",(?![^\[]*\])")
_ONSETS_OF = re.compile(r"@ATTRIBUTE '?Onset events of ([^']+)'", re.I)
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MELODY = "melod"
_CHORD = re.compile(r"([A-G][#b]?)(maj|min)")

# Cells of a table, as text.
Rows = list[list[str]]


def _rows(path: Path, columns: int) -> Rows:
    """Cells of the lines of data; some files have no line `@DATA`."""
    rows = []
    with reading(path):
        for number, line in lines_of(path):
            if line[0].isdigit():
                cells = [cell.strip().strip("'") for cell in _COMMA.split(line)]
                if len(cells) < columns:
                    raise RecordError(
                        f"{path}:{number}: {len(cells)} of {columns} cells; cut short?"
                    )
                rows.append(cells)
        return rows


def _listed(cell: str) -> list[str]:
    return [part.strip() for part in cell.strip("[]").split(",") if part.strip()]


def _words(name: str) -> str:
    """`ElectricPiano` as words."""
    return _WORD.sub(" ", name).lower()


def _read(root: Path) -> Iterator[Recording]:
    mixes = {path.name[:4]: path for path in sorted(root.rglob("*_mix.*"))}
    for beat_file in sorted(root.rglob("*_beatinfo.arff")):
        song = beat_file.name[:4]
        with reading(beat_file):
            beats = _rows(beat_file, 4)
            segments = _rows(beat_file.with_name(f"{song}_segments.arff"), 6)
            keys = {key_name(row[3]) for row in segments if row[3]}
            tempi = {float(row[2]) for row in segments if row[2] and float(row[2])}
            names = {name for row in segments for name in _listed(row[4])}
            onset_file = beat_file.with_name(f"{song}_onsets.arff")
            parts, melody = _sounding(onset_file, segments)
            yield Recording(
                id=song, piece=song, place=str(beat_file), domain="music",
                audio=below(root, mixes[song]) if song in mixes else f"{song}_mix.flac",
                # A song that changes its key has none to ask for.
                key=keys.pop() if len(keys) == 1 else "",
                tempo_bpm=tempi.pop() if len(tempi) == 1 else None,
                instruments=tuple(sorted(map(_words, names))),
                beats=tuple(float(row[0]) for row in beats), chords=_chords(beats),
                instrument_parts=parts, melody_notes=melody,
            )  # fmt: skip


def _chords(beats: Rows) -> tuple[TimedLabel, ...]:
    """Chords in the form C:maj, from one change to the next; the last beat only ends the song."""
    chords: list[TimedLabel] = []
    for row, following in pairwise(beats):
        match = _CHORD.fullmatch(row[3])
        label = f"{match[1]}:{match[2]}" if match else "N"
        start, end = float(row[0]), float(following[0])
        if chords and chords[-1].label == label:
            start = chords.pop().start
        chords.append(TimedLabel(start, end, label))
    return tuple(chords)


def _sounding(
    path: Path, segments: Rows
) -> tuple[tuple[TimedLabel, ...], tuple[TimedLabel, ...]]:  # fmt: skip
    """When each instrument sounds, and the notes of the one that has the melody."""
    if not path.is_file():
        return (), ()
    names = [match[1] for _, line in lines_of(path) if (match := _ONSETS_OF.match(line))]
    rows = _rows(path, 1 + len(names))
    parts: list[TimedLabel] = []
    melody: list[TimedLabel] = []
    for row, following in pairwise(rows):
        start, end = float(row[0]), float(following[0])
        pitches = {name: _listed(cell) for name, cell in zip(names, row[1:], strict=False)}
        parts += [TimedLabel(start, end, _words(name)) for name in names if pitches[name]]
        leader = _melody_instrument(segments, start)
        if pitches.get(leader):
            _add_note(melody, start, end, pitches[leader])
    return _joined(parts), tuple(melody)


def _melody_instrument(segments: Rows, time: float) -> str:
    """The instrument whose generator makes the melody at a time, "" where none does."""
    row = next((row for row in reversed(segments) if float(row[0]) <= time), None)
    if row is None:
        return ""
    pairs = zip(_listed(row[4]), _listed(row[5]), strict=False)
    return next((name for name, generator in pairs if _MELODY in generator.lower()), "")


def _add_note(melody: list[TimedLabel], start: float, end: float, pitches: Sequence[str]) -> None:
    """Adds the highest of the notes; `+` marks one that begins, others go on."""
    highest = max(pitches, key=lambda pitch: int(pitch.lstrip("+")))
    note = TimedLabel(start, end, note_name(int(highest.lstrip("+"))))
    goes_on = melody and melody[-1].label == note.label and melody[-1].end == start
    if goes_on and not highest.startswith("+"):
        note = note._replace(start=melody.pop().start)
    melody.append(note)


def _joined(parts: Sequence[TimedLabel]) -> tuple[TimedLabel, ...]:
    """Parts of an instrument that follow one another at once are one."""
    joined: list[TimedLabel] = []
    last: dict[str, int] = {}
    for part in parts:
        place = last.get(part.label)
        if place is not None and joined[place].end == part.start:
            joined[place] = joined[place]._replace(end=part.end)
        else:
            last[part.label] = len(joined)
            joined.append(part)
    return tuple(joined)


AAM = CorpusReader(
    name="AAM",
    expects=("**/*_beatinfo.arff", "**/*_segments.arff", "**/*_mix.*"),
    read=_read,
)
