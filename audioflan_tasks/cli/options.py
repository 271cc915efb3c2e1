"""Options that several commands share: one spelling, one type and one help text each."""

from __future__ import annotations

import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from audioflan_tasks.errors import SettingsError
from audioflan_tasks.remote import is_address

__all__ = [
    "CorpusFolder",
    "Count",
    "Demo",
    "FewShot",
    "Json",
    "Limit",
    "MeasuredTasks",
    "MixtureName",
    "Report",
    "Root",
    "RunnerAddress",
    "RunnerKind",
    "RunnerOption",
    "Seed",
    "Split",
    "SplitWords",
    "StoreFolder",
    "TaskName",
    "UnusableRows",
    "Workers",
    "mixtures_beginning",
    "out_file",
    "out_folder",
    "split_mapping",
]


def _worker_count(workers: int) -> int:
    return workers or _cores()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _split_words(words: list[str] | None) -> list[str]:
    pairs = [pair.strip() for text in words or () for pair in text.split(",")]
    for pair in pairs:
        if not re.fullmatch(r"[^=]+=[^=]+", pair):
            raise typer.BadParameter(f"{pair!r}: expected WORD=SPLIT, such as trian=train")
    return pairs


def split_mapping(pairs: list[str] | None) -> dict[str, str]:
    """The values of --splits as a mapping."""
    parts = (pair.partition("=") for pair in pairs or ())
    return {word: split for word, _, split in parts}


class Report(StrEnum):
    """Which reports an evaluation writes."""

    STANDARD = "standard"
    PAPER = "paper"


def _checked_folder(path: Path | None) -> Path | None:
    """The path, if a folder can be there; better known before the work than after it."""
    if path is not None and is_address(path):
        raise SettingsError(f"{path}: files are written to this machine; give a local path")
    if path is not None:
        place = next(place for place in (path, *path.absolute().parents) if place.exists())
        if not place.is_dir():
            raise SettingsError(f"{path}: cannot be written: {place} is a file, not a folder")
        if not os.access(place, os.W_OK):
            raise SettingsError(f"{path}: cannot be written: {place} is not yours to write in")
    return path


def _checked_file(path: Path | None) -> Path | None:
    """The path, if a file can be there; its folder is made."""
    if path is None:
        return None
    if path.is_dir():
        raise SettingsError(f"{path}: cannot be written: it is a folder; expected a file")
    _checked_folder(path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror})") from None
    return path


def out_file(*names: str, about: str) -> Any:
    """The option of a file that is written."""
    return typer.Option(*names, metavar="FILE", help=about, callback=_checked_file)


def out_folder(about: str) -> Any:
    """The option --out of a folder that is written."""
    return typer.Option("--out", "-o", metavar="FOLDER", help=about, callback=_checked_folder)


class UnusableRows(StrEnum):
    """What a build does with rows that cannot be used as they are."""

    ERROR = "error"
    SKIP = "skip"
    KEEP = "keep"


class RunnerKind(StrEnum):
    """Where units of work run."""

    LOCAL = "local"
    DASK = "dask"
    RAY = "ray"


Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of every random draw.")]
Count = Annotated[int, typer.Option("--count", "-n", metavar="N", min=1, help="How many to print.")]
Split = Annotated[
    str, typer.Option("--split", metavar="NAME", help="Split: train, validation or test.")
]
SplitWords = Annotated[
    list[str] | None,
    typer.Option(
        "--splits", metavar="WORD=SPLIT", callback=_split_words,
        help="What an unknown word for a split means, such as trian=train (repeatable).",
    ),
]  # fmt: skip
Root = Annotated[
    Path | None,
    typer.Option(
        "--root", metavar="FOLDER",
        help="Root of a corpus, also its address; without it AUDIOFLAN_DATA_DIR, else the bundled "
        "corpus.",
    ),
]  # fmt: skip
CorpusFolder = Annotated[
    Path | None,
    typer.Argument(
        metavar="ROOT",
        help="Root of a corpus, also its address; without it AUDIOFLAN_DATA_DIR.",
    ),
]
Demo = Annotated[bool, typer.Option("--demo", help="Take the bundled corpus.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
# As lm-evaluation-harness spells them.
Limit = Annotated[
    float | None,
    typer.Option("--limit", "-L", metavar="N", help="Most questions per task; below 1, a share."),
]
FewShot = Annotated[
    int,
    typer.Option(
        "--num-fewshot", "-f", metavar="N", min=0, max=16,
        help="Solved examples before each question.",
    ),
]  # fmt: skip
MeasuredTasks = Annotated[
    str,
    typer.Option(
        "--tasks", "-t", metavar="NAME,...",
        help="Only these tasks of the mixture; without MIXTURE they alone are measured.",
    ),
]  # fmt: skip
Workers = Annotated[
    int,
    typer.Option(
        "--workers", metavar="N", min=0, callback=_worker_count,
        help="How many work at the same time; 0: one per core.",
    ),
]  # fmt: skip

RunnerOption = Annotated[
    RunnerKind,
    typer.Option("--runner", help="Where units of work run: this machine, Dask or Ray."),
]
RunnerAddress = Annotated[
    str,
    typer.Option(
        "--address", metavar="ADDRESS",
        help="Cluster that runs already: tcp://HOST:8786 (Dask), HOST:6379 (Ray).",
    ),
]  # fmt: skip


def _tasks_beginning(incomplete: str) -> list[str]:
    """Ids of tasks, for the shell's completion."""
    from audioflan_tasks import catalogue

    return [row.id for row in catalogue.tasks() if row.id.startswith(incomplete)]


def mixtures_beginning(incomplete: str) -> list[str]:
    """Names of mixtures and tasks, for the shell's completion."""
    from audioflan_tasks.mixtures import standard_mixtures

    names = [row.name for row in standard_mixtures()] + _tasks_beginning("")
    return [name for name in names if name.startswith(incomplete)]


TaskName = Annotated[
    str,
    typer.Argument(
        metavar="TASK", help="A task by name, id, or name in the paper.",
        autocompletion=_tasks_beginning,
    ),
]  # fmt: skip
MixtureName = Annotated[
    str,
    typer.Argument(
        metavar="MIXTURE", help="Mixture, task or group by name, or a .toml or .lock.json file.",
        autocompletion=mixtures_beginning,
    ),
]  # fmt: skip
StoreFolder = Annotated[Path, typer.Argument(metavar="STORE", help="Folder of a store.")]
