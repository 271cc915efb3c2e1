"""English speech: LJSpeech, VCTK, LibriTTS-R, Fluent Speech Commands, EmoV-DB."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.corpora.reader import (
    CorpusReader,
    below,
    lines_of,
    table_rows,
)
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.records.instance import Split

__all__ = ["ENGLISH_SPEECH"]

_GENDERS = MappingProxyType({"M": "male", "F": "female"})
_LIBRI_SPLITS: Mapping[str, Split] = MappingProxyType(
    {"train": "train", "dev": "validation", "test": "test"}
)


def _ljspeech(root: Path) -> Iterator[Recording]:
    for number, line in lines_of(root / "metadata.csv"):
        cells = line.split("|")
        if len(cells) < 2:
            raise RecordError(f"{root / 'metadata.csv'}:{number}: expected ID|TEXT|NORMALIZED")
        # The normalized text says numbers as they are read.
        yield Recording(
            id=cells[0], audio=f"wavs/{cells[0]}.wav", place=f"{root / 'metadata.csv'}:{number}",
            text=cells[-1].strip(), language="English", speaker="Linda Johnson", gender="female",
            piece=cells[0].rsplit("-", 1)[0],
        )  # fmt: skip


def _vctk(root: Path) -> Iterator[Recording]:
    """Version 0.92: two microphones, of which the first is taken as others do."""
    speakers = {}
    for _, line in lines_of(root / "speaker-info.txt"):
        cells = line.split()
        # ID AGE GENDER ACCENTS REGION [COMMENTS]; regions have blanks.
        if len(cells) >= 4 and cells[0] != "ID":
            speakers[cells[0]] = cells
    for path in sorted((root / "wav48_silence_trimmed").glob("*/*_mic1.flac")):
        speaker, stem = path.parent.name, path.stem.removesuffix("_mic1")
        text = root / "txt" / speaker / f"{stem}.txt"
        _, age, gender, accent = (speakers.get(speaker) or ["", "", "", ""])[:4]
        yield Recording(
            id=stem, audio=below(root, path), place=str(text), language="English",
            text=_first_line(text) if text.is_file() else "", speaker=speaker, age=age,
            gender=_GENDERS.get(gender, ""), accent=accent,
        )  # fmt: skip


def _first_line(path: Path) -> str:
    return next((line.strip() for _, line in lines_of(path)), "")


def _libritts_r(root: Path) -> Iterator[Recording]:
    genders = {}
    for _, line in lines_of(root / "speakers.tsv"):
        cells = line.split("\t")
        if len(cells) >= 2:
            genders[cells[0].strip()] = _GENDERS.get(cells[1].strip(), "")
    for folder in sorted(path for path in root.glob("*-*") if path.is_dir()):
        split = _LIBRI_SPLITS.get(folder.name.split("-")[0])
        ratios: dict[str, list[str]] = {}
        for table in sorted(folder.glob("*/*/*.book.tsv")):
            ratios |= {cells[0]: cells for cells in _tab_cells(table)}
        for path in sorted(folder.glob("*/*/*.wav")):
            text = path.with_suffix(".normalized.txt")
            cells = ratios.get(path.stem, [])
            yield Recording(
                id=path.stem, audio=below(root, path), place=str(text), split=split,
                language="English", text=_first_line(text) if text.is_file() else "",
                speaker=path.parent.parent.name, piece=path.parent.name,
                gender=genders.get(path.parent.parent.name, ""),
                snr_db=float(cells[-1]) if len(cells) > 3 and _is_number(cells[-1]) else None,
            )  # fmt: skip


def _tab_cells(path: Path) -> Iterator[list[str]]:
    for _, line in lines_of(path):
        yield line.split("\t")


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text.strip()) is not None


def _fluent(root: Path) -> Iterator[Recording]:
    speakers = root / "data" / "speaker_demographics.csv"
    genders = {}
    if speakers.is_file():
        rows = table_rows(speakers, ("speakerId", "gender"))
        genders = {row["speakerId"]: row["gender"].lower() for _, row in rows}
    for name, split in (("train", "train"), ("valid", "validation"), ("test", "test")):
        columns = ("path", "speakerId", "transcription", "action", "object", "location")
        for place, row in table_rows(root / "data" / f"{name}_data.csv", columns):
            intent = [row[part] for part in ("action", "object", "location")]
            yield Recording(
                # Stems restart in every split; those of paths do not.
                id=row["path"].removeprefix("wavs/speakers/").removesuffix(".wav"),
                audio=row["path"], place=place, split=split,  # type: ignore[arg-type]
                language="English", text=row["transcription"], sentence=row["transcription"],
                speaker=row["speakerId"], gender=genders.get(row["speakerId"], ""),
                intent=" ".join(part for part in intent if part != "none"),
            )  # fmt: skip


def _emov(root: Path) -> Iterator[Recording]:
    """The sorted release; sentences are in CMU ARCTIC's list, which may lie beside it."""
    sentences = {}
    arctic = root / "cmuarctic.data"
    if arctic.is_file():
        for _, line in lines_of(arctic):
            found = re.match(r'\(\s*arctic_([ab])(\d{4})\s+"(.*)"\s*\)', line)
            # Numbers of EmoV-DB are those of list a.
            if found and found[1] == "a":
                sentences[found[2]] = found[3]
    for path in sorted(root.glob("*_*/*.wav")):
        speaker, _, emotion = path.parent.name.partition("_")
        number = path.stem[-4:]
        yield Recording(
            id=f"{speaker}_{path.stem}", audio=below(root, path), place=str(path),
            language="English", speaker=speaker, emotion=emotion.lower(), sentence=number,
            gender={"bea": "female", "jenie": "female", "josh": "male", "sam": "male"}.get(
                speaker.lower(), ""
            ),
            text=sentences.get(number, ""),
        )  # fmt: skip


ENGLISH_SPEECH: tuple[CorpusReader, ...] = (
    CorpusReader(name="LJSpeech", expects=("metadata.csv", "wavs"), read=_ljspeech),
    CorpusReader(
        name="VCTK", expects=("speaker-info.txt", "txt", "wav48_silence_trimmed"), read=_vctk
    ),
    CorpusReader(name="LibriTTS-R", expects=("speakers.tsv", "*-*/*/*/*.wav"), read=_libritts_r),
    CorpusReader(
        name="Fluent Speech Commands",
        expects=("data/train_data.csv", "data/valid_data.csv", "data/test_data.csv", "wavs"),
        read=_fluent,
    ),
    CorpusReader(name="EmoV-DB", expects=("*_*/*.wav",), read=_emov),
)
