"""The report files of a run."""

from __future__ import annotations

from pathlib import Path

from audioflan_tasks.evaluation.reporting.html import page
from audioflan_tasks.evaluation.reporting.lm_eval import write_harness
from audioflan_tasks.evaluation.reporting.markdown import markdown
from audioflan_tasks.evaluation.results import Results

__all__ = ["write_reports"]


def write_reports(folder: Path, results: Results) -> None:
    """Writes report.md, report.html and lm_eval/results_<date>.json."""
    (folder / "report.md").write_text(markdown(results), encoding="utf-8")
    (folder / "report.html").write_text(page(results), encoding="utf-8")
    write_harness(folder, results)
