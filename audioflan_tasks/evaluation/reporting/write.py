"""The report files of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from audioflan_tasks.evaluation.reporting.html import page
from audioflan_tasks.evaluation.reporting.lm_eval import write_harness
from audioflan_tasks.evaluation.reporting.markdown import markdown
from audioflan_tasks.evaluation.results import Results
from audioflan_tasks.evaluation.sample_questions import SampleQuestion

__all__ = ["write_reports"]


def write_reports(
    folder: Path, results: Results, questions: Mapping[str, Sequence[SampleQuestion]]
) -> None:
    """Writes report.md, report.html with questions by task, and lm_eval/results_<date>.json."""
    (folder / "report.md").write_text(markdown(results), encoding="utf-8")
    (folder / "report.html").write_text(page(results, questions), encoding="utf-8")
    write_harness(folder, results)
