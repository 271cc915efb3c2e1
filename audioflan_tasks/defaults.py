"""Defaults that `evaluate` and the command line share; importing them costs nothing."""

from __future__ import annotations

__all__ = ["DEFAULT_BASELINES"]

# None of these asks the model again, as `blind` and `shuffled` do.
DEFAULT_BASELINES = ("random", "majority", "copy")
