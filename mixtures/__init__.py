"""Which tasks are mixed, at which rates, and which row stands at which step."""

from __future__ import annotations

if __name__ == "mixtures":
    raise ImportError("import audioflan_tasks.mixtures, not mixtures")

from audioflan_tasks.mixtures.holdout.clusters import WIDTHS, Width
from audioflan_tasks.mixtures.holdout.folds import folds, leave_one_cluster_out
from audioflan_tasks.mixtures.holdout.hold_out import HoldOut
from audioflan_tasks.mixtures.plan.plan import Plan
from audioflan_tasks.mixtures.plan.row_order import BlockShuffle
from audioflan_tasks.mixtures.spec.mix import Mix
from audioflan_tasks.mixtures.spec.mixture import mixture
from audioflan_tasks.mixtures.spec.policies import (
    POLICIES,
    Policy,
    capped,
    category_balanced,
    domain_balanced,
    equal,
    explicit,
    nested,
    size,
    temperature,
    unimax,
)
from audioflan_tasks.mixtures.spec.schedule import Schedule, schedule
from audioflan_tasks.mixtures.spec.standard import (
    DEFAULT_POLICY,
    MixtureRow,
    paper_sizes,
    standard_mixtures,
)
from audioflan_tasks.mixtures.spec.toml import mixture_named, read_toml
from audioflan_tasks.mixtures.splits import Split, hold_out, split

__all__ = [
    "DEFAULT_POLICY",
    "POLICIES",
    "WIDTHS",
    "BlockShuffle",
    "HoldOut",
    "Mix",
    "MixtureRow",
    "Plan",
    "Policy",
    "Schedule",
    "Split",
    "Width",
    "capped",
    "category_balanced",
    "domain_balanced",
    "equal",
    "explicit",
    "folds",
    "hold_out",
    "leave_one_cluster_out",
    "mixture",
    "mixture_named",
    "nested",
    "paper_sizes",
    "read_toml",
    "schedule",
    "size",
    "split",
    "standard_mixtures",
    "temperature",
    "unimax",
]
