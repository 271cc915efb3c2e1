"""The metrics of this package by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from audioflan_tasks.metrics.facts_audio import AUDIO_METRICS
from audioflan_tasks.metrics.facts_judges import JUDGE_METRICS
from audioflan_tasks.metrics.facts_labels import LABEL_METRICS
from audioflan_tasks.metrics.facts_text import TEXT_METRICS
from audioflan_tasks.metrics.facts_time import TIME_METRICS
from audioflan_tasks.metrics.metric_info import MetricInfo

__all__ = ["METRICS"]

METRICS: Mapping[str, MetricInfo] = MappingProxyType(
    {
        info.name: info
        for info in (*TEXT_METRICS, *LABEL_METRICS, *TIME_METRICS, *AUDIO_METRICS, *JUDGE_METRICS)
    }
)
