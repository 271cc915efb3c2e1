"""Whole tracks and loops: MTG-Jamendo, FMA, GTZAN-Rhythm, GiantSteps Key, Freesound Loop Dataset,
MusicCaps, MedleyDB, CCOM-HuQin.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.corpora.captions import loop_caption
from audioflan_tasks.recipes.corpora.pitches import key_name
from audioflan_tasks.recipes.corpora.reader import (
    ANY_AUDIO,
    CorpusReader,
    below,
    csv_rows,
    first_line,
    lines_of,
    read_json,
    reading,
    table_rows,
)
from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.records.settle import split_name

__all__ = ["TRACKS", "jamendo_audio", "melody_of", "tempo_of"]

_JAMENDO_SPLITS = "data/splits/split-0/autotagging"
_SPLITS = ("train", "validation", "test")
_MELODY_STEP_S = 0.1


def _mtg_jamendo(root: Path) -> Iterator[Recording]:
    """The first of the five official splits. The table of all tracks may be a link that is lost."""
    for name in _SPLITS:
        table = root / f"{_JAMENDO_SPLITS}-{name}.tsv"
        with reading(table):
            for number, line in lines_of(table):
                track, artist, album, path, _, *tags = line.strip().split("\t")
                if track == "TRACK_ID":
                    continue
                kinds = defaultdict[str, list[str]](list)
                for tag in tags:
                    kind, _, value = tag.strip().partition("---")
                    kinds[kind].append(value)
                yield Recording(
                    id=track, audio=jamendo_audio(root, path), place=f"{table}:{number}",
                    split=split_name(name), domain="music", artist=artist, piece=album,
                    genres=tuple(kinds["genre"]), instruments=tuple(kinds["instrument"]),
                    moods=tuple(kinds["mood/theme"]),
                    tags=tuple(value for values in kinds.values() for value in values),
                )  # fmt: skip


def jamendo_audio(root: Path, path: str) -> str:
    """The file, which lies in a folder of the user's, at full or at low quality."""
    low = f"{path.removesuffix('.mp3')}.low.mp3"
    choices = [f"{folder}{name}" for folder in ("audio/", "", "audio-low/") for name in (path, low)]
    return next((choice for choice in choices if (root / choice).is_file()), choices[0])


def _fma(root: Path) -> Iterator[Recording]:
    """Tracks of whichever subset is there; their licences are their artists'."""
    table = next(root.glob("**/tracks.csv"))
    folders = sorted(root.glob("**/fma_*/000"))
    rows = (cells for _, cells in csv_rows(table))
    groups, names = next(rows, []), next(rows, [])
    columns = [f"{group} {name}" for group, name in zip(groups, names, strict=False)]
    for cells in rows:
        row = dict(zip(columns, cells, strict=False))
        # The third line names the first column alone.
        track = f"{int(cells[0]):06d}" if cells[0].isdecimal() else ""
        audio = f"{track[:3]}/{track}.mp3"
        folder = next((f.parent for f in folders if (f.parent / audio).is_file()), None)
        if folder is not None:
            yield Recording(
                id=track, audio=below(root, folder / audio), place=f"{table}: {track}",
                domain="music", artist=row.get("artist name", ""),
                split=split_name(row.get("set split", "")), piece=row.get("album title", ""),
                genres=tuple(filter(None, (row.get("track genre_top", ""),))),
                licence=row.get("track license", ""),
            )  # fmt: skip


def _gtzan_rhythm(root: Path) -> Iterator[Recording]:
    audio = {
        path.stem: path
        for suffix in ("wav", "au")
        for path in root.glob(f"**/*.[0-9][0-9][0-9][0-9][0-9].{suffix}")
    }
    tempi = {path.stem: path for path in root.glob("**/tempo/gtzan_*.bpm")}
    for name, beats in sorted((path.stem, path) for path in root.glob("**/beats/gtzan_*.beats")):
        with reading(beats):
            genre, _, number = name.removeprefix("gtzan_").rpartition("_")
            stem = f"{genre}.{number}"
            path = audio.get(stem)
            yield Recording(
                id=stem, audio=below(root, path) if path else f"{stem}.wav", place=str(beats),
                domain="music", genres=(genre,), piece=stem,
                beats=tuple(float(line.split()[0]) for _, line in lines_of(beats)),
                tempo_bpm=tempo_of(first_line(tempi[name])) if name in tempi else None,
            )  # fmt: skip


def _giantsteps_key(root: Path) -> Iterator[Recording]:
    """Either release: `annotations/key/*.key`, or `keys_gs+/*.txt`. Some files state two keys."""
    for path in sorted((*root.glob("**/annotations/key/*.key"), *root.glob("**/keys_gs+/*.txt"))):
        folder = path.parents[2] if path.suffix == ".key" else path.parents[1]
        facts = folder / "meta" / f"{path.stem}.json"
        with reading(facts):
            artist, genres = _shop_facts(read_json(facts)) if facts.is_file() else ("", ())
        yield Recording(
            id=path.stem, audio=below(root, folder / "audio" / f"{path.stem}.mp3"),
            place=str(path), domain="music", piece=path.stem, key=key_name(first_line(path)),
            artist=artist, genres=genres,
        )  # fmt: skip


def _shop_facts(facts: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Artists and genres of a track, as the shop lists them."""
    artists, genres = (
        tuple(str(each["name"]) for each in facts[kind]) for kind in ("artists", "genres")
    )
    return ", ".join(artists), genres


def _fsld(root: Path) -> Iterator[Recording]:
    """What the annotators of a loop agree on; a loop that one of them discards is left out."""
    base = next(root.glob("**/metadata.json")).parent
    answers = defaultdict[str, list[Mapping[str, Any]]](list)
    for path in sorted(base.glob("annotations/**/sound-*.json")):
        answers[path.stem.removeprefix("sound-")].append(read_json(path))
    metadata = read_json(base / "metadata.json")
    files = {path.name.split(".")[0].split("_")[0]: path for path in base.glob("audio/**/*.wav")}
    for sound, opinions in sorted(answers.items()):
        facts = metadata.get(sound, {})
        if sound not in files or any(each.get("discard") for each in opinions):
            continue
        tempo = tempo_of(_agreed(str(each.get("bpm") or "") for each in opinions))
        key = _agreed(key_name(f"{each.get('key')} {each.get('mode')}") for each in opinions)
        genres = opinions[0].get("genres") or ()
        parts = opinions[0].get("instrumentation") or {}
        instruments = tuple(sorted(name for name, is_heard in parts.items() if is_heard))
        yield Recording(
            id=sound, audio=below(root, files[sound]), place=f"{base / 'metadata.json'}: {sound}",
            domain="music", artist=str(facts.get("username", "")), piece=sound,
            genres=tuple(genres), instruments=instruments, tempo_bpm=tempo, key=key,
            licence=str(facts.get("license", "")),
            caption=loop_caption(genres, instruments, tempo, key),
        )  # fmt: skip


def _agreed(values: Iterable[str]) -> str:
    """The value if all have the same."""
    unique = set(values)
    return unique.pop() if len(unique) == 1 else ""


def tempo_of(text: str) -> float | None:
    """A tempo; None for no number and for 0, which means that there is none."""
    try:
        return float(text) or None
    except ValueError:
        return None


def _musiccaps(root: Path) -> Iterator[Recording]:
    """Clips are named by their users: `ID.wav`, `[ID]-[30-40].wav` and `ID_30_40.wav` are found."""
    files = {path.stem: path for path in root.rglob("*.*") if path.suffix != ".csv"}
    for place, row in table_rows(
        root / "musiccaps-public.csv", ("ytid", "start_s", "aspect_list", "caption")
    ):
        name, start, end = row["ytid"], row["start_s"], row.get("end_s", "")
        stems = (name, f"[{name}]-[{start}-{end}]", f"{name}_{start}_{end}", f"{name}_{start}")
        path = next((files[stem] for stem in stems if stem in files), None)
        if path is not None:
            yield Recording(
                id=name, audio=below(root, path), place=place, domain="music",
                split="test" if row.get("is_audioset_eval") == "True" else "train",
                caption=row["caption"], tags=_listed(row["aspect_list"], place),
            )  # fmt: skip


def _listed(text: str, place: str) -> tuple[str, ...]:
    """A list as Python writes it: `['pop', 'slow tempo']`."""
    try:
        values = ast.literal_eval(text)
    except (SyntaxError, ValueError) as error:
        raise RecordError(f"{place}: aspect_list is no list of texts: {text[:40]}") from error
    return tuple(str(value) for value in values)


def _medleydb(root: Path) -> Iterator[Recording]:
    """MedleyDB-Melody: the melody of whatever leads at each time (its second definition)."""
    metadata = next(root.glob("**/medleydb_melody_metadata.json"))
    for track, facts in sorted(read_json(metadata).items()):
        contour = metadata.parent / "melody2" / f"{track}_MELODY2.csv"
        if contour.is_file():
            yield Recording(
                id=track, audio=below(root, metadata.parent / "audio" / f"{track}_MIX.wav"),
                place=str(contour), domain="music", artist=str(facts.get("artist", "")),
                piece=track, genres=tuple(filter(None, (facts.get("genre"),))),
                melody=_contour(contour),
            )  # fmt: skip


def _contour(path: Path) -> tuple[float, ...]:
    """The melody of a table of seconds and Hz."""
    points = []
    with reading(path):
        for number, line in lines_of(path):
            cells = line.split(",")
            if len(cells) < 2:
                raise RecordError(f"{path}:{number}: expected SECONDS,HZ")
            points.append((float(cells[0]), float(cells[1])))
        return melody_of(points)


def melody_of(points: Iterable[tuple[float, float]]) -> tuple[float, ...]:
    """Hz each 0.1 s of seconds and Hz in finer steps."""
    pitches: list[float] = []
    for seconds, frequency in points:
        if seconds >= len(pitches) * _MELODY_STEP_S - 1e-6:
            pitches.append(frequency)
    return tuple(pitches)


def _ccom_huqin(root: Path) -> Iterator[Recording]:
    """Single tones with a technique; the excerpts have several."""
    for path in sorted(root.glob("**/SinglePT/*/*/*.wav")):
        technique, instrument = path.parent.name, path.parent.parent.name
        yield Recording(
            id=f"{instrument}_{technique}_{path.stem}", audio=below(root, path), place=str(path),
            domain="music", technique=technique, instruments=(_spaced(instrument),),
        )  # fmt: skip


def _spaced(name: str) -> str:
    """`SopranoBanhu` as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name).lower()


TRACKS: tuple[CorpusReader, ...] = (
    CorpusReader(
        name="MTG-Jamendo",
        expects=(*(f"{_JAMENDO_SPLITS}-{name}.tsv" for name in _SPLITS), "**/*.mp3"),
        read=_mtg_jamendo,
    ),
    CorpusReader(name="FMA", expects=("**/tracks.csv", "**/fma_*/000/*.mp3"), read=_fma),
    CorpusReader(
        name="GTZAN-Rhythm",
        expects=("**/beats/gtzan_*.beats", "**/*.00???.wav or **/*.00???.au"),
        read=_gtzan_rhythm,
    ),
    CorpusReader(
        name="GiantSteps Key",
        expects=("**/annotations/key/*.key or **/keys_gs+/*.txt", "**/audio/*.mp3"),
        read=_giantsteps_key,
    ),
    CorpusReader(
        name="Freesound Loop Dataset",
        expects=("**/metadata.json", "**/annotations/**/sound-*.json", "**/audio/**/*.wav"),
        read=_fsld,
    ),
    CorpusReader(name="MusicCaps", expects=("musiccaps-public.csv", ANY_AUDIO), read=_musiccaps),
    CorpusReader(
        name="MedleyDB",
        expects=(
            "**/medleydb_melody_metadata.json",
            "**/melody2/*_MELODY2.csv",
            "**/audio/*_MIX.wav",
        ),
        read=_medleydb,
    ),
    CorpusReader(name="CCOM-HuQin", expects=("**/SinglePT/*/*/*.wav",), read=_ccom_huqin),
)
