"""Metrics of the tasks, each computed by the reference library of its field.

Importing this folder imports no metric library; each is loaded by the metric that
needs it.
"""

from __future__ import annotations

if __name__ == "metrics":
    raise ImportError("import audioflan_tasks.metrics, not metrics")

from audioflan_tasks.metrics.audio import audio_answer
from audioflan_tasks.metrics.batch import Batch, read_batch
from audioflan_tasks.metrics.facts import METRICS
from audioflan_tasks.metrics.judge import JudgeModel
from audioflan_tasks.metrics.metric_info import MetricFn, MetricInfo
from audioflan_tasks.metrics.normalise import PROFILES
from audioflan_tasks.metrics.parsing import parse, without_lead_in
from audioflan_tasks.metrics.registry import metric, metric_names, register_metric
from audioflan_tasks.metrics.scoring import Score, score
from audioflan_tasks.metrics.sums import Sums
from audioflan_tasks.metrics.task_metrics import metrics_of, metrics_on_scores, source_piece
from audioflan_tasks.metrics.values import (
    AudioAnswer,
    Contour,
    Interval,
    Note,
    ParsedAnswer,
    Status,
)

__all__ = [
    "METRICS",
    "PROFILES",
    "AudioAnswer",
    "Batch",
    "Contour",
    "Interval",
    "JudgeModel",
    "MetricFn",
    "MetricInfo",
    "Note",
    "ParsedAnswer",
    "Score",
    "Status",
    "Sums",
    "audio_answer",
    "metric",
    "metric_names",
    "metrics_of",
    "metrics_on_scores",
    "parse",
    "read_batch",
    "register_metric",
    "score",
    "source_piece",
    "without_lead_in",
]
