"""Evaluation of models on held-out tasks, and an audit of how well they are held out."""

from __future__ import annotations

from audioflan_tasks.evaluation.answers import Answer, Failure
from audioflan_tasks.evaluation.leakage import Audit, audit
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.questions import write_questions
from audioflan_tasks.evaluation.results import Results, read_results
from audioflan_tasks.evaluation.run import evaluate

__all__ = [
    "Answer", "Audit", "Failure", "Prompt", "Results", "audit", "evaluate", "read_results",
    "write_questions",
]  # fmt: skip
