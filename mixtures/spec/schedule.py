"""Weights that change with the step, in stages or linearly between points."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from audioflan_tasks.errors import MixtureError, nearest
from audioflan_tasks.mixtures.spec.policies import Policy, policy_of

__all__ = ["Schedule", "Shape", "schedule"]

Shape = Literal["stages", "linear"]
Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Points of (step, weights or a policy); build it with `schedule`.

    The weights of a point are normalised first. In `stages` they hold until the next point,
    in `linear` they move to it in a straight line. The last weights stay.
    """

    points: tuple[tuple[int, Weights | Policy], ...]
    shape: Shape

    @property
    def name(self) -> str:
        """Identifies the schedule with all its numbers."""
        listing = []
        for step, weights in self.points:
            if isinstance(weights, Policy):
                listing.append(f"{step}: {weights.name}")
            else:
                pairs = ", ".join(f"{k}={w:.15g}" for k, w in sorted(weights.items()))
                listing.append(f"{step}: {pairs}")
        return f"{self.shape}[{'; '.join(listing)}]"

    @property
    def steps(self) -> tuple[int, ...]:
        """Where the points are."""
        return tuple(step for step, _ in self.points)

    @property
    def is_ramp(self) -> bool:
        """Whether weights change between points."""
        return self.shape == "linear" and len(self.points) > 1

    def rates_at(self, step: float, interval_start: int, amounts: Weights) -> dict[str, float]:
        """Shares by member at a step of the interval that begins at `since`."""
        number = max(i for i, (begin, _) in enumerate(self.points) if begin <= interval_start)
        begin = self._shares(number, amounts)
        if self.shape == "stages" or number + 1 == len(self.points):
            return begin
        start, stop = self.points[number][0], self.points[number + 1][0]
        part = (step - start) / (stop - start)
        end = self._shares(number + 1, amounts)
        return {k: begin[k] + (end[k] - begin[k]) * part for k in begin}

    def check(self, members: Sequence[str], place: str) -> None:
        """Raises MixtureError unless every member, and nothing else, has a weight."""
        names = list(members)
        for step, weights in self.points:
            if isinstance(weights, Policy):
                continue
            for key in weights:
                if key not in names:
                    raise MixtureError(
                        f"{place}: step {step} weighs {key!r}, which is no member"
                        f"{nearest(key, names)}"
                    )
        for key in names:
            if not any(isinstance(w, Policy) or w.get(key, 0.0) > 0 for _, w in self.points):
                raise MixtureError(f"{place}: {key} has no weight at any step; leave it out")

    def _shares(self, number: int, amounts: Weights) -> dict[str, float]:
        step, weights = self.points[number]
        if isinstance(weights, Policy):
            rates: dict[str, float] = weights.rates(amounts)
        else:
            rates = {k: weights.get(k, 0.0) if n > 0 else 0.0 for k, n in amounts.items()}
        total = sum(rates.values())
        if not total:
            raise MixtureError(
                f"schedule: at step {step} no member with examples has a weight "
                f"(with examples: {', '.join(k for k, n in amounts.items() if n > 0) or 'none'})"
            )
        return {k: r / total for k, r in rates.items()}


def schedule(
    points: Iterable[tuple[int, Weights | Policy | str] | list[Any]], shape: Shape = "stages"
) -> Schedule:
    """A schedule from `[[0, {...}], [100_000, {...}]]`; a policy may replace the weights.

    Raises:
      MixtureError: points not in order from step 0, or weights that are negative, not finite
        or all zero.
    """
    if shape not in ("stages", "linear"):
        raise MixtureError(f"schedule: shape {shape!r}: expected stages or linear")
    fixed_points: list[tuple[int, Weights | Policy]] = []
    for point in points:
        step, weights = point
        if isinstance(step, bool) or not isinstance(step, int) or step < 0:
            raise MixtureError(f"schedule: steps must be whole numbers from 0, got {step!r}")
        if isinstance(weights, str | Policy) or "name" in weights:
            fixed_points.append((step, policy_of(weights)))
            continue
        rates = {str(k): float(w) for k, w in weights.items()}
        bad = {k: w for k, w in rates.items() if not (math.isfinite(w) and w >= 0)}
        if bad or not any(rates.values()):
            raise MixtureError(
                f"schedule: weights at step {step} must be finite, not negative and not all 0; "
                f"got {bad or rates}"
            )
        fixed_points.append((step, rates))
    steps = [step for step, _ in fixed_points]
    if not steps or steps[0] != 0 or sorted(set(steps)) != steps:
        raise MixtureError(f"schedule: steps must begin at 0 and rise, got {steps}")
    return Schedule(tuple(fixed_points), shape)
