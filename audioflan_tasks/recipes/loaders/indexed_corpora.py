"""Corpora as mirdata and soundata read them.

Both find the files of a corpus by an index that they download. Here it is made of the files that
are there.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Literal

from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.corpora import READERS, CorpusReader
from audioflan_tasks.recipes.corpora.compmusic import carnatic_recording, saraga_recordings
from audioflan_tasks.recipes.corpora.pitches import key_name, note_of_hz
from audioflan_tasks.recipes.corpora.reader import below, first_line, table_rows
from audioflan_tasks.recipes.corpora.singing import lyric_line, vocadito_recording
from audioflan_tasks.recipes.corpora.tracks import jamendo_audio, melody_of, tempo_of
from audioflan_tasks.recipes.recording import Recording, TimedLabel
from audioflan_tasks.records.instance import Split
from audioflan_tasks.records.settle import split_name

__all__ = ["MIRDATA", "SOUNDATA"]

# What the library calls an entry's files, with their paths.
Files = Mapping[str, Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Module:
    """A module of mirdata or soundata, and what its entries are.

    `home` gives the folder that the module begins in. `files` gives the files of each entry, by
    its id and the module's word for them; the module has no use for `absent` ones here.
    `recording` makes one of an entry and the path of its audio below the root, if it is of use.
    """

    name: str
    files: Callable[[Path], Mapping[str, Files]]
    recording: Callable[[Any, str], Recording | None]
    home: Callable[[Path], Path] = lambda root: root
    absent: tuple[str, ...] = ()
    has_splits: bool = False
    library: Literal["mirdata", "soundata"] = "mirdata"

    def recordings(self, root: Path) -> Iterator[Recording]:
        """The corpus's clips, by their ids.

        Raises:
          RecordError: the library cannot read the corpus.
        """
        files = self.files(self.home(root))
        try:
            with warnings.catch_warnings():
                # Of the libraries' own code, and of those for audio that they import.
                warnings.simplefilter("ignore")
                recordings = self._read(root, files) if files else []
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise RecordError(
                f"{root}: {self.library}'s module {self.name} stopped ({reason}); "
                "our own reader needs no --loader"
            ) from error
        yield from filter(None, recordings)

    def _read(self, root: Path, files: Mapping[str, Files]) -> list[Recording | None]:
        home = self.home(root)
        dataset = import_module(self.library).initialize(self.name, data_home=str(home))
        entries = self._entries(dataset, home, files)
        parts = dataset.get_track_splits() if self.has_splits else {}
        splits = {name: split_name(part) for part, names in parts.items() for name in names}
        recordings = []
        for name, paths in sorted(files.items()):
            recording = self.recording(entries[name], below(root, paths["audio"]))
            if recording is not None and name in splits:
                recording = replace(recording, split=splits[name])
            recordings.append(recording)
        return recordings

    def _entries(self, dataset: Any, home: Path, files: Mapping[str, Files]) -> Mapping[str, Any]:
        """The module's tracks or clips, by an index of the files."""
        kind = "tracks" if self.library == "mirdata" else "clips"
        entries = {
            name: {
                **{key: [None, None] for key in self.absent},
                # Path and checksum.
                **{key: [below(home, path), None] for key, path in paths.items()},
            }
            for name, paths in files.items()
        }
        with TemporaryDirectory() as folder:
            dataset.index_path = str(Path(folder) / "index.json")
            Path(dataset.index_path).write_text(json.dumps({"version": None, kind: entries}))
            items: Mapping[str, Any] = getattr(dataset, f"load_{kind}")()
        return items


def _existing(files: Files) -> Files:
    return {key: path for key, path in files.items() if path.is_file()}


def _vocadito_files(home: Path) -> Mapping[str, Files]:
    labels = home / "Annotations"
    return {
        audio.stem.removeprefix("vocadito_"): {
            "audio": audio,
            "lyrics": labels / "Lyrics" / f"{audio.stem}_lyrics.txt",
            "notesA1": labels / "Notes" / f"{audio.stem}_notesA1.csv",
        }
        for audio in home.glob("Audio/vocadito_*.wav")
    }


def _vocadito(track: Any, audio: str) -> Recording:
    notes = track.notes_a1
    return vocadito_recording(
        f"vocadito_{track.track_id}",
        audio,
        track.notes_a1_path,
        singer=track.singer_id,
        language=track.language,
        lyrics=lyric_line(" ".join(words) for words in track.lyrics),
        notes=tuple(
            TimedLabel(float(start), float(end), note_of_hz(float(pitch)))
            for (start, end), pitch in zip(notes.intervals, notes.pitches, strict=True)
        ),
    )


def _gtzan_files(home: Path) -> Mapping[str, Files]:
    audio = {
        path.stem: path
        for path in home.glob("**/*.[0-9][0-9][0-9][0-9][0-9].*")
        if path.suffix in (".wav", ".au")
    }
    files = {}
    for beats in home.glob("**/beats/gtzan_*.beats"):
        name = ".".join(beats.stem.removeprefix("gtzan_").rsplit("_", 1))
        if name in audio:
            tempo = beats.parent.parent / "tempo" / f"{beats.stem}.bpm"
            files[name] = _existing({"audio": audio[name], "beats": beats, "tempo": tempo})
    return files


def _gtzan(track: Any, audio: str) -> Recording:
    # The library's own reader of tempi fails with releases of numpy from 2.4 on.
    tempo = tempo_of(first_line(Path(track.tempo_path))) if track.tempo_path else None
    return Recording(
        id=track.track_id, audio=audio, place=track.beats_path, domain="music",
        genres=(track.genre.replace("-", ""),), piece=track.track_id, tempo_bpm=tempo,
        beats=tuple(map(float, track.beats.times)),
    )  # fmt: skip


def _giantsteps_files(home: Path) -> Mapping[str, Files]:
    return {
        key.stem: _existing({
            "key": key,
            "audio": key.parents[1] / "audio" / f"{key.stem}.mp3",
            "meta": key.parents[1] / "meta" / f"{key.stem}.json",
        })
        for key in home.glob("**/keys_gs+/*.txt")
    }  # fmt: skip


def _giantsteps(track: Any, audio: str) -> Recording:
    return Recording(
        id=track.title, audio=audio, place=track.keys_path, domain="music", piece=track.title,
        key=key_name(track.key), artist=", ".join(track.artists or ()),
        genres=tuple((track.genres or {}).get("genres", ())),
    )  # fmt: skip


def _medleydb_home(root: Path) -> Path:
    return next(root.glob("**/medleydb_melody_metadata.json")).parent


def _medleydb_files(home: Path) -> Mapping[str, Files]:
    return {
        melody.stem.removesuffix("_MELODY2"): {
            "melody2": melody,
            "audio": home / "audio" / f"{melody.stem.removesuffix('_MELODY2')}_MIX.wav",
        }
        for melody in home.glob("melody2/*_MELODY2.csv")
    }


def _medleydb(track: Any, audio: str) -> Recording:
    melody = track.melody2
    points = zip(map(float, melody.times), map(float, melody.frequencies), strict=True)
    return Recording(
        id=track.track_id, audio=audio, place=track.melody2_path, domain="music",
        artist=track.artist or "", piece=track.track_id,
        genres=tuple(filter(None, (track.genre,))), melody=melody_of(points),
    )  # fmt: skip


def _jamendo_files(home: Path) -> Mapping[str, Files]:
    rows = table_rows(home / "data" / "autotagging_moodtheme.tsv", ("TRACK_ID", "PATH"), "\t")
    return {row["TRACK_ID"]: {"audio": home / jamendo_audio(home, row["PATH"])} for _, row in rows}


def _jamendo(track: Any, audio: str) -> Recording:
    return Recording(
        id=track.track_id, audio=audio, place=track.audio_path, domain="music",
        artist=track.artist_id, piece=track.album_id, moods=tuple(track.tags),
        tags=tuple(track.tags),
    )  # fmt: skip


def _saraga_files(folder: str) -> Callable[[Path], Mapping[str, Files]]:
    def files(home: Path) -> Mapping[str, Files]:
        entries = {}
        for facts in home.glob(f"**/{folder}/**/*.json"):
            audio = facts.with_suffix(".mp3.mp3"), facts.with_suffix(".mp3")
            path = next((path for path in audio if path.is_file()), None)
            if path is not None:
                entries[below(home, facts)] = {"audio-mix": path, "audio": path, "metadata": facts}
        return entries

    return files


def _saraga(track: Any, audio: str) -> Recording | None:
    return next(saraga_recordings(Path(track.metadata_path), audio, track.metadata), None)


def _carnatic_home(root: Path) -> Path:
    folder = next(root.glob("**/CMR_full_dataset_1.0"), None)
    return root if folder is None else folder.parent


def _carnatic_files(home: Path) -> Mapping[str, Files]:
    base = home / "CMR_full_dataset_1.0"
    return {
        audio.name.split("_")[1]: {
            "audio": audio,
            "beats": base / "annotations" / "beats" / f"{audio.stem}.beats",
            "meter": base / "annotations" / "meter" / f"{audio.stem}.meter",
        }
        for audio in base.glob("audio/*_*_*.*")
    }


def _carnatic(track: Any, audio: str) -> Recording:
    return carnatic_recording(
        Path(track.audio_path),
        audio,
        track.beats_path,
        artist=track.artist or "",
        raga=track.raaga,
        tala=track.taala,
        meter=track.meter,
        lead_code=track.lead_instrument_code or "",
        beats=() if track.beats is None else tuple(map(float, track.beats.times)),
    )


def _tau_home(root: Path) -> Path:
    return next(root.glob("**/meta.csv")).parent.parent


def _tau_files(home: Path) -> Mapping[str, Files]:
    folder = "TAU-urban-acoustic-scenes-2020-mobile-development"
    return {path.stem: {"audio": path} for path in home.glob(f"{folder}/audio/*.wav")}


_TAU_SPLITS: Mapping[str, Split] = MappingProxyType(
    {"development.train": "train", "development.evaluate": "test"}
)


def _tau(clip: Any, audio: str) -> Recording | None:
    if clip.split not in _TAU_SPLITS:
        return None
    return Recording(
        id=clip.clip_id, audio=audio, place=clip.audio_path, domain="audio",
        split=_TAU_SPLITS[clip.split], scene=clip.tags.labels[0].replace("_", " "),
        device=clip.source_label, piece=clip.identifier,
    )  # fmt: skip


_SARAGA_ABSENT = ("ctonic", "pitch", "tempo", "sama", "sections", "phrases")
_VOICES = ("ghatam", "mridangam-left", "mridangam-right", "violin", "vocal-s", "vocal")
_MIRDATA: Mapping[str, tuple[_Module, ...]] = MappingProxyType({
    "Vocadito": (
        _Module(
            name="vocadito", files=_vocadito_files, recording=_vocadito,
            home=lambda root: next(root.glob("**/vocadito_metadata.csv")).parent,
            absent=("f0", "notesA2"),
        ),
    ),
    "GTZAN-Rhythm": (
        _Module(
            name="gtzan_genre", files=_gtzan_files, recording=_gtzan, absent=("tempo",)
        ),
    ),
    "GiantSteps Key": (
        _Module(
            name="giantsteps_key", files=_giantsteps_files, recording=_giantsteps,
            absent=("meta",),
        ),
    ),
    "MedleyDB": (
        _Module(
            name="medleydb_melody", files=_medleydb_files, recording=_medleydb,
            home=_medleydb_home, absent=("melody1", "melody3"),
        ),
    ),
    # Of its tags, those of mood and theme alone.
    "MTG-Jamendo": (
        _Module(
            name="mtg_jamendo_autotagging_moodtheme", files=_jamendo_files, recording=_jamendo,
            has_splits=True,
        ),
    ),
    "CompMusic": (
        _Module(
            name="saraga_carnatic", files=_saraga_files("saraga*carnatic"), recording=_saraga,
            absent=("pitch-vocal", *_SARAGA_ABSENT, *(f"audio-{voice}" for voice in _VOICES)),
        ),
        _Module(
            name="saraga_hindustani", files=_saraga_files("saraga*hindustani"),
            recording=_saraga, absent=_SARAGA_ABSENT,
        ),
        _Module(
            name="compmusic_carnatic_rhythm", files=_carnatic_files, recording=_carnatic,
            home=_carnatic_home,
        ),
    ),
})  # fmt: skip
_SOUNDATA: Mapping[str, tuple[_Module, ...]] = MappingProxyType({
    "TAU Urban Acoustic Scenes": (
        _Module(
            name="tau2020uas_mobile", library="soundata", files=_tau_files, recording=_tau,
            home=_tau_home,
        ),
    ),
})  # fmt: skip


def _readers(corpora: Mapping[str, tuple[_Module, ...]]) -> tuple[CorpusReader, ...]:
    return tuple(replace(READERS[name], read=_all_of(modules)) for name, modules in corpora.items())


def _all_of(modules: tuple[_Module, ...]) -> Callable[[Path], Iterator[Recording]]:
    return lambda root: chain.from_iterable(module.recordings(root) for module in modules)


MIRDATA = _readers(_MIRDATA)
SOUNDATA = _readers(_SOUNDATA)
