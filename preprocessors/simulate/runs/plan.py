"""A run as a value: what is simulated, from what, and to where. It is the same in every process."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast, get_args

from audioflan_tasks import catalogue
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.preprocessors.simulate.runs.presets import Preset
from audioflan_tasks.preprocessors.simulate.runs.sources import Sound

__all__ = ["SimulationRun", "Split"]

Split = Literal["train", "validation", "test"]

_NAME = re.compile(r"\d{2,}_\w+")
_CHUNK, _MOST_CHUNKS = 16, 4096


@dataclass(frozen=True)
class SimulationRun:
    """One preset over files; job number n is the file n // times, for the n % times-th time."""

    preset: Preset
    files: tuple[Sound, ...]
    partners: tuple[Sound, ...]
    out: Path
    name: str
    seed: int = 0
    times: int = 1
    split: Split = "train"

    @classmethod
    def plan(
        cls,
        preset: Preset,
        files: Sequence[Sound],
        partners: Sequence[Sound] = (),
        out: Path = Path(),
        *,
        name: str = "",
        seed: int = 0,
        times: int = 1,
        split: str = "train",
    ) -> SimulationRun:
        """A checked run. Without partners of their own, files are each other's.

        Raises:
          SettingsError: a name that is no `NN_Name`, or too few files or partners.
        """
        name = name or "90_" + "".join(part.title() for part in preset.name.split("_"))
        if not _NAME.fullmatch(name):
            raise SettingsError(f"name {name!r}: expected NN_Name, such as 90_NoisySpeech")
        if split not in get_args(Split):
            raise SettingsError(f"split {split!r}: expected {', '.join(get_args(Split))}")
        if times < 1:
            raise SettingsError(f"times {times}: expected at least 1")
        if preset.reads != bool(files):
            problem = "needs audio: give files or folders" if preset.reads else "takes no files"
            raise SettingsError(f"{preset.name} {problem}")
        if preset.others and not partners:
            raise SettingsError(
                f"{preset.name} needs sounds of another kind beside the files: give them "
                "apart (--with DIR)"
            )
        if preset.partners[1] and not partners and len(files) < 2 and preset.partners[0]:
            raise SettingsError(
                f"{preset.name} needs {preset.partners[0]} other sounds for each file, and there "
                "is one file in all; give a folder of them (--with)"
            )
        other_sounds = tuple(partners) or tuple(files)
        part = cast("Split", split)
        return cls(preset, tuple(files), other_sounds, out, name, seed, times, part)

    @property
    def jobs(self) -> int:
        """How many simulations there are."""
        return self.times * (len(self.files) if self.preset.reads else 1)

    @cached_property
    def chunk(self) -> int:
        """Jobs that are done and logged together; depends on their number only."""
        return max(_CHUNK, -(-self.jobs // _MOST_CHUNKS))

    @property
    def chunks(self) -> int:
        """How many such there are."""
        return -(-self.jobs // self.chunk)

    @property
    def home(self) -> Path:
        """Where the run keeps what it needs to go on; readers of a corpus do not look there."""
        return self.out / "simulated" / "runs" / self.name

    @property
    def domain(self) -> str:
        """The domain of the first task; the folder of the audio."""
        return catalogue.get(self.preset.tasks[0]).domain

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """All labels, sorted."""
        labels = {sound.label for sound in self.files}
        if self.preset.partners[1]:
            labels |= {sound.label for sound in self.partners}
        return tuple(sorted(labels))

    @cached_property
    def by_label(self) -> Mapping[str, tuple[Sound, ...]]:
        """Partners by their label, in the order of the labels."""
        return _by_label(self.partners)

    @cached_property
    def alike(self) -> Mapping[str, tuple[Sound, ...]]:
        """Files by their label."""
        return _by_label(self.files)

    def settings(self) -> dict[str, Any]:
        """What the results depend on, as JSON; files by name, label and size."""
        return {
            "preset": json.loads(self.preset.model_dump_json(by_alias=True)),
            "seed": self.seed,
            "times": self.times,
            "split": self.split,
            "files": _digest(self.files),
            "partners": _digest(self.partners),
        }


def _by_label(sounds: Sequence[Sound]) -> dict[str, tuple[Sound, ...]]:
    groups: dict[str, list[Sound]] = {}
    for sound in sounds:
        groups.setdefault(sound.label, []).append(sound)
    return {label: tuple(groups[label]) for label in sorted(groups)}


def _size(sound: Sound) -> int:
    try:
        return Path(sound.path).stat().st_size
    except OSError:
        # A broken link, which is skipped.
        return -1


def _digest(sounds: Sequence[Sound]) -> str:
    digest = hashlib.sha256()
    for sound in sounds:
        digest.update(f"{sound.name}\x1f{sound.label}\x1f{_size(sound)}\x1e".encode())
    return f"{len(sounds)} files, {digest.hexdigest()[:16]}"
