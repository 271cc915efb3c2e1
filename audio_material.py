"""Base clips of the audio domain: sound effects, and some speech and music to tell apart.

The collection has one to three recordings of a kind of sound, so a class is in several
splits only where it has several recordings; a recording itself is in one split.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import opensfx
import soundfile
from common import SPLITS, Builder, Source, Split, resampled, sha256
from fetch import Package, debian
from numpy.typing import NDArray
from speech_material import VOICES, Utterance, asterisk_prompts

from audioflan_tasks.seeds import seed_of

_SONIC = Package(
    "sonic-pi-samples", "3.2.2~repack-8",
    "25f2312d2fae005e6ad0f4726b8ed3084e776006a5a132083506e960224ac79d",
)  # fmt: skip
MOH = Package(
    "asterisk-moh-opsound-wav", "2.03-1.1",
    "8f9d808a729d305c2d3343993f21ca5e6829e411682618dc8ea7aa8bc24a566c",
)
_CHANGES = "\n\nChanges: cut, mixed to mono, resampled and encoded for this corpus.\n"
_FOLDER = "61_OpenSFX"


class Kind(NamedTuple):
    """A class of sounds with its recordings, and the scene it belongs to."""

    label: str
    phrase: str
    group: str
    clips: tuple[str, ...]


# Recordings of OpenSFX by class. Where there is one recording only, it is cut in parts.
KINDS = (
    Kind("sheep", "a sheep bleats", "farm", ("osfx_35",)),
    Kind("cow", "a cow moos", "farm", ("osfx_36",)),
    Kind("horse", "a horse neighs", "farm", ("osfx_37",)),
    Kind("steam train", "a steam train sounds its horn", "station",
         ("osfx_03", "osfx_04", "osfx_12")),
    Kind("train departure", "a train leaves the station", "station",
         ("osfx_09", "osfx_65", "osfx_71")),
    Kind("level crossing bell", "a level crossing bell rings", "station", ("osfx_13",)),
    Kind("ship horn", "a ship sounds its horn", "harbour", ("osfx_05", "osfx_06")),
    Kind("aeroplane", "an aeroplane takes off", "airport",
         ("osfx_07", "osfx_08", "osfx_60", "osfx_58", "osfx_69")),
    Kind("bus", "a bus drives off", "street", ("osfx_24", "osfx_26", "osfx_27")),
    Kind("car horn", "a car horn honks", "street", ("osfx_34",)),
    Kind("crash", "something crashes", "street", ("osfx_16", "osfx_18", "osfx_14")),
    Kind("explosion", "something explodes", "street", ("osfx_17",)),
    Kind("jackhammer", "a jackhammer hammers", "building site", ("osfx_32",)),
    Kind("saw", "a saw cuts wood", "building site", ("osfx_39", "osfx_55")),
    Kind("hammering", "somebody hammers on metal", "building site", ("osfx_38",)),
    Kind("falling tree", "a tree falls", "forest", ("osfx_53", "osfx_54")),
    Kind("bird", "a bird calls", "forest", ("osfx_66", "osfx_72")),
    Kind("lion", "a lion roars", "forest", ("osfx_67",)),
    Kind("monkeys", "monkeys screech", "forest", ("osfx_68",)),
    Kind("applause", "an audience applauds", "hall", ("osfx_28",)),
    Kind("electric sparks", "electricity sparks", "building site", ("osfx_11",)),
    Kind("cash till", "a cash till opens", "hall", ("osfx_19",)),
)  # fmt: skip

_WIND = "osfx_51"
_LEAST_S = 0.35


@dataclass(frozen=True, slots=True)
class Event:
    """One clip of a class of sounds; `recording` names what it was cut from."""

    audio_id: str
    split: Split
    kind: Kind
    seconds: float
    recording: str


class Others(NamedTuple):
    """What is not an effect: speech, music, wind, by split."""

    speech: dict[Split, list[Utterance]]
    music: dict[Split, list[str]]
    wind: dict[Split, list[str]]


def events(builder: Builder, raw: Path) -> list[Event]:
    """All event clips. A class with three recordings has one in each split; others are cut."""
    sounds = opensfx.read(raw)
    builder.folder(
        _FOLDER, "CC BY-SA 3.0", opensfx.licence_text(raw),
        "OpenSFX, various authors; each title in SOURCE.tsv names author and licence." + _CHANGES,
    )  # fmt: skip
    found = []
    for kind in KINDS:
        pieces = [
            (name, part) for name in kind.clips for part in _parts(sounds[name].samples, kind)
        ]
        for number, (name, part) in enumerate(pieces):
            split = _split(kind, name, number, len(pieces))
            audio_id = builder.clip(
                _FOLDER, f"{kind.label.replace(' ', '_')}_{number}", part, opensfx.RATE, split,
                sounds[name].source, codec="flac" if len(part) < opensfx.RATE * 0.9 else "opus",
                facts={"class": kind.label, "recording": name},
            )  # fmt: skip
            found.append(Event(audio_id, split, kind, len(part) / opensfx.RATE, name))
    return found


def others(builder: Builder, raw: Path) -> Others:
    """Speech prompts, music on hold, and wind."""
    speech = _speech(builder, raw)
    return Others(speech, _music(builder, raw), _wind(builder, raw))


def _parts(samples: NDArray[np.float32], kind: Kind) -> list[NDArray[np.float32]]:
    """A recording as it is where its class has three or more, else cut into its active parts."""
    loud = np.abs(samples) > 0.02 * np.abs(samples).max()
    active = np.flatnonzero(loud)
    samples = samples[active[0] : active[-1] + 1]
    wanted = 1 if len(kind.clips) >= 3 else -(-3 // len(kind.clips))
    least = round(_LEAST_S * opensfx.RATE)
    wanted = min(wanted, max(1, len(samples) // least))
    return [
        np.ascontiguousarray(_faded(part)) for part in np.array_split(samples, wanted)
    ]


def _faded(part: NDArray[np.float32]) -> NDArray[np.float32]:
    ramp = np.linspace(0, 1, min(240, len(part) // 4), dtype=np.float32)
    out = part.copy()
    out[: len(ramp)] *= ramp
    out[len(out) - len(ramp) :] *= ramp[::-1]
    return out


def _split(kind: Kind, name: str, number: int, total: int) -> Split:
    if len(kind.clips) >= 3:
        place = kind.clips.index(name)
        return SPLITS[place] if place < 3 else "train"
    if total < 3:
        return SPLITS[(number + seed_of("split", kind.label)) % 3]
    return SPLITS[min(2, number * 3 // total)]


def _speech(builder: Builder, raw: Path) -> dict[Split, list[Utterance]]:
    """A few prompts of four voices, in folders of their own."""
    found: dict[Split, list[Utterance]] = {split: [] for split in SPLITS}
    for utterance in asterisk_prompts(builder, raw, [v for v in VOICES if v.code != "es"], "62"):
        found[utterance.split].append(utterance)
    return found


def _music(builder: Builder, raw: Path) -> dict[Split, list[str]]:
    home = debian(MOH, raw)
    text = (home / f"usr/share/doc/{MOH.name}/copyright").read_text(encoding="utf-8")
    builder.folder("67_MusicOnHold", "CC BY-SA 3.0", text, text + _CHANGES)
    tracks: dict[Split, str] = {
        "train": "macroform-cold_day", "dev": "manolo_camp-morning_coffee",
        "test": "reno_project-system",
    }  # fmt: skip
    return {split: list(_excerpts(builder, home, t, split)) for split, t in tracks.items()}


def _excerpts(builder: Builder, home: Path, track: str, split: Split) -> Sequence[str]:
    path = home / f"usr/share/asterisk/moh/{track}.wav"
    samples, rate = soundfile.read(path, dtype="float32")
    source = Source(MOH.name, MOH.version, path.name, sha256(path.read_bytes()), track,
                    track.split("-")[0])  # fmt: skip
    made = []
    for number in range(6 if split == "train" else 3):
        start = rate * (20 + 14 * number)
        part = resampled(samples[start : start + 3 * rate], rate, 8000)
        made.append(
            builder.clip("67_MusicOnHold", f"{track}_{number}", _faded(part), 8000, split, source,
                         codec="opus")
        )  # fmt: skip
    return made


def _wind(builder: Builder, raw: Path) -> dict[Split, list[str]]:
    sound = opensfx.read(raw)[_WIND]
    thirds = np.array_split(sound.samples, 3)
    return {
        split: [
            builder.clip(_FOLDER, f"wind_{split}", _faded(part), opensfx.RATE, split,
                         sound.source, codec="opus", facts={"class": "wind"})
        ]
        for split, part in zip(SPLITS, thirds, strict=True)
    }  # fmt: skip
