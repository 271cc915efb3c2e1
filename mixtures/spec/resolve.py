"""From a tree and the sizes of a corpus to shares by step, in examples.

Where a mixture is weighed by tokens or seconds, its stated shares hold in that unit: a task
with long examples is drawn less often, rate = share / mean length.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.plan.shares import Piece, Shares, quantised
from audioflan_tasks.mixtures.spec.tree import Group, Leaf, leaves, schedule_points, shares_at

__all__ = ["WEIGHT_BY", "Cap", "Moved", "Resolved", "WeightBy", "resolve"]

F64 = NDArray[np.float64]

WeightBy = Literal["examples", "tokens", "seconds"]

WEIGHT_BY: tuple[str, ...] = get_args(WeightBy)

# A product of ramps is no straight line: it is followed in this many straight pieces.
_KNOTS = 64


class Cap(NamedTuple):
    """At most `max_epochs` passes over any task in a run of `steps` examples."""

    max_epochs: float
    steps: int


class Moved(NamedTuple):
    """A task whose share a cap has changed; negative where it gave to the others."""

    task: str
    wanted: float
    given: float


@dataclass(frozen=True)
class Resolved:
    """Shares by step of the tasks that have examples, and what was done to get them.

    `left_out` are the tasks without examples; `moved` what the cap moved at step 0.
    """

    shares: Shares
    sizes: Mapping[str, int]
    left_out: tuple[str, ...]
    moved: tuple[Moved, ...]


def resolve(
    root: Group,
    sizes: Mapping[str, int],
    *,
    weight_by: WeightBy = "examples",
    mean_lengths: Mapping[str, float] | None = None,
    cap: Cap | None = None,
) -> Resolved:
    """The shares of a tree over tasks of these sizes.

    Args:
      sizes: examples by task; missing ones have none.
      mean_lengths: mean tokens or seconds of an example by task, for `weight_by`.
      cap: limits the epochs of each task and gives what is over to the others in proportion.

    Raises:
      MixtureError: no task has examples, lengths are missing, or the cap leaves too little.
    """
    every = [leaf.task for leaf in leaves(root)]
    tasks = [task for task in every if sizes.get(task, 0) > 0]
    long = _lengths(tasks, weight_by, mean_lengths)
    amounts = {t: sizes[t] * float(n) for t, n in zip(tasks, long, strict=True)}
    counts = np.array([sizes[t] for t in tasks], np.float64)

    def stated(step: float, since: int) -> F64:
        found = shares_at(root, amounts, step, since)
        rates = np.array([found[t] for t in tasks]) / long
        return np.asarray(rates / rates.sum())

    def at(step: float, since: int) -> F64:
        rates = stated(step, since)
        return rates if cap is None else _within(rates, counts, cap)

    points = schedule_points(root)
    curved = _ramp_levels(root) > 1 or (_ramp_levels(root) and (weight_by, cap) != _PLAIN)
    pieces = []
    for begin, end in itertools.pairwise(points):
        knots = min(_KNOTS if curved else 1, end - begin)
        at_knots = [begin + (end - begin) * k // knots for k in range(knots + 1)]
        values = [quantised(at(step, begin)) for step in at_knots]
        for (x, a), (y, b) in itertools.pairwise(zip(at_knots, values, strict=True)):
            pieces.append(Piece(y - x, a, b))
    last = quantised(at(points[-1], points[-1]))
    shares = Shares(tuple(tasks), (*pieces, Piece(None, last, last)))
    left_out = tuple(task for task in every if task not in amounts)
    live = _live(shares)
    moved = _moved(tasks, stated(0, 0), at(0, 0)) if cap else ()
    return Resolved(live, {t: sizes[t] for t in live.tasks}, left_out, moved)


_PLAIN = ("examples", None)


def _live(shares: Shares) -> Shares:
    """Without tasks that never have a share (a schedule of which other members are empty)."""
    ever = sum(p.begin + p.end for p in shares.pieces) > 0
    if np.all(ever):
        return shares
    keep = np.flatnonzero(ever)
    pieces = tuple(Piece(p.steps, p.begin[keep], p.end[keep]) for p in shares.pieces)
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


def _within(rates: F64, counts: F64, cap: Cap) -> F64:
    """Rates of which none exceeds its cap; the others grow in proportion (water filling)."""
    most = cap.max_epochs * counts / cap.steps
    if most.sum() < 1:
        raise MixtureError(
            f"max_epochs={cap.max_epochs:g} over {int(counts.sum()):,} examples allows "
            f"{int(cap.max_epochs * counts.sum()):,} draws, not {cap.steps:,}; "
            "raise max_epochs or lower steps"
        )
    full = np.zeros(len(rates), np.bool_)
    while True:
        free = 1.0 - most[full].sum()
        open_rates = rates[~full].sum()
        if open_rates <= 0:
            raise MixtureError(
                f"max_epochs={cap.max_epochs:g}: the tasks that have a share allow "
                f"{1 - free:.0%} of the {cap.steps:,} steps; raise max_epochs or lower steps"
            )
        given = np.where(full, most, rates * (free / open_rates))
        over = ~full & (given > most * (1 + 1e-12))
        if not over.any():
            return np.asarray(given)
        full |= over


def _moved(tasks: list[str], wanted: F64, given: F64) -> tuple[Moved, ...]:
    return tuple(
        Moved(task, float(w), float(g))
        for task, w, g in zip(tasks, wanted, given, strict=True)
        if abs(g - w) > 1e-9
    )


def _ramp_levels(node: Group | Leaf) -> int:
    """Most groups on a path from the root whose weights change between points."""
    if isinstance(node, Leaf):
        return 0
    return int(node.weights.is_ramp) + max(_ramp_levels(member) for member in node.members)
