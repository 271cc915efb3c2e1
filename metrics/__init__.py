"""Metrics of the tasks, each computed by the reference library of its field.

Importing this folder imports no metric library; each is loaded by the metric that
needs it.
"""

from __future__ import annotations

if __name__ == "metrics":
    raise ImportError("import audioflan_tasks.metrics, not metrics")

from audioflan_tasks.metrics.answers import AudioAnswer
from audioflan_tasks.metrics.facts import METRICS, MetricInfo, metric

__all__ = ["METRICS", "AudioAnswer", "MetricInfo", "metric"]
