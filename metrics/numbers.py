"""Metrics on numbers (scikit-learn 1.x, SciPy 1.x)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from audioflan_tasks.metrics.batch import Batch

__all__ = ["mae", "pearson"]


def mae(batch: Batch) -> Mapping[str, float]:
    """Mean absolute error in the unit of the labels, over all answers and over those with a number.

    In `mae` an answer without a number counts as the reference value that lies farthest from
    the target, so that silence never pays; `mae_parsed` leaves it out, and is not there where
    none is read.
    """
    from sklearn.metrics import mean_absolute_error

    references, answers, has_number = _fill_missing(batch)
    values = {"mae": mean_absolute_error(references, answers)}
    if has_number.any():
        values["mae_parsed"] = mean_absolute_error(references[has_number], answers[has_number])
    return values


def pearson(batch: Batch) -> Mapping[str, float]:
    """Pearson correlation (-1 to 1), answers without a number filled as in `mae`.

    0 where the references or the answers do not vary.
    """
    references, answers, _ = _fill_missing(batch)
    if len(references) < 2 or np.ptp(references) == 0 or np.ptp(answers) == 0:
        return {"pearson": 0.0}
    return {"pearson": float(np.clip(np.corrcoef(references, answers)[0, 1], -1.0, 1.0))}


def _fill_missing(batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    references = np.array([float(r) for r in batch.references])
    low, high = references.min(), references.max()
    farthest = np.where(references - low > high - references, low, high)
    has_number = np.array([a is not None for a in batch.answers])
    answers = np.array([0.0 if a is None else float(a) for a in batch.answers])
    return references, np.where(has_number, answers, farthest), has_number
