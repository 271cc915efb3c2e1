"""A user's own mixture, from Python."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow, snake
from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.mixtures.holdout import held_out
from audioflan_tasks.mixtures.policies import POLICIES, Policy, explicit
from audioflan_tasks.mixtures.standard import DEFAULT_POLICY, MixtureRow

__all__ = ["Mix", "mixture"]


@dataclass(frozen=True, slots=True)
class Mix:
    """Tasks and the policy that gives them rates; nothing is read before it is used."""

    tasks: tuple[str, ...]
    policy: Policy

    def rates(self, sizes: Mapping[str, int]) -> dict[str, float]:
        """Rate by task name from number of examples by task name."""
        return self.policy.rates({task: sizes.get(task, 0) for task in self.tasks})

    def register(self, name: str) -> Any:
        """Adds the mixture to seqio's registry under `name` and returns the `seqio.Mixture`."""
        # seqio_tasks stands below this folder: it is looked up by name, as it
        # imports TensorFlow and must not be loaded with the mixtures.
        register = importlib.import_module("audioflan_tasks.seqio_tasks.register")
        row = MixtureRow(name, self.tasks, self.policy, "a user's own mixture")
        return register.register_mixture(row)


def mixture(
    *select: str,
    policy: Policy | str = DEFAULT_POLICY,
    weights: Mapping[str, float] | None = None,
    exclude: Iterable[str] = (),
    allow_held_out: bool = True,
) -> Mix:
    """A mixture of the selected tasks.

    Args:
      select: task names or ids, domains, `understanding`, `generation`, or names of major
        tasks ("Speech Enhancement"); nothing selects all tasks.
      policy: a policy or the name of a standard one.
      weights: rate by task name or id; selects exactly these tasks and replaces `policy`.
      exclude: selections that are left out, written as in `select`.
      allow_held_out: False refuses tasks that are held out for evaluation.

    Raises:
      UnknownNameError: a selection matches nothing; with the nearest names.
      MixtureError: nothing is left, a weight is not a positive number, or a held-out task
        was selected and they are refused.
    """
    if weights is not None:
        if select:
            raise MixtureError("give either selections or weights, not both")
        named = {catalogue.get(key).name: float(w) for key, w in weights.items()}
        bad = {n: w for n, w in named.items() if not 0 < w < float("inf")}
        if bad:
            raise MixtureError(f"weights must be positive and finite numbers, got {bad}")
        select, chosen = tuple(named), explicit(named)
    else:
        chosen = _policy(policy)
    left_out = {name for part in exclude for name in _selected(part)}
    names = tuple(
        dict.fromkeys(
            name
            for part in (select or ("all",))
            for name in _selected(part)
            if name not in left_out
        )
    )
    if not names:
        raise MixtureError(f"no task is left of {select or 'all tasks'} without {tuple(exclude)}")
    refused = sorted(held_out() & set(names))
    if refused and not allow_held_out:
        raise MixtureError(
            f"held out for evaluation: {', '.join(refused)}; exclude them, "
            "or train on audioflan_seen"
        )
    return Mix(names, chosen)


def _policy(policy: Policy | str) -> Policy:
    if isinstance(policy, Policy):
        return policy
    if policy not in POLICIES:
        raise UnknownNameError("policy", policy, POLICIES)
    return POLICIES[policy]


def _selected(part: str) -> tuple[str, ...]:
    rows = catalogue.tasks()
    if part == "all":
        return tuple(row.name for row in rows)
    group = tuple(
        row.name
        for row in rows
        if part in (row.domain, row.paper_category) or snake(part) == snake(row.major)
    )
    # Speech Caption and Music Caption are a major task and its only minor task alike.
    return group or (_by_name(part, rows).name,)


def _by_name(part: str, rows: tuple[TaskRow, ...]) -> TaskRow:
    try:
        return catalogue.get(part)
    except UnknownNameError:
        known = {row.id for row in rows} | {row.name for row in rows}
        known |= {row.major for row in rows} | {"speech", "music", "audio", "understanding"}
        raise UnknownNameError("task or group of tasks", part, known) from None
