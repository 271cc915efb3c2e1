"""Metrics on numbers (scikit-learn 1.x, SciPy 1.x)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.metrics.sums import Floats, Sums, mean

__all__ = ["mae", "mae_sums", "pearson", "pearson_sums"]

# Less of a product of variances is rounding.
_NO_SPREAD = 1e-12


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


def mae_sums(batch: Batch) -> Sums:
    """The error of each answer; the farthest reference is that of the whole batch."""
    references, answers, _ = _fill_missing(batch)
    return mean(np.abs(references - answers))


def pearson(batch: Batch) -> Mapping[str, float]:
    """Pearson correlation (-1 to 1), answers without a number filled as in `mae`.

    0 where the references or the answers do not vary.
    """
    return {"pearson": pearson_sums(batch).whole}


def pearson_sums(batch: Batch) -> Sums:
    """The moments of each pair, about the means of the batch."""
    references, answers, _ = _fill_missing(batch)
    x, y = references - references.mean(), answers - answers.mean()
    return Sums(np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1), _correlation)


def _correlation(sums: Floats) -> Floats:
    count, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    count = np.maximum(count, 1.0)
    spread = np.maximum(xx - x * x / count, 0.0) * np.maximum(yy - y * y / count, 0.0)
    varies = spread > (_NO_SPREAD * np.maximum(xx * yy, 1e-300))
    quotient = (xy - x * y / count) / np.sqrt(np.where(varies, spread, 1.0))
    return np.where(varies, np.clip(quotient, -1.0, 1.0), 0.0)


def _fill_missing(batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    references = np.array([float(r) for r in batch.references])
    low, high = references.min(), references.max()
    farthest = np.where(references - low > high - references, low, high)
    has_number = np.array([a is not None for a in batch.answers])
    answers = np.array([0.0 if a is None else float(a) for a in batch.answers])
    return references, np.where(has_number, answers, farthest), has_number
