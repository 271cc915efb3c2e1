"""Metrics on numbers (scikit-learn 1.x, SciPy 1.x)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from audioflan_tasks.metrics.batch import Batch

__all__ = ["mae", "pearson"]


def mae(batch: Batch) -> Mapping[str, float]:
    """Mean absolute error in the unit of the labels, over all and over read answers.

    In `mae` an answer without a number counts as the reference value that lies farthest from
    the target, so that silence never pays; `mae_parsed` leaves it out, and is not there where
    none is read.
    """
    from sklearn.metrics import mean_absolute_error

    wanted, said, read = _filled(batch)
    values = {"mae": mean_absolute_error(wanted, said)}
    if read.any():
        values["mae_parsed"] = mean_absolute_error(wanted[read], said[read])
    return values


def pearson(batch: Batch) -> Mapping[str, float]:
    """Pearson correlation (-1 to 1), answers without a number filled as in `mae`.

    0 where the references or the answers do not vary.
    """
    wanted, said, _ = _filled(batch)
    if len(wanted) < 2 or np.ptp(wanted) == 0 or np.ptp(said) == 0:
        return {"pearson": 0.0}
    return {"pearson": float(np.clip(np.corrcoef(wanted, said)[0, 1], -1.0, 1.0))}


def _filled(batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    wanted = np.array([float(r) for r in batch.references])
    low, high = wanted.min(), wanted.max()
    farthest = np.where(wanted - low > high - wanted, low, high)
    read = np.array([a is not None for a in batch.answers])
    given = np.array([0.0 if a is None else float(a) for a in batch.answers])
    return wanted, np.where(read, given, farthest), read
