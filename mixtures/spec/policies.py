"""Rate policies: from the amounts of tasks to the rates at which they are mixed.

Amounts are examples, or tokens or seconds where a mixture is weighted by them. References:
examples-proportional mixing with a limit, Raffel et al. 2020 (T5), section 3.5.2;
temperature n^(1/T), the same section and Xue et al. 2021 (mT5), who write alpha = 1/T, T
as in `seqio.mixing_rate_num_examples(temperature=T)`; UniMax, Chung et al. 2023
(arXiv 2304.09151), algorithm 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.foreign import facts_of, is_foreign
from audioflan_tasks.mixtures.spec.tree import Group, Leaf, shares_at

__all__ = [
    "POLICIES",
    "Policy",
    "capped",
    "category_balanced",
    "domain_balanced",
    "equal",
    "explicit",
    "nested",
    "policy_of",
    "size",
    "temperature",
    "tree_of",
    "unimax",
]

Amounts = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule that gives each member of a group a rate; rates need not sum to one.

    Members without examples always get rate 0. `name` identifies the rule with its
    parameters. With `levels`, tasks are grouped first: `levels[0]` is the field of the
    catalogue to group by and the policy among these groups, and so on inwards; the rule
    itself then holds inside the innermost groups.
    """

    name: str
    meaning: str
    rule: Callable[[Amounts], Amounts]
    levels: tuple[tuple[str, Policy], ...] = ()

    def rates(self, sizes: Amounts) -> dict[str, float]:
        """Rate by name from amount by name; of tasks where the policy has levels.

        Raises:
          MixtureError: a rate is negative, infinite or NaN, or all are 0.
        """
        if self.levels:
            return shares_at(tree_of(tuple(sizes), self), sizes)
        nonempty = {name: n for name, n in sizes.items() if n > 0}
        rates = {**dict.fromkeys(sizes, 0.0), **(self.rule(nonempty) if nonempty else {})}
        unknown = [name for name, n in nonempty.items() if math.isinf(n)]
        if unknown and not all(map(math.isfinite, rates.values())):
            raise MixtureError(
                f"policy {self.name} needs the number of examples of {unknown[0]}, which its "
                "source does not say: give num_input_examples to the source, or mix with weights, "
                "equal or capped"
            )
        wrong = [name for name, r in rates.items() if not (math.isfinite(r) and r >= 0)]
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

    @property
    def steps(self) -> tuple[int, ...]:
        """A policy holds from step 0 on."""
        return (0,)

    @property
    def is_ramp(self) -> bool:
        """A policy never changes with the step."""
        return False

    def rates_at(self, step: float, interval_start: int, amounts: Amounts) -> dict[str, float]:
        """The rates, which are the same at every step."""
        return self.rates(amounts)

    def check(self, members: Sequence[str], place: str) -> None:
        """A policy fits any members."""


def tree_of(tasks: Sequence[str], policy: Policy) -> Group:
    """Tasks under one policy, grouped by the fields of the catalogue that it names.

    Raises:
      MixtureError: a level names no such field, or its policy has levels itself.
    """
    return _group_tasks("", tasks, policy.levels, policy)


def _group_tasks(
    name: str, tasks: Sequence[str], levels: Sequence[tuple[str, Policy]], policy: Policy
) -> Group:
    if not levels:
        flat = Policy(policy.name.rpartition(" > ")[2], policy.meaning, policy.rule)
        return Group(name, tuple(Leaf(task) for task in tasks), flat)
    (level_field, level_policy), inner = levels[0], levels[1:]
    if level_policy.levels:
        raise MixtureError(
            f"the policy over {level_field} has levels of its own; give one list of levels"
        )
    groups: dict[str, list[str]] = {}
    for task in tasks:
        groups.setdefault(_field(task, level_field), []).append(task)
    members = tuple(_group_tasks(key, group, inner, policy) for key, group in groups.items())
    return Group(name, members, level_policy)


def _field(task: str, level_field: str) -> str:
    facts = facts_of(task) if is_foreign(task) else None
    value = facts.get(level_field) if facts else getattr(catalogue.get(task), level_field, None)
    if not isinstance(value, str):
        raise MixtureError(
            f"tasks cannot be grouped by {level_field!r}; "
            "expected domain, major, paper_category or answer"
        )
    return value


def _policy_of_rate(name: str, meaning: str, rate: Callable[[float], float]) -> Policy:
    return Policy(name, meaning, partial(_rate_each, rate))


def _rate_each(rate: Callable[[float], float], amounts: Amounts) -> Amounts:
    return {key: rate(n) for key, n in amounts.items()}


def _equal_rate(n: float) -> float:
    return 1.0


def _root(value: float, n: float) -> float:
    return float(n ** (1.0 / value))


def _fixed_rates(weights: Amounts, amounts: Amounts) -> Amounts:
    return {name: weights.get(name, 0.0) for name in amounts}


def _unimax(max_epochs: float, budget: float | None, amounts: Amounts) -> Amounts:
    budget_left = float(sum(amounts.values())) if budget is None else float(budget)
    rates = {}
    for number, name in enumerate(sorted(amounts, key=lambda k: (amounts[k], k))):
        rates[name] = min(max_epochs * amounts[name], budget_left / (len(amounts) - number))
        budget_left -= rates[name]
    return rates


def size() -> Policy:
    """Rate n: every example of the corpus is equally likely."""
    return _policy_of_rate("size", "rate n: every example equally likely", float)


def equal() -> Policy:
    """Rate 1: every member is equally likely, whatever it holds."""
    return _policy_of_rate("equal", "equal rates", _equal_rate)


def capped(limit: float) -> Policy:
    """Rate min(n, limit): FLAN's and T5's examples-proportional mixing."""
    if not limit >= 1:
        raise MixtureError(f"capped: limit must be at least 1, got {limit}")
    return _policy_of_rate(
        f"capped({limit:.15g})", f"rate min(n, {limit:,.15g})", partial(min, float(limit))
    )


def temperature(value: float) -> Policy:
    """Rate n^(1/value): 1 is proportional to size, large values come near to equal rates."""
    if not (math.isfinite(value) and value > 0):
        raise MixtureError(f"temperature: must be above 0 and finite, got {value}")
    return _policy_of_rate(
        f"temperature({value:g})", f"rate n^(1/{value:g})", partial(_root, value)
    )


def unimax(max_epochs: float, budget: float | None = None) -> Policy:
    """As equal as possible with at most `max_epochs` passes over any task.

    From the smallest task to the largest, each gets min(max_epochs * n, remaining budget /
    remaining tasks). `budget` is the amount that will be drawn in all; None takes the sum of
    all amounts.
    """
    if not (max_epochs > 0 and math.isfinite(max_epochs)):
        raise MixtureError(f"unimax: max_epochs must be above 0 and finite, got {max_epochs}")
    if budget is not None and not (budget > 0 and math.isfinite(budget)):
        raise MixtureError(f"unimax: budget must be above 0 and finite, got {budget}")

    parameters = f"{max_epochs:g}" if budget is None else f"{max_epochs:g}, {budget:.15g}"
    return Policy(
        f"unimax({parameters})",
        f"equal, but at most {max_epochs:g} epochs of a task",
        partial(_unimax, max_epochs, budget),
    )


def explicit(weights: Mapping[str, float]) -> Policy:
    """The given rate for each name; names without one get 0.

    Raises:
      MixtureError: a rate is not a positive and finite number.
    """
    rates = {name: float(weight) for name, weight in weights.items()}
    bad = {n: w for n, w in rates.items() if not (math.isfinite(w) and w > 0)}
    if bad or not rates:
        raise MixtureError(f"weights must be positive and finite numbers, got {bad or 'none'}")
    listing = ", ".join(f"{n}={w:.15g}" for n, w in sorted(rates.items()))
    return Policy(f"explicit({listing})", "rates as given", partial(_fixed_rates, rates))


def nested(levels: Iterable[tuple[str, Policy]], inner: Policy) -> Policy:
    """Groups by fields of the catalogue (domain, major, paper_category, …), each with a policy."""
    chain = tuple(levels)
    name = " > ".join([*(f"{level_field}: {p.name}" for level_field, p in chain), inner.name])
    meaning = ", then ".join(
        [*(f"{p.meaning} over {level_field}s" for level_field, p in chain), inner.meaning]
    )
    return Policy(name, meaning, inner.rule, chain)


def domain_balanced(inner: Policy | None = None) -> Policy:
    """A third each for speech, music and audio; inside a domain temperature(3) by default."""
    return nested([("domain", equal())], inner or temperature(3.0))


def category_balanced(inner: Policy | None = None) -> Policy:
    """Half each for understanding and generation (Table 2's); inside temperature(3) by default."""
    return nested([("paper_category", equal())], inner or temperature(3.0))


POLICIES: Mapping[str, Policy] = {
    "size": size(),
    "capped": capped(30_000),
    "temperature": temperature(3.0),
    "unimax": unimax(4.0),
    "equal": equal(),
    "domain_balanced": domain_balanced(),
    "category_balanced": category_balanced(),
    "nested": nested([("domain", temperature(3.0)), ("major", temperature(3.0))], size()),
}

_FACTORIES: Mapping[str, Callable[..., Policy]] = {
    "capped": capped,
    "temperature": temperature,
    "unimax": unimax,
}


def policy_of(value: Policy | str | Mapping[str, Any]) -> Policy:
    """A policy from itself, from a name, or from {"name": "capped", "limit": 1000}.

    Raises:
      UnknownNameError: no such policy.
      MixtureError: parameters that the policy does not take.
    """
    if isinstance(value, Policy):
        return value
    if isinstance(value, str):
        if value not in POLICIES:
            raise UnknownNameError("policy", value, POLICIES)
        return POLICIES[value]
    if not isinstance(value, Mapping):
        raise MixtureError(f"policy={value!r}: expected a name, a Policy, or a mapping with a name")
    options = dict(value)
    name = str(options.pop("name", ""))
    if name not in POLICIES:
        raise UnknownNameError("policy", name, POLICIES)
    if not options:
        return POLICIES[name]
    try:
        return _FACTORIES[name](**options)
    except (KeyError, TypeError):
        raise MixtureError(
            f"policy {name} does not take {', '.join(options)}; these take parameters: "
            "capped(limit), temperature(value), unimax(max_epochs, budget)"
        ) from None
