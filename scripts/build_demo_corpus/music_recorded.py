"""Recorded music: stems of a metal band, and excerpts of four artists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import soundfile
from common import SPLITS, Builder, Source, Split, resampled, sha256, span
from fetch import Package, debian
from music_pieces import STYLES, Piece
from numpy.typing import NDArray

_BAND = Package(
    "fretsonfire-songs-muldjord", "2.dfsg-2.1",
    "b37adf8b08b46d4182c283e760e4f40622d83674e05803960ea1e11a92600c7b",
)  # fmt: skip
_HOLD = Package(
    "asterisk-moh-opsound-wav", "2.03-1.1",
    "8f9d808a729d305c2d3343993f21ca5e6829e411682618dc8ea7aa8bc24a566c",
)  # fmt: skip
_STEMS = "41_Muldjord"
_TRACKS = "42_OpsoundMusic"
_SONGS: Mapping[Split, tuple[str, ...]] = {
    "train": ("armygeddon", "chaos_god"), "dev": ("internal_degeneration",),
    "test": ("mutilated_mime",),
}  # fmt: skip
_ARTISTS = ("Macroform", "Manolo Camp", "Muldjord", "Reno Project")
# Artist, track, and where in it the excerpts begin, in percent. Macroform has three tracks,
# one for each split; the others have one, cut apart.
_HELD: Mapping[Split, tuple[tuple[str, str, int], ...]] = {
    "train": (
        ("Macroform", "macroform-cold_day", 20),
        ("Manolo Camp", "manolo_camp-morning_coffee", 5),
        ("Reno Project", "reno_project-system", 5),
    ),
    "dev": (
        ("Macroform", "macroform-robot_dity", 20),
        ("Manolo Camp", "manolo_camp-morning_coffee", 50),
        ("Reno Project", "reno_project-system", 50),
    ),
    "test": (
        ("Macroform", "macroform-the_simplicity", 20),
        ("Manolo Camp", "manolo_camp-morning_coffee", 75),
        ("Reno Project", "reno_project-system", 75),
    ),
}
_EACH = {"train": 4, "dev": 2, "test": 2}
_RATE = 24000
_SECONDS = 3.0
_CHANGES = "\n\nChanges: cut, mixed to mono, resampled, set to a common peak and encoded.\n"


def build(builder: Builder, raw: Path, pieces: Sequence[Piece]) -> None:
    """Writes the records."""
    _declare(builder, raw)
    for split in SPLITS:
        metal = _separation(builder, raw, split)
        _artists(builder, raw, split, metal)
        _genres(builder, [p for p in pieces if p.split == split], metal, split)


def _declare(builder: Builder, raw: Path) -> None:
    band = (debian(_BAND, raw) / f"usr/share/doc/{_BAND.name}/copyright").read_text("utf-8")
    builder.folder(
        _STEMS, "CC BY-SA 3.0", band,
        "Songs by El Senator of the Danish metal band Muldjord (www.muldjord.com)." + _CHANGES,
    )  # fmt: skip
    held = (debian(_HOLD, raw) / f"usr/share/doc/{_HOLD.name}/copyright").read_text("utf-8")
    builder.folder(_TRACKS, "CC BY-SA 3.0", held, held + _CHANGES)


def _excerpt(path: Path, start: float, rate: int) -> NDArray[np.float32]:
    cut = resampled(_samples(path, start), soundfile.info(path).samplerate, rate)
    return np.asarray(cut * (0.4 / max(1e-6, float(np.abs(cut).max()))), np.float32)


def _sounding(song: Path, start: float) -> float:
    """The first time from `start` on, in steps of 5 s, at which both stems sound throughout.

    A band is silent at times: a silent stem is no reference to separate.
    """
    while True:
        levels = [
            np.abs(part).max()
            for stem in ("guitar", "song")
            for part in np.array_split(_samples(song / f"{stem}.ogg", start), 6)
        ]
        if min(levels) > 0.001:
            return start
        start += 5.0


def _samples(path: Path, start: float) -> NDArray[np.float32]:
    rate = soundfile.info(path).samplerate
    first, frames = round(start * rate), round(_SECONDS * rate)
    samples, _ = soundfile.read(path, start=first, frames=frames, dtype="float32")
    return np.asarray(samples, np.float32)


def _separation(builder: Builder, raw: Path, split: Split) -> list[str]:
    """Mixtures of guitar and backing; returns the mixtures. Each part is a target in turn."""
    home = debian(_BAND, raw) / "usr/share/games/fretsonfire/data/songs/muldjord"
    mixtures = []
    for song in _SONGS[split]:
        for number in range(6):
            start = _sounding(home / song, 30.0 + 15.0 * number)
            parts = [
                _part(builder, home / song / f"{stem}.ogg", f"{song}_{number}_{stem}", start, split)
                for stem in ("guitar", "song")
            ]
            params = {"levels_db": [0.0, 0.0], "length": "first"}
            made = f"{_STEMS}_sim_{song}_{number}"
            mixture, label = builder.simulated(made, "mix", parts, params, _RATE)
            mixtures.append(mixture)
            for place, target in enumerate(("guitar", "backing band")):
                alone, _ = builder.simulated(
                    f"{made}_part{place}", "mix", parts, {**params, "part": place}, _RATE
                )
                builder.record(
                    "text_guided_source_separation", split, "Separate the named part.",
                    [f"target: {target}", f"mixture: {span(mixture)}"], span(alone), grade="R",
                    source="studio", label=label, speaker=["Muldjord"],
                )  # fmt: skip
    return mixtures


def _part(builder: Builder, path: Path, stem: str, start: float, split: Split) -> str:
    source = Source(_BAND.name, _BAND.version, f"{path.parent.name}/{path.name}",
                    sha256(path.read_bytes()), path.parent.name, "Muldjord")  # fmt: skip
    return builder.clip(_STEMS, stem, _excerpt(path, start, _RATE), _RATE, split, source,
                        codec="opus")  # fmt: skip


def _artists(builder: Builder, raw: Path, split: Split, metal: Sequence[str]) -> None:
    """All artists are given in the band of the narrowest source, 8 kHz."""
    home = debian(_HOLD, raw) / "usr/share/asterisk/moh"
    clips = []
    for artist, track, start in _HELD[split]:
        path = home / f"{track}.wav"
        source = Source(_HOLD.name, _HOLD.version, path.name, sha256(path.read_bytes()), track,
                        artist)  # fmt: skip
        for number in range(_EACH[split]):
            begin = soundfile.info(path).duration * start / 100 + 5.0 * number
            cut = _excerpt(path, begin, 8000)
            name = f"{sha256(cut.tobytes())[:10]}"
            clips.append(
                (artist, builder.clip(_TRACKS, name, cut, 8000, split, source, codec="opus"))
            )
    for number, mixture in enumerate(metal[: _EACH[split]]):
        narrow, _ = builder.simulated(
            f"{_STEMS}_sim_narrow_{split}_{number}", "resample", [mixture], {"rate_hz": 8000}, _RATE
        )
        clips.append(("Muldjord", narrow))
    for number, (artist, audio_id) in enumerate(clips):
        ask = ("Which of these artists plays?", "Identify the artist.")[number % 2]
        builder.record(
            "artist_identification", split, ask, [span(audio_id)], artist, grade="R",
            source="studio", options=_ARTISTS,
        )  # fmt: skip


def _genres(builder: Builder, pieces: Sequence[Piece], metal: Sequence[str], split: Split) -> None:
    options = sorted({*(s.genre for s in STYLES), "metal"})
    clips = [(p.audio_id, p.style.genre, "S") for p in pieces]
    clips += [(m, "metal", "R") for m in metal[:6]]
    for number, (audio_id, genre, grade) in enumerate(clips):
        ask = ("Which genre is this?", "Classify the genre of the music.")[number % 2]
        builder.record(
            "genre_classification", split, ask, [span(audio_id)], genre,
            grade="R" if grade == "R" else "S", source="studio" if grade == "R" else "synthetic",
            options=options,
        )  # fmt: skip
