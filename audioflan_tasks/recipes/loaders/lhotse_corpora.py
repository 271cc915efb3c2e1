"""Corpora as lhotse's recipes read them.

A recipe writes manifests, which are read as those of others are. It runs in a process of its own:
lhotse imports torch, prints, and has recipes that start processes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.corpora import READERS, CorpusReader
from audioflan_tasks.recipes.corpora.chinese_speech import (
    MEETING_SPLITS,
    chinese_text,
    meeting_windows,
)
from audioflan_tasks.recipes.corpora.english_speech import intent_of
from audioflan_tasks.recipes.importers.columns import split_in
from audioflan_tasks.recipes.importers.lhotse import (
    LhotseClip,
    Supervision,
    lhotse_clips,
    lhotse_manifests,
)
from audioflan_tasks.recipes.recording import Recording, TimedLabel, gender_of
from audioflan_tasks.records.instance import Split
from audioflan_tasks.records.settle import split_name
from audioflan_tasks.vocabularies.languages import language_name

__all__ = ["LHOTSE"]

_PROCESS = "audioflan_tasks.recipes.loaders.lhotse_process"
_PINYIN_MARKS = str.maketrans("", "", "%$")


def _as_it_is(clip: Recording, _: Supervision) -> Recording:
    return clip


@dataclass(frozen=True, slots=True, kw_only=True)
class _LhotseRecipe:
    """A recipe of lhotse and how its manifests differ from what we call the facts.

    `links` are places of the layout that the recipe expects, each with the folder below a root
    that stands there; `""` is the whole, where the layouts are one. `facts` puts further facts of
    a supervision into its recording; `gather` makes recordings of all of them.
    """

    name: str
    arguments: Callable[[Path], Mapping[str, Any]] = lambda _: {}
    language: str = ""
    links: Callable[[Path], Mapping[str, str]] = lambda _: {"": ""}
    facts: Callable[[Recording, Supervision], Recording] = _as_it_is
    gather: Callable[[Iterable[Recording]], Iterable[Recording]] = iter

    def recordings(self, root: Path) -> Iterator[Recording]:
        """The corpus's clips, by their audio.

        Raises:
          RecordError: lhotse cannot read the corpus.
        """
        links = self.links(root)
        with TemporaryDirectory() as folder, _layout(root, links) as layout:
            self._prepare(root, layout, folder)
            clips = [
                self._recording(clip, _below(root, layout, links, clip.audio), manifest)
                for manifest in lhotse_manifests(Path(folder))
                for clip in lhotse_clips(manifest)
            ]
        yield from self.gather(sorted(clips, key=attrgetter("audio", "start")))

    def _prepare(self, root: Path, layout: Path, manifests: str) -> None:
        folders = {"corpus_dir": str(layout), "output_dir": manifests}
        arguments = json.dumps({**folders, **self.arguments(root)})
        command = [sys.executable, "-m", _PROCESS, self.name, arguments]
        process = subprocess.run(command, capture_output=True, text=True, errors="replace")
        if process.returncode:
            reason = (process.stderr.strip().splitlines() or ["no message"])[-1]
            raise RecordError(
                f"{root}: lhotse's recipe {self.name} stopped ({reason}); "
                "our own reader needs no --loader"
            )

    def _recording(self, clip: LhotseClip, audio: str, manifest: Path) -> Recording:
        supervision = clip.supervision
        recording = Recording(
            id=str(supervision.id), audio=audio, place=f"{manifest.name}: {supervision.id}",
            start=0.0 if clip.is_whole else clip.start, end=None if clip.is_whole else clip.end,
            seconds=clip.recording.duration, split=_split_of(manifest),
            text=(supervision.text or "").strip(), speaker=supervision.speaker or "",
            language=self.language or language_name(supervision.language or ""),
            gender=gender_of(supervision.gender or ""),
        )  # fmt: skip
        return self.facts(recording, supervision)


@contextmanager
def _layout(root: Path, links: Mapping[str, str]) -> Iterator[Path]:
    """A folder in which links stand for the folders of the root; the root where it fits."""
    if "" in links:
        yield root
        return
    with TemporaryDirectory() as folder:
        for place, target in links.items():
            link = Path(folder) / place
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(root.resolve() / target)
        yield Path(folder)


def _below(root: Path, layout: Path, links: Mapping[str, str], audio: str) -> str:
    """The path below the root of a file that is named by its path in the layout."""
    path = Path(audio)
    for place, target in links.items():
        if path.is_relative_to(layout / place):
            return (Path(target) / path.relative_to(layout / place)).as_posix()
    raise RecordError(f"{root}: lhotse names a file that is not below it: {audio}")


def _split_of(manifest: Path) -> Split | None:
    return split_name(split_in(manifest.name.split(".")[0]).get("split", ""))


def _custom(supervision: Supervision, name: str) -> str:
    """A fact that lhotse has no field for."""
    value = (supervision.custom or {}).get(name)
    return "" if value is None else str(value)


def _aishell_2_links(_: Path) -> Mapping[str, str]:
    parts = {
        f"AISHELL-2/iOS/{part}": f"AISHELL-DEV-TEST-SET/iOS/{part}" for part in ("dev", "test")
    }
    return {"AISHELL-2/iOS/data": "AISHELL-2/iOS/data", **parts}


def _fleurs_links(root: Path) -> Mapping[str, str]:
    names = [folder.parent.name for folder in sorted(root.glob("*/audio"))]
    return {name: f"{name}/audio" for name in names} | {f"metadata/{name}": name for name in names}


def _aishell_3(clip: Recording, supervision: Supervision) -> Recording:
    # Pinyin without the marks of pauses; the test part has none in that list.
    phones = " ".join(_custom(supervision, "tones_pinyin").translate(_PINYIN_MARKS).split())
    return replace(clip, phones=phones, phone_set="pinyin" if phones else "")


def _fleurs(clip: Recording, supervision: Supervision) -> Recording:
    # The speaker is the number of a reading of the sentence.
    language, _, split, file = clip.audio.split("/")
    return replace(
        clip, id=f"{language}_{split}_{file.removesuffix('.wav')}", speaker="",
        text=_custom(supervision, "raw_text"), sentence=clip.speaker.split("_")[0],
    )  # fmt: skip


def _fluent(clip: Recording, supervision: Supervision) -> Recording:
    return replace(
        clip, id=clip.audio.removeprefix("wavs/speakers/").removesuffix(".wav"),
        sentence=clip.text, intent=intent_of((supervision.custom or {}).get("frames") or ()),
    )  # fmt: skip


def _hifi_tts(clip: Recording, supervision: Supervision) -> Recording:
    name = clip.audio.removeprefix("audio/").removesuffix(".flac")
    return replace(clip, id=name, text=_custom(supervision, "text_punct"))


def _libritts_parts(root: Path) -> Mapping[str, Any]:
    """Those that are unpacked; the recipe stops at others."""
    return {"dataset_parts": sorted(path.name for path in root.glob("*-*") if path.is_dir())}


def _libritts_r(clip: Recording, supervision: Supervision) -> Recording:
    ratio = _custom(supervision, "snr")
    return replace(clip, snr_db=float(ratio) if ratio else None)


def _vctk(clip: Recording, supervision: Supervision) -> Recording:
    return replace(
        clip, id=clip.id.removesuffix("_mic1"), age=_custom(supervision, "age"),
        accent=_custom(supervision, "accent"),
    )  # fmt: skip


def _common_voice(clip: Recording, supervision: Supervision) -> Recording:
    return replace(
        clip, accent=_custom(supervision, "accents"),
        age=_custom(supervision, "age").replace("fourties", "forties"),
    )  # fmt: skip


def _meetings(parts: Iterable[Recording]) -> Iterator[Recording]:
    """Windows of meetings instead of what each speaker says."""
    for audio, group in groupby(parts, key=attrgetter("audio")):
        session_parts = list(group)
        turns = sorted(
            TimedLabel(part.start, part.end or part.seconds or 0.0, f"SPK{part.speaker}")
            for part in session_parts
        )
        session = session_parts[0].id.partition("-")[0]
        split = MEETING_SPLITS.get(audio.split("_")[0])
        yield from meeting_windows(session, audio, turns, split, session_parts[0].place)


_RECIPES: Mapping[str, _LhotseRecipe] = MappingProxyType({
    "AISHELL-1": _LhotseRecipe(name="aishell"),
    "AISHELL-2": _LhotseRecipe(name="aishell2", links=_aishell_2_links),
    "AISHELL-3": _LhotseRecipe(name="aishell3", facts=_aishell_3),
    "aidatatang_200zh": _LhotseRecipe(
        name="aidatatang_200zh", links=lambda _: {"aidatatang_200zh": "."},
        facts=lambda clip, _: replace(clip, text=chinese_text(clip.text)),
    ),
    "AliMeeting": _LhotseRecipe(name="ali_meeting", gather=_meetings),
    "Common Voice": _LhotseRecipe(name="commonvoice", facts=_common_voice),
    "FLEURS": _LhotseRecipe(name="fleurs", links=_fleurs_links, facts=_fleurs),
    "Fluent Speech Commands": _LhotseRecipe(name="slu", language="English", facts=_fluent),
    "Hi-Fi TTS": _LhotseRecipe(name="hifitts", language="English", facts=_hifi_tts),
    # Its field for languages has the dialects.
    "KeSpeech": _LhotseRecipe(
        name="kespeech", language="Chinese",
        facts=lambda clip, supervision: replace(clip, dialect=supervision.language or ""),
    ),
    "LibriTTS-R": _LhotseRecipe(name="libritts", arguments=_libritts_parts, facts=_libritts_r),
    "LJSpeech": _LhotseRecipe(
        name="ljspeech",
        facts=lambda clip, supervision: replace(clip, text=_custom(supervision, "normalized_text")),
    ),
    # Names of languages without capitals.
    "MLS": _LhotseRecipe(
        name="mls", arguments=lambda _: {"opus": False},
        facts=lambda clip, _: replace(clip, language=clip.language.capitalize()),
    ),
    # Version 0.92; the first microphone, as our own reader takes it.
    "VCTK": _LhotseRecipe(
        name="vctk", facts=_vctk,
        arguments=lambda _: {"use_edinburgh_vctk_url": True, "mic_id": "mic1"},
    ),
})  # fmt: skip

LHOTSE: tuple[CorpusReader, ...] = tuple(
    replace(READERS[name], read=recipe.recordings) for name, recipe in _RECIPES.items()
)
