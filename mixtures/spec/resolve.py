"""From a tree and the sizes of a corpus to shares by step, in examples.

Where a mixture is weighted by tokens or seconds, its shares hold in that unit: a task with
long examples is drawn less often, at rate = share / mean length.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.plan.plan import UNKNOWN_SIZE
from audioflan_tasks.mixtures.plan.shares import SharePiece, Shares, quantised
from audioflan_tasks.mixtures.spec.tree import Group, Leaf, leaves, schedule_points, shares_at

__all__ = ["WEIGHT_BY", "Cap", "ResolvedMix", "ShareChange", "WeightBy", "amounts_of", "resolve"]

F64 = NDArray[np.float64]

WeightBy = Literal["examples", "tokens", "seconds"]

WEIGHT_BY: tuple[str, ...] = get_args(WeightBy)

# A product of ramps is no straight line: it is approximated by this many straight pieces.
_KNOTS = 64


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `max_epochs` passes over any task in a run of `steps` examples."""

    max_epochs: float
    steps: int


@dataclass(frozen=True, slots=True)
class ShareChange:
    """A task whose share a cap changes: the share by the policy, and the one under the cap."""

    task: str
    policy_share: float
    capped_share: float


@dataclass(frozen=True, slots=True)
class ResolvedMix:
    """Shares by step of the tasks that have examples.

    `left_out` are the tasks without examples, `share_changes` what a cap changes at step 0.
    """

    shares: Shares
    sizes: Mapping[str, int]
    left_out: tuple[str, ...]
    share_changes: tuple[ShareChange, ...]


def resolve(
    root: Group,
    sizes: Mapping[str, int],
    *,
    weight_by: WeightBy = "examples",
    mean_lengths: Mapping[str, float] | None = None,
    cap: Cap | None = None,
) -> ResolvedMix:
    """The shares of a tree over tasks of these sizes.

    Args:
      sizes: examples by task; missing ones have none, `UNKNOWN_SIZE` those of unknown number.
      mean_lengths: mean tokens or seconds of an example by task, for `weight_by`.
      cap: limits the epochs of each task; the others share the remainder in proportion.

    Raises:
      MixtureError: no task has examples, lengths are missing, or the cap leaves too little.
    """
    all_tasks = [leaf.task for leaf in leaves(root)]
    tasks = [task for task in all_tasks if sizes.get(task, 0) > 0]
    lengths = _lengths(tasks, weight_by, mean_lengths)
    known_sizes = amounts_of({t: sizes[t] for t in tasks})
    amounts = {t: known_sizes[t] * float(n) for t, n in zip(tasks, lengths, strict=True)}
    counts = np.array([known_sizes[t] for t in tasks], np.float64)

    def policy_rates(step: float, interval_start: int) -> F64:
        shares_by_task = shares_at(root, amounts, step, interval_start)
        rates = np.array([shares_by_task[t] for t in tasks]) / lengths
        return np.asarray(rates / rates.sum())

    def rates_at(step: float, interval_start: int) -> F64:
        rates = policy_rates(step, interval_start)
        return rates if cap is None else _capped_rates(rates, counts, cap)

    points = schedule_points(root)
    is_curved = _ramp_levels(root) > 1 or (_ramp_levels(root) and (weight_by, cap) != _PLAIN)
    pieces = []
    for begin, end in itertools.pairwise(points):
        knots = min(_KNOTS if is_curved else 1, end - begin)
        at_knots = [begin + (end - begin) * k // knots for k in range(knots + 1)]
        values = [quantised(rates_at(step, begin)) for step in at_knots]
        for (x, a), (y, b) in itertools.pairwise(zip(at_knots, values, strict=True)):
            pieces.append(SharePiece(y - x, a, b))
    last = quantised(rates_at(points[-1], points[-1]))
    shares = Shares(tuple(tasks), (*pieces, SharePiece(None, last, last)))
    left_out = tuple(task for task in all_tasks if task not in amounts)
    live = _without_idle_tasks(shares)
    share_changes = _share_changes(tasks, policy_rates(0, 0), rates_at(0, 0)) if cap else ()
    return ResolvedMix(live, {t: sizes[t] for t in live.tasks}, left_out, share_changes)


_PLAIN = ("examples", None)


def amounts_of(sizes: Mapping[str, int]) -> dict[str, float]:
    """Sizes as numbers that policies calculate with: those that nobody knows are infinite."""
    return {t: math.inf if n >= UNKNOWN_SIZE else float(n) for t, n in sizes.items()}


def _without_idle_tasks(shares: Shares) -> Shares:
    """Without tasks that never have a share, as where a schedule's other members are empty."""
    is_drawn = sum(p.begin + p.end for p in shares.pieces) > 0
    if np.all(is_drawn):
        return shares
    keep = np.flatnonzero(is_drawn)
    pieces = tuple(SharePiece(p.steps, p.begin[keep], p.end[keep]) for p in shares.pieces)
    return Shares(tuple(shares.tasks[i] for i in keep), pieces)


def _lengths(tasks: list[str], weight_by: str, means: Mapping[str, float] | None) -> F64:
    if weight_by not in WEIGHT_BY:
        raise MixtureError(f"weight_by={weight_by!r}: expected one of {', '.join(WEIGHT_BY)}")
    if weight_by == "examples":
        return np.ones(len(tasks))
    missing = [t for t in tasks if not (means or {}).get(t, 0.0) > 0]
    if missing:
        raise MixtureError(
            f"weight_by={weight_by!r}: {missing[0]} has no measured length above 0 in {weight_by}; "
            f"weigh by examples, or leave out {len(missing)} tasks without {weight_by}"
        )
    return np.array([(means or {})[t] for t in tasks])


def _capped_rates(rates: F64, counts: F64, cap: Cap) -> F64:
    """Rates of which none exceeds its cap; the others grow in proportion (water filling)."""
    caps = cap.max_epochs * counts / cap.steps
    if caps.sum() < 1:
        raise MixtureError(
            f"max_epochs={cap.max_epochs:g} over {int(counts.sum()):,} examples allows "
            f"{int(cap.max_epochs * counts.sum()):,} draws, not {cap.steps:,}; "
            "raise max_epochs or lower steps"
        )
    at_cap = np.zeros(len(rates), np.bool_)
    while True:
        free = 1.0 - caps[at_cap].sum()
        open_rates = rates[~at_cap].sum()
        if open_rates <= 0:
            raise MixtureError(
                f"max_epochs={cap.max_epochs:g}: the tasks that have a share allow "
                f"{1 - free:.0%} of the {cap.steps:,} steps; raise max_epochs or lower steps"
            )
        new_rates = np.where(at_cap, caps, rates * (free / open_rates))
        exceeding = ~at_cap & (new_rates > caps * (1 + 1e-12))
        if not exceeding.any():
            return np.asarray(new_rates)
        at_cap |= exceeding


def _share_changes(
    tasks: list[str], policy_shares: F64, capped_shares: F64
) -> tuple[ShareChange, ...]:
    return tuple(
        ShareChange(task, float(policy_share), float(capped_share))
        for task, policy_share, capped_share in zip(
            tasks, policy_shares, capped_shares, strict=True
        )
        if abs(capped_share - policy_share) > 1e-9
    )


def _ramp_levels(node: Group | Leaf) -> int:
    """Most groups on a path from the root whose weights change between points."""
    if isinstance(node, Leaf):
        return 0
    return int(node.weights.is_ramp) + max(_ramp_levels(member) for member in node.members)
