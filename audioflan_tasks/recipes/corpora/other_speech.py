"""Chinese and multilingual speech: AISHELL-1 and -3, ESD, KeSpeech, Common Voice, MLS, FLEURS."""

from __future__ import annotations

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
from audioflan_tasks.recipes.text_files import key_values
from audioflan_tasks.records.instance import Split
from audioflan_tasks.vocabularies.languages import language_name

__all__ = ["OTHER_SPEECH"]

_SPLITS: Mapping[str, Split] = MappingProxyType(
    {"train": "train", "dev": "validation", "test": "test", "evaluation": "validation"}
)
_GENDERS = MappingProxyType(
    {
        "M": "male", "F": "female", "MALE": "male", "FEMALE": "female", "male": "male",
        "female": "female", "male_masculine": "male", "female_feminine": "female",
    }
)  # fmt: skip
# Emotions of ESD in its Chinese and English lists.
_ESD_EMOTIONS = MappingProxyType(
    {"中立": "neutral", "快乐": "happy", "生气": "angry", "伤心": "sad", "惊喜": "surprise"}
)


def _aishell_1(root: Path) -> Iterator[Recording]:
    base = root / "data_aishell"
    texts = key_values(base / "transcript" / "aishell_transcript_v0.8.txt")
    info = root / "resource_aishell" / "speaker.info"
    genders = key_values(info) if info.is_file() else {}
    for path in sorted((base / "wav").glob("*/*/*.wav")):
        speaker = path.parent.name
        yield Recording(
            id=path.stem, audio=below(root, path), place=str(path), language="Chinese",
            split=_SPLITS.get(path.parent.parent.name), speaker=speaker,
            # Words are separated by blanks for other tools, which is not how Chinese is written.
            text=texts.get(path.stem, "").replace(" ", ""),
            gender=_GENDERS.get(genders.get(speaker.removeprefix("S"), ""), ""),
        )  # fmt: skip


def _aishell_3(root: Path) -> Iterator[Recording]:
    genders = {}
    for _, line in lines_of(root / "spk-info.txt"):
        cells = line.split("\t")
        if len(cells) >= 3 and not line.startswith("#"):
            genders[cells[0].strip()] = _GENDERS.get(cells[2].strip(), "")
    for split in ("train", "test"):
        content = root / split / "content.txt"
        for number, line in lines_of(content):
            name, _, rest = line.partition("\t")
            # Characters and pinyin alternate.
            tokens = rest.split()
            stem = name.removesuffix(".wav")
            yield Recording(
                id=stem, audio=f"{split}/wav/{stem[:7]}/{stem}.wav", place=f"{content}:{number}",
                split=_SPLITS[split], language="Chinese", text="".join(tokens[0::2]),
                phones=" ".join(tokens[1::2]), phone_set="pinyin", speaker=stem[:7],
                gender=genders.get(stem[:7], ""),
            )  # fmt: skip


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
                split=_SPLITS.get(path.parent.name), speaker=folder.name,
                language="English" if english else "Chinese",
                emotion=_ESD_EMOTIONS.get(emotion, emotion.lower()),
                # 350 sentences, in the same order for each emotion; other ones in each language.
                sentence=f"{'en' if english else 'zh'}{(int(path.stem[-6:]) - 1) % 350}",
            )  # fmt: skip


def _kespeech(root: Path) -> Iterator[Recording]:
    meta = root / "Metadata"
    speakers = key_values(meta / "utt2spk")
    by_speaker = {
        fact: key_values(meta / name) if (meta / name).is_file() else {}
        for fact, name in (("gender", "spk2gender"), ("age", "spk2age"))
    }
    for phase in ("phase1", "phase2"):
        paths = meta / f"{phase}.wav.scp"
        if not paths.is_file():
            continue
        texts = key_values(meta / f"{phase}.text")
        dialects = meta / f"{phase}.utt2subdialect"
        dialect_of = key_values(dialects) if dialects.is_file() else {}
        for utterance, path in key_values(paths).items():
            speaker = speakers.get(utterance, "")
            gender = by_speaker["gender"].get(speaker, "")
            yield Recording(
                id=utterance, audio=path, place=f"{paths}: {utterance}", language="Chinese",
                text=texts.get(utterance, "").replace("<SPOKEN_NOISE>", "").strip(),
                speaker=speaker, gender=_GENDERS.get(gender, ""), style=phase,
                age=by_speaker["age"].get(speaker, ""), dialect=dialect_of.get(utterance, ""),
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
                    id=row["path"].removesuffix(".mp3"), place=place, split=_SPLITS[name],
                    audio=below(root, folder / "clips" / row["path"]), text=row["sentence"],
                    speaker=row["client_id"], language=language,
                    age=row["age"].replace("fourties", "forties"),
                    gender=_GENDERS.get(row["gender"], ""),
                    accent=row.get("accents", row.get("accent", "")),
                )  # fmt: skip


def _mls(root: Path) -> Iterator[Recording]:
    for folder in sorted(path for path in root.glob("mls_*") if path.is_dir()):
        language = folder.name.split("_")[1].capitalize()
        genders = {}
        for _, line in lines_of(folder / "metainfo.txt"):
            cells = [cell.strip() for cell in line.split("|")]
            genders[cells[0]] = _GENDERS.get(cells[1], "") if len(cells) > 1 else ""
        for name in ("train", "dev", "test"):
            texts = folder / name / "transcripts.txt"
            for stem, text in key_values(texts).items() if texts.is_file() else ():
                speaker, book, _ = stem.split("_")
                audio = folder / name / "audio" / speaker / book / f"{stem}.flac"
                yield Recording(
                    id=stem, audio=below(root, audio), place=f"{texts}: {stem}", text=text,
                    split=_SPLITS[name], language=language, speaker=speaker, piece=book,
                    gender=genders.get(speaker, ""),
                )  # fmt: skip


def _fleurs(root: Path) -> Iterator[Recording]:
    """The official archives: `<lang>/<split>.tsv` without names, `<lang>/audio/<split>/*.wav`."""
    for table in sorted(root.glob("*/*.tsv")):
        split, language = _SPLITS.get(table.stem), language_name(table.parent.name)
        for number, line in lines_of(table):
            cells = line.split("\t")
            if len(cells) < 7:
                raise RecordError(f"{table}:{number}: {len(cells)} of 7 columns")
            sentence, file, raw_text, *_, gender = cells[:7]
            audio = table.parent / "audio" / table.stem / file
            yield Recording(
                id=f"{table.parent.name}_{table.stem}_{file.removesuffix('.wav')}",
                audio=below(root, audio), place=f"{table}:{number}", split=split,
                text=raw_text, language=language, sentence=sentence,
                gender=_GENDERS.get(gender.strip(), ""),
            )  # fmt: skip


OTHER_SPEECH: tuple[CorpusReader, ...] = (
    CorpusReader(
        name="AISHELL-1",
        expects=("data_aishell/transcript/aishell_transcript_v0.8.txt", "data_aishell/wav/*/*"),
        read=_aishell_1,
    ),
    CorpusReader(
        name="AISHELL-3",
        expects=("spk-info.txt", "train/content.txt", "test/content.txt"),
        read=_aishell_3,
    ),
    CorpusReader(name="ESD", expects=("[0-9][0-9][0-9][0-9]/**/*.wav",), read=_esd),
    CorpusReader(
        name="KeSpeech", expects=("Metadata/utt2spk", "Metadata/phase1.wav.scp"), read=_kespeech
    ),
    CorpusReader(name="Common Voice", expects=("**/clips",), read=_common_voice),
    CorpusReader(name="MLS", expects=("mls_*/metainfo.txt",), read=_mls),
    CorpusReader(name="FLEURS", expects=("*/*.tsv", "*/audio"), read=_fleurs),
)
