"""Which tasks are mixed, and at which rates."""

from __future__ import annotations

if __name__ == "mixtures":
    raise ImportError("import audioflan_tasks.mixtures, not mixtures")

from audioflan_tasks.mixtures.custom import Mix, mixture
from audioflan_tasks.mixtures.holdout import Held, folds, leave_one_cluster_out
from audioflan_tasks.mixtures.policies import POLICIES, Policy, capped, size, temperature
from audioflan_tasks.mixtures.splits import Split, hold_out, split
from audioflan_tasks.mixtures.standard import DEFAULT_POLICY, MixtureRow, standard_mixtures

__all__ = [
    "DEFAULT_POLICY",
    "POLICIES",
    "Held",
    "Mix",
    "MixtureRow",
    "Policy",
    "Split",
    "capped",
    "folds",
    "hold_out",
    "leave_one_cluster_out",
    "mixture",
    "size",
    "split",
    "standard_mixtures",
    "temperature",
]
