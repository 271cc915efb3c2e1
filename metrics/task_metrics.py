"""Which metrics a task has: its own, those on scores, and those that need an extra."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics.facts import metric
from audioflan_tasks.metrics.metric_info import MetricInfo

__all__ = ["metrics_of", "metrics_on_request", "metrics_on_scores"]

_BINARY = ("eer", "min_dcf")
_TAGS = ("map", "roc_auc")
_BY_MAJOR: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Speaker Recognition": ("pesq", "dnsmos"),
        "Speech Enhancement": ("pesq", "dnsmos"),
        "Speech Generation": ("asr_wer", "log_f0_rmse", "dnsmos"),
        "Music Generation": ("fad", "clap_score"),
        "Audio Generation": ("fad", "clap_score"),
        "Audio Enhancement": ("mr_stft",),
        "Music Separation": ("mr_stft",),
        "Audio Separation": ("mr_stft",),
    }
)


def metrics_of(row: TaskRow, *, with_scores: bool = False) -> list[MetricInfo]:
    """A task's metrics, primary first, and those on scores that fit it."""
    names = (*row.metrics, *(metrics_on_scores(row) if with_scores else ()))
    return [metric(name) for name in names]


def metrics_on_scores(row: TaskRow) -> tuple[str, ...]:
    """Metrics that come with a score for each answer: of two labels, or of tags."""
    if row.answer == "labels":
        return _TAGS
    return _BINARY if row.answer == "label" and len(row.labels) == 2 else ()


def metrics_on_request(row: TaskRow) -> tuple[str, ...]:
    """Metrics of an audio task that need an extra or a model; computed when asked for."""
    if row.answer != "audio":
        return ()
    found = _BY_MAJOR.get(row.major, ())
    if row.attributes and {"speaker", "timbre"} & set(row.attributes):
        found = (*found, "speaker_similarity")
    if "vocals" in row.attributes and row.major == "Music Generation":
        found = ("log_f0_rmse", *found)
    return tuple(name for name in found if name not in row.metrics)
