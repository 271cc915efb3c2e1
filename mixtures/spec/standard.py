"""The mixtures that are always registered.

`audioflan_all` uses `DEFAULT_POLICY`: rate n^(1/3). On the paper's own sizes (Table 2,
each major task's count split evenly over its minor tasks) mixing by size would draw
speech 92.5 %, music 2.0 % and audio 5.5 % of the time; n^(1/3) draws about 65, 17 and
18 %, without any task starving (docs/mixtures.md has the table). Every other standard
mixture is by size, as in the paper.

`holdout` defines `audioflan_seen` and `audioflan_unseen`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import PREFIX, TaskRow, snake
from audioflan_tasks.mixtures.holdout.clusters import held_out, refused_with
from audioflan_tasks.mixtures.holdout.hold_out import NO_HOLD_OUT, HoldOut, hold_out_of
from audioflan_tasks.mixtures.spec.mix import Mix
from audioflan_tasks.mixtures.spec.policies import POLICIES, Policy, tree_of

__all__ = [
    "DEFAULT_POLICY",
    "MixtureRow",
    "paper_sizes",
    "standard_mixtures",
]

DEFAULT_POLICY = POLICIES["temperature"]


@dataclass(frozen=True, slots=True)
class MixtureRow:
    """A named mixture: which tasks, at which rates, and what for."""

    name: str
    tasks: tuple[str, ...]
    policy: Policy
    meaning: str
    hold_out: HoldOut = NO_HOLD_OUT

    @property
    def mix(self) -> Mix:
        """The mixture as a value."""
        return Mix(tree_of(self.tasks, self.policy), hold_out=self.hold_out)


def standard_mixtures() -> tuple[MixtureRow, ...]:
    """Rows of all standard mixtures, over the tasks that the catalogue has now."""
    rows = catalogue.tasks()
    by_size = POLICIES["size"]
    unseen_tasks = held_out()
    names = _names_of(rows)
    result = [MixtureRow(f"{PREFIX}all", names, DEFAULT_POLICY, "all tasks")]
    result += [
        MixtureRow(f"{PREFIX}all_{key}", names, policy, f"all tasks, {policy.meaning}")
        for key, policy in POLICIES.items()
    ]
    result += [
        MixtureRow(PREFIX + d, _names_of(r for r in rows if r.domain == d), by_size, f"{d} tasks")
        for d in ("speech", "music", "audio")
    ]
    result += [
        MixtureRow(
            PREFIX + c, _names_of(r for r in rows if r.paper_category == c), by_size, f"{c} tasks"
        )
        for c in ("understanding", "generation")
    ]
    result += [
        MixtureRow(
            f"{PREFIX}major_{snake(m.name)}",
            _names_of(r for r in rows if r.group == m),
            by_size,
            f"major task {m.name}",
        )
        for m in catalogue.majors()
    ]
    seen_tasks = tuple(n for n in names if n not in refused_with(unseen_tasks))
    meaning = "tasks for training"
    result.append(MixtureRow(f"{PREFIX}seen", seen_tasks, by_size, meaning, hold_out_of()))
    result.append(
        MixtureRow(
            f"{PREFIX}unseen",
            tuple(n for n in names if n in unseen_tasks),
            by_size,
            "tasks held out for evaluation",
        )
    )
    return tuple(result)


def paper_sizes() -> dict[str, int]:
    """Examples by task name as far as the paper tells: Table 2's major count, split evenly.

    Per-minor counts were not published (Speech Generation's 41.5 M are nine tasks).
    """
    rows = catalogue.tasks()
    members: dict[str, int] = defaultdict(int)
    for row in rows:
        members[row.major] += 1
    return {row.name: row.group.paper_instances // members[row.major] for row in rows}


def _names_of(rows: Iterable[TaskRow]) -> tuple[str, ...]:
    return tuple(row.name for row in rows)
