"""`audioflan check ROOT`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from audioflan_tasks.audio.check import CorpusReport, check
from audioflan_tasks.cli.progress import progress_display
from audioflan_tasks.clips.recipes import read_recipes
from audioflan_tasks.config import local_root, settings
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.folders import is_folder
from audioflan_tasks.preprocessors.kept_words import KeptWords

__all__ = ["check_corpus"]


def check_corpus(
    root: Path | None, demo: bool, as_json: bool, splits: Mapping[str, str], skip_unknown: bool
) -> int:
    """Prints a report; 0 if the corpus has no errors, else 1."""
    if root is not None and demo:
        raise SettingsError("give either a root or --demo, not both")
    folder = demo_root() if demo else root or settings.data_dir
    if folder is None:
        raise SettingsError("which corpus? give its root, or --demo for the bundled one")
    folder = local_root(folder)
    kept_words = KeptWords(settings.example_options().wordings)
    report = _report(folder, splits, skip_unknown, kept_words)
    if as_json:
        fields = report.as_dict() | {"own_words": kept_words.as_dict()}
        print(json.dumps(fields, indent=2, ensure_ascii=False))
    else:
        _print([*kept_words.lines(), *report.lines()])
    return 0 if report.ok else 1


def _report(
    root: Path, splits: Mapping[str, str], skip_unknown: bool, kept_words: KeptWords
) -> CorpusReport:
    recipe_ids = frozenset(read_recipes(root)) if is_folder(root) else frozenset()
    with progress_display() as display:
        return check(
            root, known_ids=recipe_ids, splits=splits, skip_unknown=skip_unknown,
            visit=kept_words.count,
            progress=lambda count, total: display.update("files checked", count, total),
        )  # fmt: skip


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
    sys.stdout.flush()
