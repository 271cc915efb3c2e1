"""Metrics on numbers (scikit-learn 1.x)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.answers import number

__all__ = ["mae"]


def mae(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Mean absolute error in the unit of the labels, and the share of answers without a number.

    An answer without a number is replaced by the reference value that lies farthest from
    the target, so that silence never pays.

    Raises:
      MetricInputError: a target is not a number.
    """
    from sklearn.metrics import mean_absolute_error

    wanted = [number(t) for t in targets]
    values = [v for v in wanted if v is not None]
    if len(values) < len(wanted):
        raise MetricInputError(f"mae: target {targets[wanted.index(None)]!r} is not a number")
    read = [number(p) for p in predictions]
    low, high = min(values), max(values)
    said = [
        p if p is not None else (low if v - low > high - v else high)
        for v, p in zip(values, read, strict=True)
    ]
    return {
        "mae": mean_absolute_error(values, said),
        "mae_unparsed": read.count(None) / len(read),
    }
