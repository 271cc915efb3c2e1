"""Rate policies: from the sizes of tasks to the rates at which they are mixed.

Reference: examples-proportional mixing with a limit, Raffel et al. 2020 (T5), section
3.5.2; temperature n^(1/T), the same section and Xue et al. 2021 (mT5), who write
alpha = 1/T. T is meant as in `seqio.mixing_rate_num_examples(temperature=T)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from audioflan_tasks.errors import MixtureError

__all__ = ["POLICIES", "Policy", "capped", "explicit", "size", "temperature"]


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule that gives each task a rate; rates need not sum to one.

    Tasks without examples always get rate 0. `name` identifies the rule with its
    parameters.
    """

    name: str
    meaning: str
    rate: Callable[[str, int], float]

    def rates(self, sizes: Mapping[str, int]) -> dict[str, float]:
        """Rate by task name from number of examples by task name.

        Raises:
          MixtureError: a rate is negative, infinite or NaN, or all are 0.
        """
        rates = {task: self.rate(task, n) if n > 0 else 0.0 for task, n in sizes.items()}
        wrong = [task for task, r in rates.items() if not (math.isfinite(r) and r >= 0)]
        if wrong:
            raise MixtureError(
                f"policy {self.name}: rate of {wrong[0]} is {rates[wrong[0]]}; "
                "rates must be finite and not negative"
            )
        if not any(rates.values()):
            raise MixtureError(
                f"policy {self.name}: every rate is 0 over {len(rates)} tasks; "
                "is the corpus empty for this split?"
            )
        return rates


def size() -> Policy:
    """Rate n: every example of the corpus is equally likely."""
    return Policy("size", "rate n: every example equally likely", lambda task, n: float(n))


def capped(limit: int) -> Policy:
    """Rate min(n, limit): FLAN's and T5's examples-proportional mixing."""
    if limit < 1:
        raise MixtureError(f"capped: limit must be at least 1, got {limit}")
    return Policy(
        f"capped({limit})", f"rate min(n, {limit:,})", lambda task, n: float(min(n, limit))
    )


def temperature(value: float) -> Policy:
    """Rate n^(1/value): 1 is proportional to size, large values come near to equal rates."""
    if not (math.isfinite(value) and value > 0):
        raise MixtureError(f"temperature: must be above 0 and finite, got {value}")
    return Policy(
        f"temperature({value:g})", f"rate n^(1/{value:g})", lambda task, n: n ** (1.0 / value)
    )


def explicit(weights: Mapping[str, float]) -> Policy:
    """The given rate for each task name; tasks without one get 0."""
    fixed = dict(weights)
    return Policy("explicit", "rates as given", lambda task, n: float(fixed.get(task, 0.0)))


POLICIES: Mapping[str, Policy] = {
    "size": size(),
    "capped": capped(30_000),
    "temperature": temperature(3.0),
}
