"""The corpora that records come from: their names, and the language of those that have one.

Names are those of Table 3 of Audio-FLAN (arXiv 2502.16584), in the corpora's own spelling, and
of a few corpora with the same labels. The paper, its folders (`13_LibriTTS-R`) and its ids
(`KeSpeech-Age Recognition-0`) spell them in many ways, so names are compared by their letters
and digits, and a name counts where it begins a longer one (`179_Audioset_for_Audio_Inpainting`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

__all__ = [
    "CORPORA", "CORPUS_LANGUAGES", "corpus_key", "corpus_keys_of_id", "corpus_of_folder",
    "corpus_of_prefix", "language_of",
]  # fmt: skip

# Other spellings by name; only letters and digits count.
CORPORA: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AISHELL-1": ("aishell",),
        "AISHELL-2": (),
        "AISHELL-3": (),
        "ESD": ("emotional speech dataset",),
        "EmoV-DB": ("emov",),
        "FLEURS": (),
        "Fluent Speech Commands": ("fsc",),
        "HQ-Conversations": ("hq conv", "hq conversation"),
        "Hi-Fi TTS": (),
        "KeSpeech": (),
        "LJSpeech": ("lj speech",),
        "MLS": ("multilingual librispeech",),
        "Parallel Audiobook Corpus": ("pac", "the parallel audiobook corpus"),
        "VCTK": (),
        "aidatatang_200zh": ("aidatatang", "aiddatatang", "aiddatantang"),
        "Common Voice": (),
        "LibriTTS-R": (),
        "LibriTTS": (),
        "LibriSpeech": (),
        "AliMeeting": (),
        "LibriMix": ("libri2mix", "libri3mix"),
        "ASVspoof 2021": ("asvspoof", "asvspooof2021"),
        "DNS": ("dns challenge", "dns for vad"),
        "CVSS": (),
        "Genshin": (),
        "StarRail": (),
        "CREMA-D": (),
        "IEMOCAP": (),
        "MELD": (),
        "AAM": ("tinyaam",),
        "Freesound Loop Dataset": ("fsld",),
        "MTG-Jamendo": ("mtg", "jamendo"),
        "CSD": ("children song dataset", "childrens song dataset"),
        "NSynth": (),
        "VocalSet": (),
        "CCOM-HuQin": ("ccom",),
        "FMA": ("free music archive",),
        "MedleyDB": (),
        "JazzNet": (),
        "Vocadito": ("voadito", "vocado"),
        "GTZAN-Rhythm": ("gtzan rhythm",),
        "GTZAN": (),
        "GiantSteps Key": ("giantsteps",),
        "MusicCaps": (),
        "CompMusic": (),
        "Opencpop": (),
        "OpenSinger": (),
        "M4Singer": (),
        "MedleyVox": (),
        "MoisesDB": ("moises",),
        "AudioSet": (),
        "AudioSet-strong": ("audioset strong",),
        "TAU Urban Acoustic Scenes": ("tau",),
        "Freesound": (),
        "FSD50K": (),
        "ESC-50": (),
        "WavCaps": (),
        "Vocal Imitation Set": ("vocal imitation",),
        "VGGSound": ("vgg",),
        "ADD 2023": (),
        "ASVspoof 2019": (),
        "SLURP": (),
        "ATIS": (),
    }
)

# Corpora that are all in one language; ESD, FLEURS, Common Voice and others have several.
CORPUS_LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "AISHELL-1", "AISHELL-2", "AISHELL-3", "aidatatang_200zh", "HQ-Conversations",
                "KeSpeech", "AliMeeting", "ADD 2023", "Opencpop", "OpenSinger", "M4Singer",
            ),
            "Chinese",
        ),
        **dict.fromkeys(
            (
                "EmoV-DB", "Fluent Speech Commands", "Hi-Fi TTS", "LJSpeech",
                "Parallel Audiobook Corpus", "VCTK", "LibriTTS-R", "LibriTTS", "LibriSpeech",
                "LibriMix", "ASVspoof 2021", "ASVspoof 2019", "CREMA-D", "IEMOCAP", "MELD",
                "SLURP", "ATIS",
            ),
            "English",
        ),
    }
)  # fmt: skip

_NUMBER = re.compile(r"\A\d{2,}_(?=\w)")
_ANY_NUMBER = re.compile(r"\A\d+_(?=\w)")
_TOKEN = re.compile(r"[^\W_]+")
_MOST_TOKENS = 5
_LONGEST_PREFIX = 80


def corpus_of_folder(folder: str) -> str:
    """The corpus that a folder is of: a known one, else the folder's name without its number."""
    return corpus_of_prefix(folder) or _NUMBER.sub("", folder)


@lru_cache(maxsize=4096)
def corpus_of_prefix(name: str) -> str:
    """The known corpus with the longest name that begins `name`; "" where none does."""
    tokens = _TOKEN.findall(_ANY_NUMBER.sub("", name[:_LONGEST_PREFIX]).lower())[:_MOST_TOKENS]
    keys = ("".join(tokens[:count]) for count in range(len(tokens), 0, -1))
    return next((_by_key()[key] for key in keys if key in _by_key()), "")


@lru_cache(maxsize=65536)
def corpus_key(name: str) -> str:
    """The letters and digits of a corpus, by which spellings of its name are compared."""
    return "".join(_TOKEN.findall(corpus_of_folder(name).lower()))


@lru_cache(maxsize=65536)
def corpus_keys_of_id(audio_id: str) -> frozenset[str]:
    """Keys of the corpora that an id may be of: the known one that begins it, else all that do."""
    known_name = corpus_of_prefix(audio_id)
    if known_name:
        return frozenset((corpus_key(known_name),))
    tokens = _TOKEN.findall(_ANY_NUMBER.sub("", audio_id[:_LONGEST_PREFIX]).lower())[:_MOST_TOKENS]
    return frozenset("".join(tokens[:count]) for count in range(1, len(tokens) + 1))


def language_of(corpus: str) -> str:
    """The language of a corpus, such as "English"; "" where it has several or none."""
    return CORPUS_LANGUAGES.get(corpus, "")


@lru_cache(maxsize=1)
def _by_key() -> Mapping[str, str]:
    return {
        "".join(_TOKEN.findall(spelling.lower())): name
        for name, spellings in CORPORA.items()
        for spelling in (*spellings, name)
    }
