"""Which tasks are mixed, and at which rates."""

from __future__ import annotations

if __name__ == "mixtures":
    raise ImportError("import audioflan_tasks.mixtures, not mixtures")

from audioflan_tasks.mixtures.custom import Mix, mixture
from audioflan_tasks.mixtures.policies import POLICIES, Policy, capped, size, temperature
from audioflan_tasks.mixtures.standard import (
    DEFAULT_POLICY,
    MixtureRow,
    paper_sizes,
    standard_mixtures,
)

__all__ = [
    "DEFAULT_POLICY",
    "POLICIES",
    "Mix",
    "MixtureRow",
    "Policy",
    "capped",
    "mixture",
    "paper_sizes",
    "size",
    "standard_mixtures",
    "temperature",
]
