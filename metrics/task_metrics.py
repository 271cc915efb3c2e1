"""Which metrics a task has: its own, and those on scores."""

from __future__ import annotations

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.metrics.metric_info import MetricInfo
from audioflan_tasks.metrics.registry import metric, metrics_in_use

__all__ = ["metrics_of", "metrics_on_scores", "source_piece"]


def metrics_of(row: TaskRow, *, with_scores: bool = False) -> list[MetricInfo]:
    """A task's metrics, primary first, and those on scores that fit it."""
    names = (*row.metrics, *(metrics_on_scores(row) if with_scores else ()))
    return [metric(name) for name in names]


def metrics_on_scores(row: TaskRow) -> tuple[str, ...]:
    """Metrics that come with a score for each answer: of two labels, or of tags."""
    return tuple(
        info.name
        for info in metrics_in_use()
        if "scores" in info.needs
        and info.reads == row.answer_kind.reader
        and info.label_count in (0, len(row.labels))
    )


def source_piece(row: TaskRow) -> str:
    """The input piece that metrics of the task compare with: "" where none does.

    It is what the answer improves, or the only audio piece.
    """
    if not any("source" in info.needs for info in metrics_of(row)):
        return ""
    clip_names = [piece.name for piece in row.inputs if piece.kind == "audio"]
    return row.improves or (clip_names[0] if len(clip_names) == 1 else "")
