"""The report files of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from audioflan_tasks.evaluation.reporting.html import page
from audioflan_tasks.evaluation.reporting.lm_eval import write_harness
from audioflan_tasks.evaluation.reporting.markdown import markdown
from audioflan_tasks.evaluation.results import Results
from audioflan_tasks.evaluation.sample_questions import SampleQuestion
from audioflan_tasks.whole_files import write_whole

__all__ = ["write_reports"]


def write_reports(
    folder: Path, results: Results, questions: Mapping[str, Sequence[SampleQuestion]]
) -> None:
    """Writes report.md, report.html with questions by task, and lm_eval/results_<date>.json."""
    write_whole(folder / "report.md", markdown(results))
    write_whole(folder / "report.html", page(results, questions))
    write_harness(folder, results)
