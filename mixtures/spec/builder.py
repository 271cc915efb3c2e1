"""A user's own mixture from Python."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from audioflan_tasks.arguments import check_names
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.holdout.hold_out import HoldOut, hold_out_value
from audioflan_tasks.mixtures.spec.mix import Mix
from audioflan_tasks.mixtures.spec.names import task_name
from audioflan_tasks.mixtures.spec.policies import Policy, explicit, policy_of, tree_of
from audioflan_tasks.mixtures.spec.resolve import WEIGHT_BY, Cap, WeightBy
from audioflan_tasks.mixtures.spec.schedule import Schedule, Shape, schedule
from audioflan_tasks.mixtures.spec.select import select
from audioflan_tasks.mixtures.spec.standard import DEFAULT_POLICY
from audioflan_tasks.mixtures.spec.tree import Group, Leaf
from audioflan_tasks.records.row_filter import RowFilter, licences_up_to

__all__ = ["build_mixture", "cap_of", "weights_of"]

Points = Iterable[Any]


def build_mixture(
    *parts: str,
    policy: Policy | str | Mapping[str, Any] = DEFAULT_POLICY,
    weights: Mapping[str, float] | None = None,
    groups: Mapping[str, Mix] | None = None,
    points: Points | None = None,
    shape: Shape = "stages",
    exclude: Iterable[str] = (),
    rows: Mapping[str, object] | None = None,
    licence: str | None = None,
    weight_by: WeightBy = "examples",
    max_epochs: float | None = None,
    steps: int | None = None,
    tags: Mapping[str, str] | None = None,
    hold_out: object = None,
    allow_held_out: Iterable[str] = (),
) -> Mix:
    """A mixture of the selected tasks, or of other mixtures as groups.

    Args:
      parts: task names or ids, domains, `understanding`, `generation`, major tasks
        ("Speech Enhancement"), `field:value` (`mixtures.spec.select`); nothing selects all
      policy: a policy, the name of a standard one, or {"name": "capped", "limit": 1000}.
      weights: rate by task or by group; replaces `policy`, and selects exactly these tasks.
      groups: mixtures by a name of your own, nested under this one, in place of `parts`.
      points: weights that change with the step, `[[0, {...}], [100_000, {...}]]`, by task or
        by group; a policy's name may replace the weights.
      shape: `stages`, or `linear` between the points.
      exclude: selections that are left out, written as `parts`.
      rows: rows by their records, such as {"language": "English", "not_grade": "W"}
        (`records.row_filter.RowFilter`).
      licence: only records that no input binds more than this class of licences: public_domain,
        attribution, share_alike, no_derivatives, non_commercial; unknown leaves nothing out.
      weight_by: the unit in which shares hold: examples, tokens or seconds.
      max_epochs: most passes over any task in a run of `steps` examples; the others share
        the remainder.
      tags: free tags of all examples of this mixture.
      hold_out: what is kept from training by every way into it: a `Split` of `hold_out`, its
        `HoldOut`, "default" for what `audioflan_unseen` measures, or a table of the arguments of
        `hold_out`. Groups that hold something out hold it out of the whole mixture.
      allow_held_out: names of tasks that are trained on although they are held out.

    Raises:
      UnknownNameError: a name matches nothing; with the nearest names.
      MixtureError: no task is left, a weight is not a positive number, a task stands twice,
        or a held-out task was selected that `allow_held_out` does not name.
    """
    if sum(option is not None for option in (weights, points)) > 1:
        raise MixtureError("give either weights or points, not both")
    filters, fold = RowFilter.of(_with_licence(rows or {}, licence)), hold_out_value(hold_out)
    if groups is not None:
        if parts:
            raise MixtureError("give either selections or groups, not both")
        members, fold = _group_members(groups, exclude, fold)
        names = tuple(groups)
        weighting = weights_of(policy, weights, points, shape, names)
        root = Group("", members, weighting, dict(tags or {}))
    else:
        root = _flat(parts, policy, weights, points, shape, exclude, dict(tags or {}))
    return Mix(
        root, _checked_unit(weight_by), cap_of(max_epochs, steps), filters,
        fold.allowing(allow_held_out),
    )  # fmt: skip


def _with_licence(rows: Mapping[str, object], licence: str | None) -> Mapping[str, object]:
    if licence is None:
        return rows
    if "licence" in rows:
        raise MixtureError("give either licence or rows.licence, not both")
    return {**rows, "licence": licences_up_to(licence)}


def _flat(
    parts: tuple[str, ...],
    policy: Policy | str | Mapping[str, Any],
    weights: Mapping[str, float] | None,
    points: Points | None,
    shape: Shape,
    exclude: Iterable[str],
    tags: Mapping[str, str],
) -> Group:
    if weights is not None:
        if parts:
            raise MixtureError("give either selections or weights, not both")
        weights = _by_registry_name(weights)
        parts = tuple(weights)
    names = select(check_names("selections", parts), check_names("exclude", exclude))
    if weights is not None or points is not None:
        weighting = weights_of(policy, weights, points, shape, names, tasks=True)
        return Group("", tuple(Leaf(name) for name in names), weighting, tags)
    tree = tree_of(names, policy_of(policy))
    return Group("", tree.members, tree.weights, tags)


def weights_of(
    policy: Policy | str | Mapping[str, Any],
    weights: Mapping[str, float] | None,
    points: Points | None,
    shape: Shape,
    members: tuple[str, ...],
    *,
    tasks: bool = False,
) -> Policy | Schedule:
    """What divides the share of a group among its members."""
    if points is not None:
        point_list = [
            (step, _by_registry_name(w) if tasks and _is_weights(w) else w) for step, w in points
        ]
        steps = schedule(point_list, shape)
        steps.check(members, "points")
        return steps
    if weights is not None:
        # A schedule of one point refuses members without a weight, and weights without one.
        explicit(weights)
        steps = schedule([(0, weights)])
        steps.check(members, "weights")
        return explicit(weights)
    rule = policy_of(policy)
    if rule.levels and not tasks:
        raise MixtureError(
            f"policy {rule.name} groups tasks by the catalogue; groups of your own "
            "need weights, points or a policy without levels"
        )
    return rule


def cap_of(max_epochs: float | None, steps: int | None) -> Cap | None:
    """The cap of two settings, which are given together or not at all."""
    if max_epochs is None and steps is None:
        return None
    if max_epochs is None or steps is None or not (max_epochs > 0 and steps > 0):
        raise MixtureError(
            f"max_epochs={max_epochs} and steps={steps}: a cap needs both, above 0: how many "
            "passes over a task, in a run of how many examples"
        )
    return Cap(float(max_epochs), int(steps))


def _group_members(
    groups: Mapping[str, Mix], exclude: Iterable[str], fold: HoldOut
) -> tuple[tuple[Group, ...], HoldOut]:
    """The groups, and what they or the whole mixture hold out."""
    if not groups:
        raise MixtureError("groups: expected at least one mixture")
    if list(exclude):
        raise MixtureError("exclude: give it to the mixtures of the groups")
    for name, mix in groups.items():
        if mix.cap is not None or mix.weight_by != "examples" or mix.rows:
            raise MixtureError(
                f"group {name}: rows, weight_by, max_epochs and steps hold for a whole mixture; "
                "give them to the outer one"
            )
    members = tuple(
        Group(name, mix.root.members, mix.root.weights, mix.root.tags)
        for name, mix in groups.items()
    )
    return members, functools.reduce(HoldOut.__or__, (m.hold_out for m in groups.values()), fold)


def _by_registry_name(weights: Mapping[str, float]) -> dict[str, float]:
    if not isinstance(weights, Mapping):
        raise MixtureError(f"weights={weights!r}: expected a mapping from a task to a number")
    return {task_name(key): float(w) for key, w in weights.items()}


def _is_weights(value: object) -> bool:
    return isinstance(value, Mapping) and "name" not in value


def _checked_unit(weight_by: WeightBy) -> WeightBy:
    if weight_by not in WEIGHT_BY:
        raise MixtureError(f"weight_by={weight_by!r}: expected one of {', '.join(WEIGHT_BY)}")
    return weight_by
