"""`audioflan mix lint MIXTURE`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.rows import rows_of
from audioflan_tasks.errors import AudioFlanError
from audioflan_tasks.mixtures import mixture_named, paper_sizes
from audioflan_tasks.mixtures.reporting.lint import lint

__all__ = ["print_findings"]


def print_findings(name: str, root: Path | None, split: str, paper: bool) -> int:
    """Prints errors and warnings; 1 if there are errors, else 0."""
    findings = lint(name, paper_sizes() if paper else _sizes(name, root, split))
    for finding in findings:
        print(f"{finding.kind}: {finding.message}")
    if not findings:
        print("nothing to complain about")
    return int(any(finding.kind == "error" for finding in findings))


def _sizes(name: str, root: Path | None, split: str) -> Mapping[str, int]:
    """Rows by task, those of foreign tasks included where the mixture can be read."""
    corpus = Corpus(root)
    try:
        return rows_of(mixture_named(name), corpus, split, settings.example_options()).sizes
    except AudioFlanError:
        # What is wrong with the mixture is a finding.
        return corpus.sizes(split)
