"""`audioflan mix lint MIXTURE`."""

from __future__ import annotations

from pathlib import Path

from audioflan_tasks.corpus import Corpus
from audioflan_tasks.mixtures import paper_sizes
from audioflan_tasks.mixtures.reporting.lint import lint

__all__ = ["print_findings"]


def print_findings(name: str, root: Path | None, split: str, paper: bool) -> int:
    """Prints errors and warnings; 1 if there are errors, else 0."""
    findings = lint(name, paper_sizes() if paper else Corpus(root).sizes(split))
    for finding in findings:
        print(f"{finding.kind}: {finding.message}")
    if not findings:
        print("nothing to complain about")
    return int(any(finding.kind == "error" for finding in findings))
