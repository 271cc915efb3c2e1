"""A mixture as a tree: groups with a policy or a schedule each, tasks as leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from audioflan_tasks.errors import MixtureError

__all__ = [
    "Group",
    "Leaf",
    "Weighting",
    "check_tree",
    "leaves",
    "schedule_points",
    "shares_at",
    "tags_of",
]

Tags = Mapping[str, str]


class Weighting(Protocol):
    """What divides a group's share among its members: a `Policy` or a `Schedule`."""

    @property
    def name(self) -> str:
        """Identifies the rule with all its numbers."""
        ...

    @property
    def steps(self) -> tuple[int, ...]:
        """Steps from which another rule holds; the first is 0."""
        ...

    @property
    def is_ramp(self) -> bool:
        """Whether weights change between these steps."""
        ...

    def rates_at(
        self, step: float, interval_start: int, amounts: Mapping[str, float]
    ) -> dict[str, float]:
        """Rate by member at a step of the interval that begins at `since`."""
        ...

    def check(self, members: Sequence[str], place: str) -> None:
        """Raises MixtureError unless the rule fits these members."""
        ...


@dataclass(frozen=True, slots=True)
class Leaf:
    """One task of a mixture, by its registry name."""

    task: str
    tags: Tags = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name that weights of its group use."""
        return self.task


@dataclass(frozen=True, slots=True)
class Group:
    """Members, and how the group's share is divided among them."""

    name: str
    members: tuple[Group | Leaf, ...]
    weights: Weighting
    tags: Tags = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name that weights of its group use."""
        return self.name


def leaves(node: Group | Leaf) -> Iterator[Leaf]:
    """The tasks under a node, in order."""
    if isinstance(node, Leaf):
        yield node
    else:
        for member in node.members:
            yield from leaves(member)


def tags_of(root: Group) -> dict[str, dict[str, str]]:
    """Tags by task: those of all groups above, nearer ones overriding, and its own."""
    tags_by_task: dict[str, dict[str, str]] = {}

    def walk(node: Group | Leaf, outer_tags: Tags) -> None:
        tags = {**outer_tags, **node.tags}
        if isinstance(node, Leaf):
            tags_by_task[node.task] = tags
        else:
            for member in node.members:
                walk(member, tags)

    walk(root, {})
    return tags_by_task


def check_tree(root: Group) -> None:
    """Refuses a tree that makes no sense.

    Raises:
      MixtureError: an empty group, two members of one name, a task that stands twice, or a
        schedule that does not fit the members.
    """
    tasks: set[str] = set()
    pending: list[tuple[Group, str]] = [(root, "mixture")]
    while pending:
        group, place = pending.pop()
        keys = [member.key for member in group.members]
        if not keys:
            raise MixtureError(f"{place}: the group is empty")
        duplicates = sorted({key for key in keys if keys.count(key) > 1})
        if duplicates:
            raise MixtureError(f"{place}: two members are called {duplicates[0]!r}; rename one")
        group.weights.check(keys, place)
        for member in group.members:
            if isinstance(member, Group):
                pending.append((member, f"{place}/{member.name}"))
            elif member.task in tasks:
                raise MixtureError(
                    f"{place}: {member.task} stands twice in the mixture; a task's share is what "
                    "its one place gives it, so exclude it from one of its groups"
                )
            else:
                tasks.add(member.task)


def schedule_points(root: Group) -> tuple[int, ...]:
    """Steps at which any group's schedule has a point, from 0."""
    steps = {0}
    pending: list[Group | Leaf] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, Group):
            pending += node.members
            steps |= set(node.weights.steps)
    return tuple(sorted(steps))


def shares_at(
    root: Group, amounts: Mapping[str, float], step: float = 0, interval_start: int = 0
) -> dict[str, float]:
    """Share by task at a step of the interval between points that begins at `since`.

    Tasks without an amount get 0, and groups without any.
    """
    shares: dict[str, float] = {}

    def total(node: Group | Leaf) -> float:
        if isinstance(node, Leaf):
            return float(amounts.get(node.task, 0))
        return sum(total(member) for member in node.members)

    def walk(node: Group | Leaf, share: float) -> None:
        if isinstance(node, Leaf):
            shares[node.task] = share
            return
        totals = {member.key: total(member) for member in node.members}
        if not any(totals.values()):
            shares.update(dict.fromkeys((leaf.task for leaf in leaves(node)), 0.0))
            return
        rates = node.weights.rates_at(step, interval_start, totals)
        whole = sum(rates.values())
        for member in node.members:
            walk(member, share * rates[member.key] / whole)

    if not any(total(member) for member in root.members):
        raise MixtureError(
            f"no task of the mixture has examples (every rate is 0): {len(list(leaves(root)))} "
            "tasks; is the corpus empty for this split?"
        )
    walk(root, 1.0)
    return shares
