"""English speech: LJSpeech, VCTK, LibriTTS-R, Hi-Fi TTS, Fluent Speech Commands and others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.corpora.reader import (
    CorpusReader,
    files_below,
    first_line,
    json_lines,
    lines_of,
    table_rows,
)
from audioflan_tasks.recipes.recording import Recording, gender_of
from audioflan_tasks.recipes.text_files import key_values
from audioflan_tasks.records.settle import split_name

__all__ = ["ENGLISH_SPEECH", "intent_of"]


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
    for audio in files_below(root, "wav48_silence_trimmed", "_mic1.flac"):
        speaker, stem = Path(audio).parent.name, Path(audio).stem.removesuffix("_mic1")
        text = root / "txt" / speaker / f"{stem}.txt"
        _, age, gender, accent = (speakers.get(speaker) or ["", "", "", ""])[:4]
        yield Recording(
            # Of p315 there are no texts.
            id=stem, audio=audio, place=str(text), language="English", text=first_line(text),
            speaker=speaker, age=age, gender=gender_of(gender), accent=accent,
        )  # fmt: skip


def _libritts_r(root: Path) -> Iterator[Recording]:
    genders = _libritts_genders(root)
    for folder in sorted(path for path in root.glob("*-*") if path.is_dir()):
        ratios: dict[str, list[str]] = {}
        for table in sorted(folder.glob("*/*/*.book.tsv")):
            ratios |= {cells[0]: cells for cells in _tab_cells(table)}
        for audio in files_below(root, folder.name, ".wav"):
            path = Path(audio)
            text, speaker = root / path.with_suffix(".normalized.txt"), path.parent.parent.name
            cells = ratios.get(path.stem, [])
            yield Recording(
                id=path.stem, audio=audio, place=str(text), language="English",
                split=split_name(folder.name.split("-")[0]), text=first_line(text),
                speaker=speaker, piece=path.parent.name, gender=genders.get(speaker, ""),
                snr_db=float(cells[-1]) if len(cells) > 3 and _is_number(cells[-1]) else None,
            )  # fmt: skip


def _libritts_genders(root: Path) -> Mapping[str, str]:
    """By reader; the table has tabs, or bars as that of LibriSpeech has."""
    name, delimiter = ("speakers.tsv", "\t")
    if not (root / name).is_file():
        name, delimiter = ("SPEAKERS.txt", "|")
    rows = (line.split(delimiter) for _, line in lines_of(root / name))
    return {cells[0].strip(): gender_of(cells[1].strip()) for cells in rows if len(cells) >= 2}


def _tab_cells(path: Path) -> Iterator[list[str]]:
    for _, line in lines_of(path):
        yield line.split("\t")


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text.strip()) is not None


# The ten readers of Hi-Fi TTS, by their numbers at LibriVox; its lists do not say who they are.
_HIFI_GENDERS = MappingProxyType(
    dict.fromkeys(("92", "8051", "9136", "11614", "11697", "12787"), "female")
    | dict.fromkeys(("6097", "6670", "6671", "9017"), "male")
)


def _hifi_tts(root: Path) -> Iterator[Recording]:
    """Lists are called `READER_manifest_{clean,other}_{train,dev,test}.json`."""
    for table in sorted(root.glob("*_manifest_*_*.json")):
        reader, *_, part = table.stem.split("_")
        for place, row in json_lines(table):
            audio = row.get("audio_filepath")
            if not isinstance(audio, str) or not audio:
                raise RecordError(f"{place}: no audio_filepath")
            path = Path(audio)
            yield Recording(
                id=path.with_suffix("").as_posix().removeprefix("audio/"), audio=audio,
                place=place, split=split_name(part), language="English", speaker=reader,
                gender=_HIFI_GENDERS.get(reader, ""), piece=path.parent.name,
                # With punctuation and capitals; "text" has neither.
                text=str(row.get("text_normalized") or row.get("text", "")),
            )  # fmt: skip


def _parallel_audiobooks(root: Path) -> Iterator[Recording]:
    """The segmented release; an utterance has one name in all readings of a book."""
    for texts_file in sorted(root.glob("*/txt.punc")):
        book = texts_file.parent.name
        texts = key_values(texts_file)
        genders = key_values(texts_file.with_name("spk2gender"))
        for audio in files_below(root, f"{book}/wav", ".wav"):
            speaker, stem = Path(audio).parent.name, Path(audio).stem
            yield Recording(
                id=f"{book}_{speaker}_{stem}", audio=audio, place=f"{texts_file}: {stem}",
                language="English", text=texts.get(stem, ""), sentence=f"{book}_{stem}",
                speaker=speaker, gender=gender_of(genders.get(speaker, "")), piece=book,
            )  # fmt: skip


def _fluent(root: Path) -> Iterator[Recording]:
    speakers = root / "data" / "speaker_demographics.csv"
    genders = {}
    if speakers.is_file():
        rows = table_rows(speakers, ("speakerId", "gender"))
        genders = {row["speakerId"]: gender_of(row["gender"]) for _, row in rows}
    for name in ("train", "valid", "test"):
        columns = ("path", "speakerId", "transcription", "action", "object", "location")
        for place, row in table_rows(root / "data" / f"{name}_data.csv", columns):
            yield Recording(
                # Stems restart in every split; those of paths do not.
                id=row["path"].removeprefix("wavs/speakers/").removesuffix(".wav"),
                audio=row["path"], place=place, split=split_name(name), language="English",
                text=row["transcription"], sentence=row["transcription"],
                speaker=row["speakerId"], gender=genders.get(row["speakerId"], ""),
                intent=intent_of(row[part] for part in ("action", "object", "location")),
            )  # fmt: skip


def intent_of(parts: Iterable[str]) -> str:
    """Action, object and location of a command as one label."""
    return " ".join(part for part in parts if part != "none")


_EMOV_GENDERS = MappingProxyType(
    {"bea": "female", "jenie": "female", "josh": "male", "sam": "male"}
)


def _emov(root: Path) -> Iterator[Recording]:
    """The sorted release; sentences are in CMU ARCTIC's list, which may lie beside it."""
    sentences = {}
    arctic = root / "cmuarctic.data"
    if arctic.is_file():
        for _, line in lines_of(arctic):
            match = re.match(r'\(\s*arctic_([ab])(\d{4})\s+"(.*)"\s*\)', line)
            # Numbers of EmoV-DB are those of list a.
            if match and match[1] == "a":
                sentences[match[2]] = match[3]
    for path in sorted(root.glob("*_*/*.wav")):
        speaker, _, emotion = path.parent.name.partition("_")
        number = path.stem[-4:]
        yield Recording(
            id=f"{speaker}_{path.stem}", audio=f"{path.parent.name}/{path.name}", place=str(path),
            language="English", speaker=speaker, emotion=emotion.lower(), sentence=number,
            gender=_EMOV_GENDERS.get(speaker.lower(), ""), text=sentences.get(number, ""),
        )  # fmt: skip


ENGLISH_SPEECH: tuple[CorpusReader, ...] = (
    CorpusReader(name="LJSpeech", expects=("metadata.csv", "wavs/*.wav"), read=_ljspeech),
    CorpusReader(
        name="VCTK",
        expects=("speaker-info.txt", "txt/*/*.txt", "wav48_silence_trimmed/*/*_mic1.flac"),
        read=_vctk,
    ),
    CorpusReader(
        name="LibriTTS-R",
        expects=("speakers.tsv or SPEAKERS.txt", "*-*/*/*/*.wav"),
        read=_libritts_r,
    ),
    CorpusReader(
        name="Hi-Fi TTS", expects=("*_manifest_*_*.json", "audio/*/*/*.flac"), read=_hifi_tts
    ),
    CorpusReader(
        name="Parallel Audiobook Corpus",
        expects=("*/txt.punc", "*/spk2gender", "*/wav/*/*.wav"),
        read=_parallel_audiobooks,
    ),
    CorpusReader(
        name="Fluent Speech Commands",
        expects=(
            "data/train_data.csv",
            "data/valid_data.csv",
            "data/test_data.csv",
            "wavs/speakers/*/*.wav",
        ),
        read=_fluent,
    ),
    CorpusReader(name="EmoV-DB", expects=("*_*/*.wav",), read=_emov),
)
