"""Songs in parts: MoisesDB and MedleyVox. Each part is a recording that names its mixture."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from audioflan_tasks.recipes.corpora.reader import (
    ANY_AUDIO,
    CorpusReader,
    below,
    read_json,
    reading,
    text_of,
)
from audioflan_tasks.recipes.recording import Recording

__all__ = ["STEMS"]

# In MedleyDB's YAML each recorded part has its file and then its instrument.
_INSTRUMENT = re.compile(
    r"filename:\s*'?([^'\n]+?)\.wav'?\s*\n\s*instrument:\s*'?([^'\n]+?)'?\s*$", re.M
)


def _moisesdb(root: Path) -> Iterator[Recording]:
    """The mixture is the sum of the tracks, which the corpus does not hold."""
    for file in sorted(root.glob("**/data.json")):
        with reading(file):
            yield from _moises_song(root, file)


def _moises_song(root: Path, file: Path) -> Iterator[Recording]:
    song: Mapping[str, Any] = read_json(file)
    name = file.parent.name
    for stem in song["stems"]:
        part = str(stem["stemName"])
        for track in stem["tracks"]:
            audio = file.parent / part / f"{track['id']}.{track['extension']}"
            yield Recording(
                id=f"{name}_{part}_{track['id']}", audio=below(root, audio), place=str(file),
                domain="music", mixture=name, piece=str(song.get("song", "")),
                artist=str(song.get("artist", "")) or name, instruments=(part.replace("_", " "),),
                genres=tuple(filter(None, (song.get("genre"),))),
            )  # fmt: skip


def _medleyvox(root: Path) -> Iterator[Recording]:
    """Segments of voices; who sings is told by MedleyDB's metadata, which lie beside them."""
    instruments = {
        _part(match[1]): match[2]
        for file in sorted(root.glob("**/Metadata/*_METADATA.yaml"))
        for match in _INSTRUMENT.finditer(text_of(file))
    }
    for folder in sorted(path for path in root.glob("*/*/*/gt") if path.is_dir()):
        song, segment = folder.parents[1].name, folder.parent.name
        mixture = f"{folder.parents[2].name}_{song}_{segment}"
        voices = {
            path: instruments.get(_part(path.stem.rsplit(" - ", 1)[0]), "")
            for path in sorted(folder.glob("*.wav"))
        }
        mixes = sorted((folder.parent / "mix").glob("*.wav"))
        parts = [(path, mixture, sorted(set(voices.values()))) for path in mixes[:1]]
        parts += [
            (path, f"{mixture}_{n}", [voice]) for n, (path, voice) in enumerate(voices.items())
        ]
        for path, name, singers in parts:
            yield Recording(
                id=name, audio=below(root, path), place=str(path), domain="music", piece=song,
                mixture=mixture, instruments=tuple(filter(None, singers)),
            )  # fmt: skip


def _part(name: str) -> str:
    """`Artist_Song_RAW_05_01` by its song and numbers, whatever else is in the name."""
    return re.sub(r"\W+", "_", name).lower()


STEMS: tuple[CorpusReader, ...] = (
    CorpusReader(name="MoisesDB", expects=("**/data.json", ANY_AUDIO), read=_moisesdb),
    CorpusReader(
        name="MedleyVox",
        expects=("*/*/*/gt/*.wav", "*/*/*/mix/*.wav", "**/Metadata/*_METADATA.yaml"),
        read=_medleyvox,
    ),
)
