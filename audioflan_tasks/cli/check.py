"""`audioflan check ROOT`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from audioflan_tasks.audio.check import CorpusReport, check
from audioflan_tasks.cli.progress import progress_display
from audioflan_tasks.clips.recipes import read_recipes
from audioflan_tasks.config import local_root, settings
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import RecordError, SettingsError
from audioflan_tasks.folders import is_folder
from audioflan_tasks.preprocessors.kept_words import KeptWords
from audioflan_tasks.recipes.importers import FORMATS, format_of
from audioflan_tasks.runners import Runner

__all__ = ["check_corpus"]


def check_corpus(
    root: Path | None,
    demo: bool,
    as_json: bool,
    splits: Mapping[str, str],
    skip_unknown: bool,
    runner: AbstractContextManager[Runner],
) -> int:
    """Prints a report; 0 if the corpus has no errors, else 1."""
    if root is not None and demo:
        raise SettingsError("give either a root or --demo, not both")
    folder = demo_root() if demo else root or settings.data_dir
    if folder is None:
        raise SettingsError("which corpus? give its root, or --demo for the bundled one")
    folder = local_root(folder)
    kept_words = KeptWords(settings.example_options().wordings)
    try:
        with runner as parts_runner:
            report = _report(folder, splits, skip_unknown, kept_words, parts_runner)
    except RecordError as error:
        raise RecordError("; ".join(filter(None, (str(error), _other_format(folder))))) from error
    if as_json:
        fields = report.as_dict() | {"own_words": kept_words.as_dict()}
        print(json.dumps(fields, indent=2, ensure_ascii=False))
    else:
        hint = "" if report.records else _other_format(folder)
        _print([*kept_words.lines(), *report.lines(), *filter(None, [hint])])
    return 0 if report.ok else 1


def _other_format(folder: Path) -> str:
    """Which importer reads a folder that holds no records; "" where none is seen to."""
    name = format_of(folder) if folder.exists() else ""
    if not name:
        return ""
    return f"it seems to be {FORMATS[name].summary}: audioflan import {name} {folder} --out CORPUS"


def _report(
    root: Path,
    splits: Mapping[str, str],
    skip_unknown: bool,
    kept_words: KeptWords,
    runner: Runner,
) -> CorpusReport:
    recipe_ids(root)  # a recipe that is none ends the check here, and not in a worker
    with progress_display() as display:
        return check(
            root, known_ids=recipe_ids, splits=splits, skip_unknown=skip_unknown,
            tally=kept_words, runner=runner,
            progress=lambda count, total: display.update("parts checked", count, total),
        )  # fmt: skip


def recipe_ids(root: Path) -> frozenset[str]:
    """Ids of the audio that a corpus keeps as recipes."""
    return frozenset(read_recipes(root)) if is_folder(root) else frozenset()


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
    sys.stdout.flush()
