"""Metrics on scores: verification, spoofing and tags (scikit-learn 1.x).

Scores rise with the positive label (`yes`, `spoof`, `fake`, or the last of the set); for tags
each example has a mapping from label to score. They are given beside the answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.vocabularies import label_key

__all__ = ["eer", "mean_average_precision", "min_dcf", "positive_label", "roc_auc"]

# The labels of one batch come again with every example.
_key = lru_cache(maxsize=4096)(label_key)

_POSITIVE = ("yes", "spoof", "fake")
_P_TARGET = 0.05


def eer(batch: Batch) -> Mapping[str, float]:
    """Equal error rate (0 to 1): where false acceptances and false rejections cross."""
    false_alarm, miss = _rates(batch)
    crossing = int(np.argmin(np.abs(false_alarm - miss)))
    return {"eer": float((false_alarm[crossing] + miss[crossing]) / 2)}


def min_dcf(batch: Batch) -> Mapping[str, float]:
    """Smallest normalised detection cost at a target probability of 0.05, unit costs (0 to 1)."""
    false_alarm, miss = _rates(batch)
    cost = _P_TARGET * miss + (1 - _P_TARGET) * false_alarm
    return {"min_dcf": float(cost.min() / min(_P_TARGET, 1 - _P_TARGET))}


def mean_average_precision(batch: Batch) -> Mapping[str, float]:
    """Mean over tags of average precision (0 to 1), for tags that some reference has."""
    from sklearn.metrics import average_precision_score

    has_tag, scores = _tags(batch)
    return {"map": float(average_precision_score(has_tag, scores, average="macro"))}


def roc_auc(batch: Batch) -> Mapping[str, float]:
    """Mean over tags of the area under the ROC curve (0 to 1), for tags some references lack."""
    from sklearn.metrics import roc_auc_score

    has_tag, scores = _tags(batch)
    has_both = has_tag.min(axis=0) == 0
    if not has_both.any():
        raise MetricInputError("roc_auc: every reference has every tag")
    return {
        "roc_auc": float(roc_auc_score(has_tag[:, has_both], scores[:, has_both], average="macro"))
    }


def positive_label(labels: tuple[str, ...]) -> str:
    """The label that high scores stand for."""
    return next((name for name in _POSITIVE if name in labels), labels[-1])


def _rates(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.metrics import roc_curve

    positive = positive_label(batch.labels)
    is_positive = np.array([r == positive for r in batch.references])
    if is_positive.all() or not is_positive.any():
        raise MetricInputError(f"eer and min_dcf: all references are {batch.references[0]!r}")
    scores = np.array([_score(s, positive) for s in batch.scores or ()])
    # A missing score is the worst one for its trial.
    scores = np.where(np.isnan(scores), np.where(is_positive, -np.inf, np.inf), scores)
    finite = scores[np.isfinite(scores)]
    low, high = (finite.min() - 1, finite.max() + 1) if len(finite) else (0.0, 1.0)
    false_alarm, hit, _ = roc_curve(
        is_positive, np.clip(scores, low, high), drop_intermediate=False
    )
    return false_alarm, 1 - hit


def _score(value: Any, positive: str) -> float:
    score = _by_key(value).get(_key(positive)) if isinstance(value, Mapping) else value
    try:
        return float(score) if score is not None else float("nan")
    except (TypeError, ValueError):
        return float("nan")


def _tags(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    names = sorted(frozenset().union(*batch.references))
    if not names:
        raise MetricInputError("map and roc_auc: no reference has a tag")
    has_tag = np.array([[n in r for n in names] for r in batch.references], int)
    rows = [_by_key(s) if isinstance(s, Mapping) else {} for s in batch.scores or ()]
    scores = np.array([[_tag_score(row, _key(n)) for n in names] for row in rows])
    return has_tag, scores


def _by_key(scores: Mapping[str, Any]) -> Mapping[str, Any]:
    """Scores by labels in any spelling, as labels are compared."""
    return {_key(str(label)): score for label, score in scores.items()}


def _tag_score(scores: Mapping[str, Any], name: str) -> float:
    value = _score(scores.get(name), name)
    return -1e9 if np.isnan(value) else value
