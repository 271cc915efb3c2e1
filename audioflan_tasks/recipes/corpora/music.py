"""Notes, patterns and sung lines: NSynth, VocalSet, JazzNet, Opencpop, M4Singer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.corpora.reader import (
    CorpusReader,
    below,
    lines_of,
    read_json,
    table_rows,
)
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.records.settle import split_name

__all__ = ["MUSIC"]


def _nsynth(root: Path) -> Iterator[Recording]:
    for folder in sorted(root.glob("nsynth-*")):
        for name, facts in read_json(folder / "examples.json").items():
            yield Recording(
                id=name, audio=below(root, folder / "audio" / f"{name}.wav"), domain="music",
                place=f"{folder / 'examples.json'}: {name}",
                split=split_name(folder.name.removeprefix("nsynth-")),
                instruments=(str(facts["instrument_family_str"]).replace("_", " "),),
                note=str(facts["pitch"]), piece=str(facts["instrument_str"]),
            )  # fmt: skip


def _vocalset(root: Path) -> Iterator[Recording]:
    """One of the three views of the archive; the others hold the same files."""
    base = next(root.glob("**/data_by_singer"))
    for path in sorted(base.glob("*/*/*/*.wav")):
        technique, singer = path.parent.name.replace("_", " "), path.parent.parent.parent.name
        yield Recording(
            id=f"{singer}_{path.parent.parent.name}_{path.stem}", audio=below(root, path),
            place=str(path), domain="music", artist=singer, vocal_technique=technique,
            instruments=("voice",), gender="female" if singer.startswith("f") else "male",
        )  # fmt: skip


def _jazznet(root: Path) -> Iterator[Recording]:
    files = {path.stem: path for path in root.rglob("*.wav")}
    for table in sorted((root / "metadata").glob("*.csv")):
        for place, row in table_rows(table, ("name", "type", "mode", "split")):
            path = files.get(row["name"])
            yield Recording(
                id=row["name"], place=place, domain="music", split=split_name(row["split"]),
                audio=below(root, path) if path else f"{row['name']}.wav", instruments=("piano",),
                scale=row["mode"].removesuffix("-scale").replace("-", " ")
                if row["type"].startswith("scale") else "",
                progression=row["mode"] if row["type"].startswith("progression") else "",
            )  # fmt: skip


def _opencpop(root: Path) -> Iterator[Recording]:
    for name in ("train", "test"):
        table = root / "segments" / f"{name}.txt"
        for number, line in lines_of(table):
            cells = line.split("|")
            if len(cells) != 7:
                raise RecordError(f"{table}:{number}: {len(cells)} of 7 fields")
            stem, lyrics, phones, notes, lengths = cells[:5]
            yield Recording(
                id=stem, audio=f"segments/wavs/{stem}.wav", place=f"{table}:{number}",
                domain="music", split=split_name(name), lyrics=lyrics, piece=stem[:4],
                artist="Opencpop singer", instruments=("voice",),
                score=_score(notes.split(), lengths.split(), phones.split()),
            )  # fmt: skip


def _m4singer(root: Path) -> Iterator[Recording]:
    for number, item in enumerate(read_json(root / "meta.json")):
        singer, song, take = item["item_name"].split("#")
        yield Recording(
            id=item["item_name"].replace("#", "_"), audio=f"{singer}#{song}/{take}.wav",
            place=f"{root / 'meta.json'}: item {number}", domain="music", artist=singer,
            piece=song, lyrics=str(item["txt"]), instruments=("voice",),
        )  # fmt: skip


def _score(notes: list[str], lengths: list[str], phones: list[str]) -> str:
    """Notes with their lengths and phones, one after the other: `C4 0.25 s h`."""
    parts = zip(notes, lengths, phones, strict=False)
    return " | ".join(f"{note} {float(length):.2f} {phone}" for note, length, phone in parts)


MUSIC: tuple[CorpusReader, ...] = (
    CorpusReader(name="NSynth", expects=("nsynth-*/examples.json",), read=_nsynth),
    CorpusReader(name="VocalSet", expects=("**/data_by_singer",), read=_vocalset),
    CorpusReader(name="JazzNet", expects=("metadata/*.csv",), read=_jazznet),
    CorpusReader(
        name="Opencpop", expects=("segments/train.txt", "segments/test.txt"), read=_opencpop
    ),
    CorpusReader(name="M4Singer", expects=("meta.json",), read=_m4singer),
)
