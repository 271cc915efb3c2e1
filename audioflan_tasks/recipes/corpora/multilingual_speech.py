"""Speech in several languages: ESD, Common Voice, MLS, FLEURS, CVSS, Genshin, StarRail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.corpora.reader import (
    CorpusReader,
    below,
    files_below,
    first_line,
    lines_of,
    read_json,
    table_rows,
)
from audioflan_tasks.recipes.recording import Recording, gender_of
from audioflan_tasks.recipes.text_files import key_values
from audioflan_tasks.records.instance import Split
from audioflan_tasks.records.settle import split_name
from audioflan_tasks.vocabularies.languages import language_name

__all__ = ["MULTILINGUAL_SPEECH"]

_ESD_SPLITS: Mapping[str, Split] = MappingProxyType(
    {"train": "train", "evaluation": "validation", "test": "test"}
)
# Emotions of ESD in its Chinese and English lists.
_ESD_EMOTIONS = MappingProxyType(
    {"中立": "neutral", "快乐": "happy", "生气": "angry", "伤心": "sad", "惊喜": "surprise"}
)


def _esd(root: Path) -> Iterator[Recording]:
    for folder in sorted(path for path in root.glob("[0-9]" * 4) if path.is_dir()):
        lists = [path for path in folder.glob("*.txt") if path.stem == folder.name]
        labels = {}
        for _, line in lines_of(lists[0], ("utf-8-sig", "gb18030", "utf-16")) if lists else ():
            cells = line.replace("\t", "  ").split()
            if len(cells) >= 3:
                labels[cells[0]] = (" ".join(cells[1:-1]), cells[-1])
        for path in sorted(folder.rglob(f"{folder.name}_*.wav")):
            if path.stem not in labels:
                raise RecordError(f"{path}: {folder.name}.txt has no line for it")
            text, emotion = labels[path.stem]
            english = int(folder.name) > 10
            yield Recording(
                id=path.stem, audio=below(root, path), place=str(path), text=text,
                split=_ESD_SPLITS.get(path.parent.name), speaker=folder.name,
                language="English" if english else "Chinese",
                emotion=_ESD_EMOTIONS.get(emotion, emotion.lower()),
                # 350 sentences, in the same order for each emotion; other ones in each language.
                sentence=f"{'en' if english else 'zh'}{(int(path.stem[-6:]) - 1) % 350}",
            )  # fmt: skip


def _common_voice(root: Path) -> Iterator[Recording]:
    columns = ("client_id", "path", "sentence", "age", "gender")
    for folder in sorted({path.parent for path in (*root.glob("*.tsv"), *root.glob("*/*.tsv"))}):
        if not (folder / "clips").is_dir():
            continue
        language = language_name(folder.name)
        for name in ("train", "dev", "test"):
            table = folder / f"{name}.tsv"
            for place, row in table_rows(table, columns, "\t") if table.is_file() else ():
                yield Recording(
                    id=row["path"].removesuffix(".mp3"), place=place, split=split_name(name),
                    audio=below(root, folder / "clips" / row["path"]), text=row["sentence"].strip(),
                    speaker=row["client_id"], language=language,
                    age=row["age"].replace("fourties", "forties"),
                    gender=gender_of(row["gender"]),
                    accent=row.get("accents", row.get("accent", "")),
                )  # fmt: skip


def _mls(root: Path) -> Iterator[Recording]:
    for folder in sorted(path for path in root.glob("mls_*") if path.is_dir()):
        language = folder.name.split("_")[1].capitalize()
        suffix = ".opus" if folder.name.endswith("_opus") else ".flac"
        genders = {}
        for _, line in lines_of(folder / "metainfo.txt"):
            cells = [cell.strip() for cell in line.split("|")]
            genders[cells[0]] = gender_of(cells[1]) if len(cells) > 1 else ""
        for name in ("train", "dev", "test"):
            texts = folder / name / "transcripts.txt"
            for stem, text in key_values(texts).items() if texts.is_file() else ():
                speaker, book, *_ = [*stem.split("_"), ""]
                audio = folder / name / "audio" / speaker / book / f"{stem}{suffix}"
                yield Recording(
                    id=stem, audio=below(root, audio), place=f"{texts}: {stem}", text=text,
                    split=split_name(name), language=language, speaker=speaker, piece=book,
                    gender=genders.get(speaker, ""),
                )  # fmt: skip


def _fleurs(root: Path) -> Iterator[Recording]:
    """The official archives: `<lang>/<split>.tsv` without names, `<lang>/audio/<split>/*.wav`.

    A sentence has one number in all languages; its English text is the translation of the others.
    """
    english = {
        cells[0]: cells[2] for table in root.glob("en_us/*.tsv") for _, cells in _fleurs_rows(table)
    }
    for table in sorted(root.glob("*/*.tsv")):
        language = language_name(table.parent.name)
        for place, (sentence, file, text, *_, gender) in _fleurs_rows(table):
            translation = "" if language == "English" else english.get(sentence, "")
            yield Recording(
                id=f"{table.parent.name}_{table.stem}_{file.removesuffix('.wav')}",
                audio=below(root, table.parent / "audio" / table.stem / file), place=place,
                split=split_name(table.stem), text=text, language=language, sentence=sentence,
                gender=gender_of(gender), translation=translation,
                translation_language="English" if translation else "",
            )  # fmt: skip


def _fleurs_rows(table: Path) -> Iterator[tuple[str, list[str]]]:
    for number, line in lines_of(table):
        cells = line.split("\t")
        if len(cells) < 7:
            raise RecordError(f"{table}:{number}: {len(cells)} of 7 columns")
        yield f"{table}:{number}", cells[:7]


# Folders of pairs: `cvss_c_zh-CN_en_v1.0`, as the archive is called, or `zh-CN-en`.
_CVSS_FOLDER = re.compile(r"(?:cvss_[ct]_)?(?P<source>[a-z]{2}(?:-[A-Z]{2})?)[_-]en(?:_v1\.0)?")


def _cvss(root: Path) -> Iterator[Recording]:
    """The speech that is translated: clips of Common Voice 4 that lie in the same root."""
    for (source, split), table in _cvss_tables(root).items():
        clips = next(chain(root.glob(f"{source}/clips"), root.glob(f"*/{source}/clips")), None)
        folder = f"{source}/clips" if clips is None else below(root, clips)
        for number, line in lines_of(table):
            clip, _, translation = line.partition("\t")
            yield Recording(
                id=Path(clip).stem, audio=f"{folder}/{clip}", place=f"{table}:{number}",
                split=split, language=language_name(source), translation=translation.strip(),
                translation_language="English",
            )  # fmt: skip


def _cvss_tables(root: Path) -> Mapping[tuple[str, Split], Path]:
    """By source language and split; CVSS-C and CVSS-T translate the same clips."""
    tables: dict[tuple[str, Split], Path] = {}
    for table in sorted((*root.glob("*/*.tsv"), *root.glob("*/*/*.tsv"))):
        pair, split = _CVSS_FOLDER.fullmatch(table.parent.name), split_name(table.stem)
        if pair is not None and split is not None:
            tables.setdefault((pair["source"], split), table)
    return tables


# Words for languages in folders and tables of voices of games.
_GAME_LANGUAGES = MappingProxyType(
    {
        "chinese": "Chinese", "中文": "Chinese", "chs": "Chinese", "cn": "Chinese",
        "english": "English", "英语": "English", "en": "English",
        "japanese": "Japanese", "日语": "Japanese", "jp": "Japanese",
        "korean": "Korean", "韩语": "Korean", "kr": "Korean",
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_MARKUP = re.compile(r"<[^>]*>|\{RUBY[^}]*\}")


def _game_voices(root: Path) -> Iterator[Recording]:
    """One folder a character with `.wav` and `.lab`, or `result.json` beside the files."""
    table = root / "result.json"
    if table.is_file():
        yield from _listed_voices(root, table)
        return
    for label in files_below(root, "", ".lab"):
        stem, folder = label.removesuffix(".lab"), Path(label).parent
        yield Recording(
            id=stem, audio=f"{stem}.wav", place=str(root / label), speaker=folder.name,
            text=_spoken(first_line(root / label)),
            language=_game_language(f"{root.name}/{folder.parent}"),
        )  # fmt: skip


def _listed_voices(root: Path, table: Path) -> Iterator[Recording]:
    voices = read_json(table)
    if not isinstance(voices, dict):
        raise RecordError(f"{table}: expected an object with a voice for each file")
    for name, facts in voices.items():
        if not isinstance(facts, dict):
            raise RecordError(f"{table}: {name}: expected an object with the facts of a voice")
        path = name.replace("\\", "/")
        yield Recording(
            id=path.removesuffix(".wav"), audio=path, place=f"{table}: {name}",
            text=_spoken(_either(facts, "text", "transcription")),
            speaker=_either(facts, "talkRole", "speaker", "avatarName"),
            language=_game_language(_either(facts, "language")),
        )  # fmt: skip


def _either(facts: Mapping[str, Any], *names: str) -> str:
    """The first of these facts that there is; a voice often has neither."""
    return next((str(facts[name]) for name in names if facts.get(name)), "")


def _game_language(text: str) -> str:
    """The language that a path or a table names: `中文 - Chinese`, `English(US)`."""
    words = _WORD.findall(text.lower())
    return next((_GAME_LANGUAGES[word] for word in words if word in _GAME_LANGUAGES), "")


def _spoken(text: str) -> str:
    """The words without markup; "" where a part is filled in by the game, such as a name."""
    words = _MARKUP.sub("", text).replace("\\n", " ").removeprefix("#").strip()
    return "" if "{" in words else words


_GAME_FILES = (
    "result.json or */*.lab or */*/*.lab or */*/*/*.lab",
    "*.wav or */*.wav or */*/*.wav or */*/*/*.wav",
)

MULTILINGUAL_SPEECH: tuple[CorpusReader, ...] = (
    CorpusReader(
        name="ESD",
        expects=("[0-9][0-9][0-9][0-9]/*/*.wav or [0-9][0-9][0-9][0-9]/*/*/*.wav",),
        read=_esd,
    ),
    CorpusReader(
        name="Common Voice",
        expects=("clips/*.mp3 or */clips/*.mp3", "*.tsv or */*.tsv"),
        read=_common_voice,
    ),
    CorpusReader(name="MLS", expects=("mls_*/metainfo.txt", "mls_*/*/audio/*/*/*.*"), read=_mls),
    CorpusReader(name="FLEURS", expects=("*/*.tsv", "*/audio/*/*.wav"), read=_fleurs),
    CorpusReader(
        name="CVSS",
        expects=(
            "*[_-]en*/*.tsv or */*[_-]en*/*.tsv",
            # Of Common Voice 4, which CVSS does not hold.
            "*/clips/*.mp3 or */*/clips/*.mp3",
        ),
        read=_cvss,
    ),
    CorpusReader(name="Genshin", expects=_GAME_FILES, read=_game_voices),
    CorpusReader(name="StarRail", expects=_GAME_FILES, read=_game_voices),
)
