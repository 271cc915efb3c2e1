"""Base clips of the speech domain: recorded prompts and readings, and synthetic voices."""

from __future__ import annotations

import gzip
import io
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import opensfx
import soundfile
from common import SPLITS, Builder, Source, Split, resampled, sha256
from fetch import Package, debian, require_program
from numpy.typing import NDArray

from audioflan_tasks.preprocessors.simulate import simulate
from audioflan_tasks.seeds import seed_of


@dataclass(frozen=True, slots=True)
class Voice:
    """A recorded voice of the Asterisk prompts."""

    code: str
    folder: str
    language: str
    gender: str
    speaker: str
    sounds: str
    licence: str
    credit: str


VOICES = (
    Voice("en", "01_Asterisk_EN", "English", "female", "Allison", "en_US_f_Allison",
          "CC BY-SA 3.0", "Recorded by Allison Smith (theivrvoice.com), (c) 2003-2010."),
    Voice("fr", "02_Asterisk_FR", "French", "female", "June", "fr_CA_f_June", "CC BY-SA 3.0",
          "Recorded by June Wallack (junewallack.com), (c) 2006-2008; translated by Clod Patry, "
          "Kristopher Lalletti and June Wallack."),
    Voice("es", "03_Asterisk_ES", "Spanish", "female", "Allison", "es_MX_f_Allison",
          "CC BY-SA 3.0", "Recorded by Allison Smith (theivrvoice.com), (c) 2003-2010."),
    Voice("it", "04_Asterisk_IT", "Italian", "male", "Carlo", "it_IT_m_Carlo", "CC BY 3.0",
          "Recorded by Carlo Flora (carloflora.com, segreterietelefoniche.it), (c) 2012."),
    Voice("ru", "05_Asterisk_RU", "Russian", "female", "IvrvoiceRU", "ru_RU_f_IvrvoiceRU",
          "CC BY 3.0", "Provided by Maxim Topal (ivrvoice.ru), (c) 2010."),
)  # fmt: skip

_VERSION = "1.6.1-1"
_TEXTS = {
    "en": "973e797d28e37fa6ca3c0a9d6fa717e77cf1268ae916bf09fd3503113cdffa50",
    "fr": "04c82c78c570c43a7136cbc5e2488d0c470b775468dff9fbce4a131b18cf1056",
    "es": "9afdab7f559f036649fb406e625899306ca1004df8ebe39c30bfbd5912d66f74",
    "it": "3884d9457e12f21caa018c18f0d587df5d53ebea14b673d8453a134c5941ab3b",
    "ru": "28a61616bb0cd3345a7ea532dec4df9f071e5d0fa9f8c1a563ea9669002f39ab",
}
_SOUNDS = {
    "en": "38c5261820b406dcb0ecb37675720da2b0864850690690352ca52707eb623806",
    "fr": "7add61d5e42279ecff1bbdf842a5a946ac3644fac9a0fe44384731aa7270c8e0",
    "es": "e4e3b4281057d3b81b779298fd6be705f57411513955c518eed1bcaabbd615b8",
    "it": "46b4cf7afc508a5fcfc051b7ea233251c0d195dd4ef83cc4b7facb4c6429b016",
    "ru": "673b4238a6b8269960f055d868c6a11083f7a0d00979167cb01554046b48ed9b",
}
_MENARDI = Package(
    "asterisk-prompt-it-menardi-wav", "1:1.4.22+mm20110907-3.1",
    "3094530d98f8758ac275572d59624c41f60969fef883f34f4886d144f3dfeb21",
)  # fmt: skip
_SPHINX = Package(
    "pocketsphinx-testdata", "0.8+5prealpha+1-15",
    "eaeb7a01d54f20b799d1a81ef110ec544b2cb47ea006614078220737a33019f0",
)  # fmt: skip
_FAMILIES = {"conf": "conference call", "vm": "voicemail", "queue": "call queue",
             "agent": "call queue"}  # fmt: skip
_SHARES = {"train": 20, "dev": 9, "test": 9}
_UNSUITED = re.compile(r"[\[\](){}<>0-9…*\"|/]|\.\.")
_RATE = 16000

_BYSA = "Creative Commons Attribution-ShareAlike 3.0 Unported (CC BY-SA 3.0)\n" \
        "https://creativecommons.org/licenses/by-sa/3.0/legalcode\n"  # fmt: skip
_BY = "Creative Commons Attribution 3.0 Unported (CC BY 3.0)\n" \
      "https://creativecommons.org/licenses/by/3.0/legalcode\n"  # fmt: skip
CC0 = "Creative Commons Zero 1.0 Universal (CC0 1.0)\n" \
      "https://creativecommons.org/publicdomain/zero/1.0/legalcode\n"  # fmt: skip
_CHANGES = "\n\nChanges: cut, mixed to mono, resampled and encoded for this corpus.\n"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One clip of speech with what is known about it."""

    audio_id: str
    split: Split
    text: str
    language: str
    speaker: str
    gender: str
    key: str
    family: str = ""
    preset: str = ""
    ipa: str = ""
    seconds: float = 0.0


def prompt_splits(raw: Path) -> dict[str, Split]:
    """The prompts of the speech domain and their splits; the audio domain keeps to them."""
    texts = {v.code: _texts(v, raw) for v in VOICES}
    return dict(_chosen_prompts(texts, {v.code: _home(v, raw) for v in VOICES}))


def asterisk(builder: Builder, raw: Path) -> list[Utterance]:
    """The same prompts in five languages; all languages of a prompt are in one split."""
    texts = {v.code: _texts(v, raw) for v in VOICES}
    homes = {v.code: _home(v, raw) for v in VOICES}
    chosen = prompt_splits(raw)
    made = []
    for voice in VOICES:
        copyright_text = _copyright(voice, raw)
        text = (_BYSA if "SA" in voice.licence else _BY) + "\n" + copyright_text
        builder.folder(voice.folder, voice.licence, text, voice.credit + _CHANGES)
        for key, split in chosen.items():
            path = homes[voice.code] / f"{key}.g722"
            samples = _trimmed(_g722(path))
            source = Source(
                f"asterisk-core-sounds-{voice.code}-g722", _VERSION,
                f"{voice.sounds}/{key}.g722", sha256(path.read_bytes()), key, voice.speaker,
            )  # fmt: skip
            facts = {"text": texts[voice.code][key], "speaker": voice.speaker}
            audio_id = builder.clip(
                voice.folder, key, samples, _RATE, split, source,
                codec="flac" if voice.code == "en" else "opus", facts=facts,
            )  # fmt: skip
            made.append(
                Utterance(
                    audio_id, split, texts[voice.code][key], voice.language, voice.speaker,
                    voice.gender, key, _family(key), seconds=len(samples) / _RATE,
                )
            )  # fmt: skip
    return made


def italian_words(builder: Builder, raw: Path) -> list[Utterance]:
    """Numbers spoken by two Italian voices; the words are certainly the same."""
    carlo = next(v for v in VOICES if v.code == "it")
    home = debian(_MENARDI, raw) / "usr/share/asterisk/sounds/it_IT_f_Menardi"
    licence = (debian(_MENARDI, raw) / f"usr/share/doc/{_MENARDI.name}/copyright").read_text(
        encoding="utf-8", errors="replace"
    )
    credit = (
        "Voices by Marco Menardi and Paola Dal Zot, (c) 2006-2011, http://www.voip.ammdomus.it "
        "(new voices and updates can be had there; the authors ask to name this address)."
    )
    builder.folder("06_Menardi_IT", "CC BY-SA 3.0", _BYSA + "\n" + licence, credit + _CHANGES)
    made = []
    for word in range(28):
        number = word if word <= 20 else (word - 18) * 10  # 0 to 20, then 30 to 90
        key, split = f"digits/{number}", _number_split(word)
        for speaker, path, rate in (
            ("Carlo", _home(carlo, raw) / f"{key}.g722", _RATE),
            ("Menardi", home / f"{key}.wav", 8000),
        ):
            samples = _g722(path) if path.suffix == ".g722" else _mono(path, rate)
            folder = carlo.folder if speaker == "Carlo" else "06_Menardi_IT"
            package = "asterisk-core-sounds-it-g722" if speaker == "Carlo" else _MENARDI.name
            version = _VERSION if speaker == "Carlo" else _MENARDI.version
            source = Source(
                package, version, f"{key}{path.suffix}", sha256(path.read_bytes()), key, speaker
            )
            audio_id = builder.clip(
                folder, f"number_{number}", _trimmed(samples, rate), rate, split, source,
                codec="opus", facts={"number": number, "speaker": speaker},
            )  # fmt: skip
            gender = "male" if speaker == "Carlo" else "female"
            made.append(Utterance(audio_id, split, str(number), "Italian", speaker, gender, key))
    return made


def librivox(builder: Builder, raw: Path) -> list[Utterance]:
    """Five sentences of one reader of Sense and Sensibility."""
    home = debian(_SPHINX, raw) / "usr/share/pocketsphinx/test/data/librivox"
    builder.folder(
        "07_LibriVox", "Public domain",
        "Public domain: a LibriVox recording of Sense and Sensibility by Jane Austen.\n"
        "https://librivox.org/pages/public-domain/\n",
        "Read for LibriVox; five sentences as packaged by pocketsphinx." + _CHANGES,
    )  # fmt: skip
    made = []
    splits: tuple[Split, ...] = ("train", "train", "train", "dev", "test")
    lines = (home / "transcription").read_text(encoding="utf-8").strip().splitlines()
    for split, line in zip(splits, lines, strict=True):
        match = re.match(r"<s> (.*) </s> \((.*)\)", line)
        if match is None:
            raise ValueError(f"unexpected transcription line {line!r}")
        path = home / f"{match[2]}.wav"
        # "a more a amiable" is a slip of the transcript file, not of the reader.
        text = match[1].replace("a more a amiable", "a more amiable")
        source = Source(
            _SPHINX.name, _SPHINX.version, path.name, sha256(path.read_bytes()),
            "Sense and Sensibility, chapter 1", "LibriVox reader",
        )  # fmt: skip
        audio_id = builder.clip(
            "07_LibriVox", match[2][-4:], _mono(path, _RATE), _RATE, split, source,
            facts={"text": text},
        )  # fmt: skip
        made.append(Utterance(audio_id, split, text, "English", "LibriVox", "male", match[2]))
    return made


def noises(builder: Builder, raw: Path) -> dict[Split, list[str]]:
    """Recorded background noise, other recordings in every split.

    Splits are those of the audio domain, which cuts its events from some of the same recordings.
    """
    sounds = opensfx.read(raw)
    builder.folder(
        "08_OpenSFX_Noise", "CC BY-SA 3.0", opensfx.licence_text(raw),
        "OpenSFX, various authors; each title names its author and licence." + _CHANGES,
    )  # fmt: skip
    plan: dict[Split, tuple[str, ...]] = {
        "train": ("osfx_51", "osfx_24", "osfx_09", "osfx_32", "osfx_71"),
        "dev": ("osfx_27", "osfx_39"),
        "test": ("osfx_10", "osfx_55"),
    }
    return {
        split: [
            builder.clip("08_OpenSFX_Noise", n, sounds[n].samples, opensfx.RATE, split,
                         sounds[n].source, codec="opus")
            for n in names
        ]
        for split, names in plan.items()
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Speech:
    """What espeak-ng is asked to say, and how."""

    voice: str
    text: str
    speed: int = 160
    pitch: int = 50
    amplitude: int = 90
    scale: float = 1.0


def synthetic(builder: Builder, stem: str, split: Split, wanted: Speech, **known: str) -> Utterance:
    """A clip spoken by espeak-ng (deterministic for one version)."""
    samples = espeak(wanted)
    made_by = (
        f"espeak-ng 1.51 -v {wanted.voice} -s {wanted.speed} -p {wanted.pitch} "
        f"-a {wanted.amplitude}"
        + (f", spectrum scaled by {wanted.scale}" if wanted.scale != 1 else "")
    )
    source = Source("espeak-ng", "1.51", "", sha256(samples.tobytes()), wanted.text, "", made_by)
    audio_id = builder.clip(
        "09_Synthetic_Speech", stem, samples, _RATE, split, source, codec="opus",
        facts={"text": wanted.text, "voice": wanted.voice},
    )  # fmt: skip
    fields = {"language": "English", "speaker": wanted.voice, "gender": "", "key": stem, **known}
    return Utterance(audio_id, split, wanted.text, seconds=len(samples) / _RATE, **fields)


def synthetic_folder(builder: Builder) -> None:
    """Declares the folder of synthetic clips."""
    require_program("espeak-ng", ["espeak-ng", "--version"], "1.51")
    require_program("flite", ["flite", "--version"], "flite-2.2")
    builder.folder(
        "09_Synthetic_Speech", "CC0 1.0", CC0,
        "Spoken by espeak-ng 1.51 and flite 2.2 for this project; texts written for it.\n",
    )  # fmt: skip


def espeak(wanted: Speech) -> NDArray[np.float32]:
    """Samples at 16 kHz; `scale` above 1 raises formants and pitch as a shorter tract does."""
    speed = str(round(wanted.speed / wanted.scale))
    command = ["espeak-ng", "-v", wanted.voice, "-s", speed, "-p", str(wanted.pitch)]
    command += ["-a", str(wanted.amplitude), "--stdout", wanted.text]
    done = subprocess.run(command, capture_output=True, check=True)
    samples, rate = soundfile.read(io.BytesIO(_sized(done.stdout)), dtype="float32")
    return _trimmed(resampled(samples, round(rate * wanted.scale), _RATE))


def flite(voice: str, text: str) -> NDArray[np.float32]:
    """Samples of a flite voice at 16 kHz."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True)
        samples, rate = soundfile.read(path, dtype="float32")
    return _trimmed(resampled(samples, rate, _RATE))


def ipa(voice: str, text: str) -> str:
    """Phones of espeak-ng for a text, in IPA, separated by spaces, without stress marks."""
    command = ["espeak-ng", "-v", voice, "--ipa=1", "--sep= ", "-q", text]
    out = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    plain = re.sub(r"\([a-z-]+\)|[ˈˌ|_ˑ\u200d]", " ", out)
    return " ".join(plain.split())


def _sized(wave: bytes) -> bytes:
    # espeak-ng writes to a pipe before it knows the length: put the real one in.
    body = len(wave) - 44
    return (
        wave[:4]
        + (body + 36).to_bytes(4, "little")
        + wave[8:40]
        + body.to_bytes(4, "little")
        + wave[44:]
    )


def _chosen_prompts(
    texts: dict[str, dict[str, str]], homes: dict[str, Path]
) -> Iterator[tuple[str, Split]]:
    keys = sorted(set.intersection(*(set(t) for t in texts.values())))
    usable = [
        key
        for key in keys
        if "/" not in key
        and 3 <= len(texts["en"][key].split()) <= 11
        and not any(_UNSUITED.search(t[key]) for t in texts.values())
        and all(0.7 < _g722_seconds(homes[c] / f"{key}.g722") <= 4.4 for c in texts)
    ]
    usable.sort(key=lambda key: seed_of("prompt", key))
    # Every family is dealt out to the splits in turn, so that each split has all of them.
    dealt: dict[Split, list[str]] = {split: [] for split in SPLITS}
    order: tuple[Split, ...] = ("train", "train", "dev", "test", "train")
    for family in sorted({_family(key) for key in usable}):
        members = [key for key in usable if _family(key) == family]
        for number, key in enumerate(members):
            dealt[order[(number + 2) % len(order)]].append(key)
    # Some prompts say the same words under two names: no other split may have them.
    said: set[str] = set()
    for split in SPLITS:
        new = [k for k in dealt[split] if said.isdisjoint(_said(k, texts))][: _SHARES[split]]
        yield from ((key, split) for key in sorted(new))
        said |= {words for key in new for words in _said(key, texts)}


def _said(key: str, texts: dict[str, dict[str, str]]) -> set[str]:
    return {" ".join(re.findall(r"\w+", t[key].lower())) for t in texts.values()}


def _family(key: str) -> str:
    return next((name for start, name in _FAMILIES.items() if key.startswith(start)), "other")


def _number_split(word: int) -> Split:
    return "train" if word < 14 else "dev" if word < 21 else "test"


def _package(voice: Voice, raw: Path, sounds: bool) -> Path:
    name = f"asterisk-core-sounds-{voice.code}" + ("-g722" if sounds else "")
    table = _SOUNDS if sounds else _TEXTS
    return debian(Package(name, _VERSION, table[voice.code]), raw)


def _home(voice: Voice, raw: Path) -> Path:
    return _package(voice, raw, True) / "usr/share/asterisk/sounds" / voice.sounds


def _texts(voice: Voice, raw: Path) -> dict[str, str]:
    name = f"asterisk-core-sounds-{voice.code}"
    path = _package(voice, raw, False) / f"usr/share/doc/{name}/core-sounds-{voice.code}.txt.gz"
    lines = gzip.decompress(path.read_bytes()).decode("utf-8-sig").splitlines()
    pairs = [line.split(":", 1) for line in lines if ":" in line and not line.startswith(";")]
    home = _home(voice, raw)
    found = {key.strip(): " ".join(text.split()) for key, text in pairs}
    return {key: text for key, text in found.items() if text and (home / f"{key}.g722").exists()}


def _copyright(voice: Voice, raw: Path) -> str:
    name = f"asterisk-core-sounds-{voice.code}"
    return (_package(voice, raw, False) / f"usr/share/doc/{name}/copyright").read_text("utf-8")


def _g722_seconds(path: Path) -> float:
    return path.stat().st_size / 8000


def _g722(path: Path) -> NDArray[np.float32]:
    with av.open(str(path), format="g722") as container:
        frames = [f.to_ndarray().reshape(-1) for f in container.decode(audio=0)]
    return (np.concatenate(frames).astype(np.float32) / 32768).astype(np.float32)


def _mono(path: Path, wanted: int) -> NDArray[np.float32]:
    samples, rate = soundfile.read(path, dtype="float32")
    return resampled(samples, rate, wanted)


def _trimmed(samples: NDArray[np.float32], rate: int = _RATE) -> NDArray[np.float32]:
    """Silence before and after cut to 50 ms; a loud clip is taken below full scale."""
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    edge = round(0.05 * rate)
    cut = samples[max(0, loud[0] - edge) : loud[-1] + edge]
    return simulate(
        "gain", [np.ascontiguousarray(cut, np.float32)], rate, {"gain_db": 0.0}, 0
    ).audio
