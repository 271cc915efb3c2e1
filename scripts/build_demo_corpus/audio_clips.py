"""Base clips of the audio domain: sound events, beds, speech, music, noise and silence.

Every clip is set to a peak of 0.3: the packages' own levels say nothing about the sounds,
and mixtures keep below full scale.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import opensfx
import soundfile
from audio_tables import BEDS, CUTS, PROMPTS, SPEAKERS, TRACKS, Cut, Store
from common import SPLITS, Builder, Source, Split, resampled, sha256
from encode import Codec
from fetch import Package, debian
from numpy.typing import NDArray
from speech_material import prompt_splits

from audioflan_tasks.preprocessors.simulate import active_segments, simulate
from audioflan_tasks.seeds import seed_of

RATE = 24000
_SPEECH_RATE = 16000
_MUSIC_RATE = 8000
_PEAK = 0.3
_STEP_S = 0.5

_SONIC = Package(
    "sonic-pi-samples", "3.2.2~repack-8",
    "25f2312d2fae005e6ad0f4726b8ed3084e776006a5a132083506e960224ac79d",
)  # fmt: skip
_MINETEST = Package(
    "minetest-data", "5.6.1+dfsg+~1.9.0mt8+dfsg-2",
    "91371dd2bd51cfcd4fa60c138667989a47047dfe1a47f7523b9ad1782d397585",
)  # fmt: skip
_MUSIC = Package(
    "asterisk-moh-opsound-wav", "2.03-1.1",
    "8f9d808a729d305c2d3343993f21ca5e6829e411682618dc8ea7aa8bc24a566c",
)  # fmt: skip
_SPEECH = {
    "en": "38c5261820b406dcb0ecb37675720da2b0864850690690352ca52707eb623806",
    "fr": "7add61d5e42279ecff1bbdf842a5a946ac3644fac9a0fe44384731aa7270c8e0",
    "it": "46b4cf7afc508a5fcfc051b7ea233251c0d195dd4ef83cc4b7facb4c6429b016",
}
_CHANGES = "\nChanges made: cut, mixed to mono, resampled, set to a common peak, encoded.\n"
_SA = "Creative Commons Attribution-ShareAlike 3.0 Unported (CC BY-SA 3.0)\n" \
      "https://creativecommons.org/licenses/by-sa/3.0/legalcode\n\n"  # fmt: skip
_BY = "Creative Commons Attribution 3.0 Unported (CC BY 3.0)\n" \
      "https://creativecommons.org/licenses/by/3.0/legalcode\n\n"  # fmt: skip
_ZERO = "Creative Commons Zero 1.0 Universal (CC0 1.0)\n" \
        "https://creativecommons.org/publicdomain/zero/1.0/legalcode\n\n"  # fmt: skip

FOLDERS: dict[Store, str] = {
    "opensfx": "61_OpenSFX", "sonicpi": "62_SonicPi", "minetest": "63_Minetest",
}  # fmt: skip
_GENERATED = "69_Generated"
_AUTHORS = {
    "fire_large": "Dynamicell", "fire_small": "dobroide", "env_sounds_water": "Yuval",
    "env_sounds_lava": "Halion", "default_water_footstep": "AGFX",
    "default_snow_footstep": "Ryding", "default_sand_footstep": "worthahep88",
    "default_gravel_footstep": "Mito551", "default_grass_footstep": "Mito551",
    "default_furnace_active": "iankath", "default_break_glass.1": "cmusounddesign",
    "default_break_glass.2": "Tomlija", "default_break_glass.3": "lsprice",
    "doors_door_open": "CGEffex, BlockMen", "doors_door_close": "bennstir",
    "doors_steel_door": "HazMatt", "doors_glass_door": "SkeetMasterFunk69",
    "misc_crow": "davidworksonline", "vinyl_hiss": "veezay",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recording:
    """A packaged recording at `RATE` Hz."""

    samples: NDArray[np.float32]
    source: Source


@dataclass(frozen=True, slots=True)
class Event:
    """A base clip of a sound event; wide ones are stored without loss, at full bandwidth."""

    audio_id: str
    split: Split
    label: str
    caption: str
    seconds: float
    wide: bool


@dataclass(frozen=True, slots=True)
class Material:
    """All base clips; ids by split, events with what is known of them."""

    events: dict[Split, list[Event]]
    beds: dict[Split, dict[str, str]]
    speech: dict[Split, list[str]]
    music: dict[Split, list[str]]
    noise: dict[Split, list[str]]
    silence: dict[Split, list[str]]
    languages: dict[Split, str]


def collect(builder: Builder, raw: Path) -> Material:
    """Fetches the packages, cuts the clips and gives them to the builder."""
    recordings = _recordings(raw)
    _declare(builder, raw)
    return Material(
        events={s: list(_events(builder, recordings, s)) for s in SPLITS},
        beds={s: _beds(builder, recordings, s) for s in SPLITS},
        speech={split: _speech(builder, raw, split) for split in SPLITS},
        music={split: _music(builder, raw, split) for split in SPLITS},
        noise={s: _generated(builder, s, "noise", (-20.0, -26.0, -23.0)) for s in SPLITS},
        silence={s: _generated(builder, s, "silence", (-78.0, -72.0, -66.0)) for s in SPLITS},
        languages={split: language for split, _, _, _, language in SPEAKERS},
    )


def _recordings(raw: Path) -> dict[str, Recording]:
    found = {
        name: Recording(sound.samples, _credited(sound.source, sound.description))
        for name, sound in opensfx.read(raw).items()
    }
    needed = {(c.store, r) for c in CUTS for r in c.recordings}
    needed |= {(b.store, b.recording) for b in BEDS}
    sonic = debian(_SONIC, raw) / "usr/share/sonic-pi/samples"
    minetest = debian(_MINETEST, raw) / "usr/share/games/minetest/games/minetest_game/mods"
    for store, name in sorted(needed):
        if store == "sonicpi":
            found[name] = _file(sonic / f"{name}.flac", _SONIC, debian(_SONIC, raw))
        elif store == "minetest":
            (path,) = minetest.glob(f"*/sounds/{name}.ogg")
            found[name] = _file(path, _MINETEST, debian(_MINETEST, raw))
    return found


def _credited(source: Source, description: str) -> Source:
    """The title cleaned of its length byte, and the authors named in it."""
    title = description[description.index('"') :]
    names = re.findall(r'\b[Bb]y "?(.+?)"?(?=\. |, | and |$)', title)
    return Source(
        source.package, source.version, source.member, source.sha256, title,
        ", ".join(dict.fromkeys(names)),
    )  # fmt: skip


def _file(path: Path, package: Package, home: Path) -> Recording:
    samples, rate = soundfile.read(path, dtype="float32")
    author = next(a for start, a in _AUTHORS.items() if path.stem.startswith(start))
    source = Source(
        package.name, package.version, str(path.relative_to(home)), sha256(path.read_bytes()),
        path.stem, author,
    )  # fmt: skip
    return Recording(resampled(samples, rate, RATE), source)


def _declare(builder: Builder, raw: Path) -> None:
    sonic = debian(_SONIC, raw) / f"usr/share/doc/{_SONIC.name}/copyright"
    minetest = debian(_MINETEST, raw) / f"usr/share/doc/{_MINETEST.name}/copyright"
    music = debian(_MUSIC, raw) / f"usr/share/doc/{_MUSIC.name}/copyright"
    text = opensfx.licence_text(raw)
    zero = _ZERO + Path("/usr/share/common-licenses/CC0-1.0").read_text("utf-8")
    see = "Author and title of every clip: SOURCE.tsv.\n" + _CHANGES
    builder.folder(
        FOLDERS["opensfx"], "CC BY-SA 3.0", _SA + text,
        "Sounds of OpenSFX, the base sound set of OpenTTD (CC BY-SA 3.0 as a whole; most single "
        "sounds were given under CC0 or CC BY 3.0, as their titles say).\n" + see,
    )  # fmt: skip
    builder.folder(
        FOLDERS["sonicpi"],
        "CC0 1.0",
        zero + "\n" + sonic.read_text("utf-8"),
        "Samples of Sonic Pi, from freesound.org, CC0.\n" + see,
    )
    builder.folder(
        FOLDERS["minetest"],
        "CC BY-SA 3.0",
        _SA + minetest.read_text("utf-8"),
        "Sounds of Minetest Game (CC BY-SA 3.0 as a whole; most single sounds were given under "
        "CC0 or CC BY 3.0).\n" + see,
    )
    builder.folder(
        "67_OpsoundMusic",
        "CC BY-SA 3.0",
        _SA + music.read_text("utf-8") + "\n" + text,
        "Music on hold of Asterisk, by Paul Shuler (Macroform), Manolo Camp and Reno Project.\n"
        + see,
    )
    builder.folder(
        _GENERATED, "CC0 1.0", zero,
        "Noise drawn by the builder with fixed seeds; nobody's recording. Dedicated to the "
        "public domain.\n",
    )  # fmt: skip


def _events(builder: Builder, recordings: dict[str, Recording], split: Split) -> Iterator[Event]:
    for cut in CUTS:
        if cut.split != split:
            continue
        # Named after the recording, not the class: an id must not tell the answer.
        stem = f"{cut.recordings[0]}_{round(100 * cut.start):03d}"
        samples = _cut_samples(cut, recordings)
        first = recordings[cut.recordings[0]].source
        members = "; ".join(recordings[r].source.member for r in cut.recordings)
        hashes = "; ".join(recordings[r].source.sha256 for r in cut.recordings)
        source = Source(
            first.package, first.version, members, hashes, first.title, first.author,
            f"cut {cut.start:g} to {cut.end:g} s" if cut.end else f"one each {_STEP_S:g} s",
        )  # fmt: skip
        wide = _is_wide(samples)
        audio_id = builder.clip(
            FOLDERS[cut.store], stem, samples, RATE, split, source,
            codec="flac" if wide else "opus",
            facts={"label": cut.label, "recording": cut.recordings[0]},
        )  # fmt: skip
        yield Event(audio_id, split, cut.label, cut.caption, len(samples) / RATE, wide)


def _is_wide(samples: NDArray[np.float32]) -> bool:
    """At least 2 % of the energy above 4 kHz, so that a lower rate loses something."""
    energy = np.abs(np.fft.rfft(samples)) ** 2
    above = np.fft.rfftfreq(len(samples), 1 / RATE) > 4000
    return bool(energy[above].sum() > 0.02 * energy.sum())


def _cut_samples(cut: Cut, recordings: dict[str, Recording]) -> NDArray[np.float32]:
    """The part of one recording, or several recordings at regular steps."""
    if cut.end:
        x = recordings[cut.recordings[0]].samples
        return _levelled(_faded(_tight(x[round(cut.start * RATE) : round(cut.end * RATE)])))
    step = round(_STEP_S * RATE)
    parts = [_levelled(recordings[r].samples[:step]) for r in cut.recordings]
    whole = np.zeros(step * (len(parts) - 1) + len(parts[-1]), np.float32)
    for number, part in enumerate(parts):
        whole[number * step : number * step + len(part)] += part
    return _levelled(_faded(_tight(whole)))


def _tight(x: NDArray[np.float32], below_peak_db: float = 40.0) -> NDArray[np.float32]:
    """Without quiet ends, so that the clip's limits are those of the sound."""
    parts = active_segments(x, RATE, below_peak_db=below_peak_db)
    return x[round(parts[0][0] * RATE) : round(parts[-1][1] * RATE)]


def _faded(x: NDArray[np.float32], seconds: float = 0.01) -> NDArray[np.float32]:
    """Short fades, so that a cut makes no click."""
    ramp = np.linspace(0, 1, round(seconds * RATE), dtype=np.float32)
    out = x.copy()
    out[: len(ramp)] *= ramp
    out[-len(ramp) :] *= ramp[::-1]
    return out


def _levelled(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(x * (_PEAK / np.abs(x).max()), np.float32)


def _beds(builder: Builder, recordings: dict[str, Recording], split: Split) -> dict[str, str]:
    made = {}
    for bed in BEDS:
        recording = recordings[bed.recording]
        start = bed.starts[SPLITS.index(split)]
        samples = recording.samples[round(start * RATE) : round((start + bed.seconds) * RATE)]
        first = recording.source
        source = Source(
            first.package, first.version, first.member, first.sha256, first.title, first.author,
            f"cut {start:g} to {start + bed.seconds:g} s",
        )  # fmt: skip
        made[bed.name] = builder.clip(
            FOLDERS[bed.store], f"bed_{bed.name}_{split}", _levelled(samples), RATE, split, source,
            codec="opus", facts={"bed": bed.name, "recording": bed.recording},
        )  # fmt: skip
    return made


def _speech(builder: Builder, raw: Path, split: Split) -> list[str]:
    """Prompts of the split's one speaker that have no pause inside, trimmed."""
    _, code, voice, author, language = next(s for s in SPEAKERS if s[0] == split)
    package = Package(f"asterisk-core-sounds-{code}-g722", "1.6.1-1", _SPEECH[code])
    home = debian(package, raw)
    licence = "CC BY 3.0" if code == "it" else "CC BY-SA 3.0"
    folder = f"{SPLITS.index(split) + 64}_Asterisk{code.upper()}"
    copyright_text = (home / f"usr/share/doc/{package.name}/copyright").read_text("utf-8")
    builder.folder(
        folder, licence, (_BY if code == "it" else _SA) + copyright_text,
        f"Voice prompts of Asterisk in {language}, recorded by {author}.\n{_CHANGES}",
    )  # fmt: skip
    made: list[str] = []
    paths = sorted((home / "usr/share/asterisk/sounds" / voice).glob("*.g722"))
    paths.sort(key=lambda path: seed_of("audio speech", path.stem))
    elsewhere = {key for key, where in prompt_splits(raw).items() if where != split}
    for path in paths:
        if path.stem in elsewhere:
            continue
        if not 1.2 < path.stat().st_size / 8000 < 2.6 or not path.stem.isascii():
            continue
        samples = _g722(path)
        parts = active_segments(samples, _SPEECH_RATE)
        if len(parts) != 1 or parts[0][1] - parts[0][0] < 1.0:
            continue
        start, end = parts[0]
        source = Source(
            package.name, package.version, str(path.relative_to(home)),
            sha256(path.read_bytes()), path.stem, author, f"cut {start:g} to {end:g} s",
        )  # fmt: skip
        cut = samples[round(start * _SPEECH_RATE) : round(end * _SPEECH_RATE)]
        made.append(
            builder.clip(
                folder, path.stem, _levelled(cut), _SPEECH_RATE, split, source,
                codec="opus", facts={"speaker": author, "language": language},
            )
        )  # fmt: skip
        if len(made) == PROMPTS[split]:
            break
    return made


def _g722(path: Path) -> NDArray[np.float32]:
    with av.open(str(path), format="g722") as container:
        frames = [f.to_ndarray().reshape(-1) for f in container.decode(audio=0)]
    return np.asarray(np.concatenate(frames).astype(np.float32) / 32768, np.float32)


def _music(builder: Builder, raw: Path, split: Split) -> list[str]:
    home = debian(_MUSIC, raw)
    made = []
    for track, artist, where, starts in TRACKS:
        if where != split:
            continue
        path = home / "usr/share/asterisk/moh" / f"{track}.wav"
        samples, rate = soundfile.read(path, dtype="float32")
        for start in starts:
            source = Source(
                _MUSIC.name, _MUSIC.version, str(path.relative_to(home)),
                sha256(path.read_bytes()), track, artist, f"cut {start} to {start + 2.5} s",
            )  # fmt: skip
            cut = resampled(samples[start * rate : round((start + 2.5) * rate)], rate, _MUSIC_RATE)
            made.append(
                builder.clip(
                    "67_OpsoundMusic", f"{track}_{start}", _levelled(cut), _MUSIC_RATE, split,
                    source, codec="opus", facts={"artist": artist},
                )
            )  # fmt: skip
    return made


def _generated(
    builder: Builder, split: Split, name: str, levels: tuple[float, float, float]
) -> list[str]:
    """White, pink and brown noise at levels in dB; so faint that it is silence, or not."""
    made = []
    for color, level in zip(("white", "pink", "brown"), levels, strict=True):
        stem = f"{name}_{color}_{split}"
        params = {"color": color, "seconds": 1.6, "level_db": level}
        samples = simulate("noise", [], _SPEECH_RATE, params, seed_of(stem)).audio
        source = Source(
            "audioflan_tasks", "", "preprocessors.simulate noise", sha256(samples.tobytes()),
            f"{color} noise at {level:g} dB", "", f"seed {seed_of(stem)}",
        )  # fmt: skip
        facts = {"color": color, "level_db": level}
        codec: Codec = "opus" if name == "noise" else "flac"
        made.append(
            builder.clip(
                _GENERATED, stem, samples, _SPEECH_RATE, split, source, codec=codec, facts=facts
            )
        )
    return made
