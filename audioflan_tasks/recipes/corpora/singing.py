"""Singing: CSD, Vocadito, OpenSinger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.corpora.pitches import note_name, note_of_hz
from audioflan_tasks.recipes.corpora.reader import (
    CorpusReader,
    below,
    first_line,
    lines_of,
    reading,
    table_rows,
)
from audioflan_tasks.recipes.recording import Recording, TimedLabel

__all__ = ["SINGING", "lyric_line", "vocadito_recording"]


def _csd(root: Path) -> Iterator[Recording]:
    """Each song in two keys, `a` and `b`, which are one piece; one singer sings them all."""
    for table in sorted(root.glob("**/csv/*.csv")):
        language, stem = table.parent.parent, table.stem
        with reading(table):
            notes = _csd_notes(table)
        yield Recording(
            id=stem, audio=below(root, language / "wav" / f"{stem}.wav"), place=str(table),
            domain="music", piece=stem[:-1], instruments=("voice",),
            language=language.name.capitalize(), lyrics=_lyrics(language / "lyric" / f"{stem}.txt"),
            melody_notes=tuple(note for note, _ in notes),
            score=" | ".join(
                f"{note.label} {note.end - note.start:.2f} {syllable}" for note, syllable in notes
            ),
        )  # fmt: skip


def _csd_notes(table: Path) -> list[tuple[TimedLabel, str]]:
    """Each note with its syllable."""
    rows = (row for _, row in table_rows(table, ("start", "end", "pitch", "syllable")))
    return [
        (
            TimedLabel(float(row["start"]), float(row["end"]), note_name(int(row["pitch"]))),
            row["syllable"],
        )
        for row in rows
    ]


def _vocadito(root: Path) -> Iterator[Recording]:
    """Notes of the first of two annotators; they are not aligned with the lyrics."""
    table = next(root.glob("**/vocadito_metadata.csv"))
    for place, row in table_rows(table, ("track_id", "singer_id", "language")):
        name, labels = f"vocadito_{row['track_id']}", table.parent / "Annotations"
        yield vocadito_recording(
            name,
            below(root, table.parent / "Audio" / f"{name}.wav"),
            place,
            singer=row["singer_id"],
            language=row["language"],
            lyrics=_lyrics(labels / "Lyrics" / f"{name}_lyrics.txt"),
            notes=_notes(labels / "Notes" / f"{name}_notesA1.csv"),
        )


def vocadito_recording(
    name: str,
    audio: str,
    place: str,
    *,
    singer: str,
    language: str,
    lyrics: str,
    notes: tuple[TimedLabel, ...],
) -> Recording:
    """An excerpt; `language` may be `none`, or several with `/`."""
    score = " | ".join(f"{note} {end - start:.2f}" for start, end, note in notes)
    return Recording(
        id=name, audio=audio, place=place, domain="music", artist=singer, piece=name,
        instruments=("voice",),
        language="" if language == "none" else language.replace("/", " or "), lyrics=lyrics,
        melody_notes=notes, score=f"{lyrics} | {score}" if lyrics and score else "",
    )  # fmt: skip


def _notes(path: Path) -> tuple[TimedLabel, ...]:
    """Notes of lines `START,HZ,SECONDS`."""
    notes = []
    with reading(path):
        for number, line in lines_of(path) if path.is_file() else ():
            cells: Sequence[str] = line.split(",")
            if len(cells) < 3:
                raise RecordError(f"{path}:{number}: expected START,HZ,SECONDS")
            start, frequency, seconds = map(float, cells[:3])
            notes.append(TimedLabel(start, start + seconds, note_of_hz(frequency)))
        return tuple(notes)


def _opensinger(root: Path) -> Iterator[Recording]:
    """Numbers of singers begin anew in each of the two folders."""
    for folder, gender in (("ManRaw", "male"), ("WomanRaw", "female")):
        for path in sorted(root.glob(f"**/{folder}/*/*.wav")):
            singer, _, song = path.parent.name.partition("_")
            text = path.with_suffix(".txt")
            yield Recording(
                id=f"{folder}_{path.stem}", audio=below(root, path), place=str(text),
                domain="music", artist=f"{folder}_{singer}", piece=song, gender=gender,
                instruments=("voice",), language="Chinese", lyrics=first_line(text),
            )  # fmt: skip


def _lyrics(path: Path) -> str:
    """Lines of lyrics as one."""
    return lyric_line(line for _, line in lines_of(path)) if path.is_file() else ""


def lyric_line(lines: Iterable[str]) -> str:
    """Lines that are not blank as one."""
    return " / ".join(line.strip() for line in lines if line.strip())


SINGING: tuple[CorpusReader, ...] = (
    CorpusReader(name="CSD", expects=("**/csv/*.csv", "**/wav/*.wav"), read=_csd),
    CorpusReader(
        name="Vocadito",
        expects=(
            "**/vocadito_metadata.csv",
            "**/Annotations/Lyrics",
            "**/Annotations/Notes",
            "**/Audio/vocadito_*.wav",
        ),
        read=_vocadito,
    ),
    CorpusReader(
        name="OpenSinger", expects=("**/ManRaw/*/*.wav", "**/WomanRaw/*/*.wav"), read=_opensinger
    ),
)
