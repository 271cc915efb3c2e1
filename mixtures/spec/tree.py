"""A mixture as a tree: groups with a policy or a schedule each, tasks as leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.spec.policies import Policy
from audioflan_tasks.mixtures.spec.schedule import Schedule

__all__ = ["Group", "Leaf", "checked", "leaves", "points_of", "shares_at", "tags_of", "tree_of"]

Tags = Mapping[str, str]


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
    weights: Policy | Schedule
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
    found: dict[str, dict[str, str]] = {}

    def walk(node: Group | Leaf, above: Tags) -> None:
        here = {**above, **node.tags}
        if isinstance(node, Leaf):
            found[node.task] = here
        else:
            for member in node.members:
                walk(member, here)

    walk(root, {})
    return found


def tree_of(tasks: Sequence[str], policy: Policy) -> Group:
    """Tasks under one policy, grouped by the fields that it names."""
    return _grouped("", tasks, policy.levels, policy)


def _grouped(
    name: str, tasks: Sequence[str], levels: Sequence[tuple[str, Policy]], policy: Policy
) -> Group:
    if not levels:
        flat = Policy(policy.name.rpartition(" > ")[2], policy.meaning, policy.rule)
        return Group(name, tuple(Leaf(task) for task in tasks), flat)
    (by, among), inner = levels[0], levels[1:]
    if among.levels:
        raise MixtureError(f"the policy over {by} has levels of its own; give one list of levels")
    groups: dict[str, list[str]] = {}
    for task in tasks:
        groups.setdefault(_field(task, by), []).append(task)
    members = tuple(_grouped(key, group, inner, policy) for key, group in groups.items())
    return Group(name, members, among)


def _field(task: str, by: str) -> str:
    value = getattr(catalogue.get(task), by, None)
    if not isinstance(value, str):
        raise MixtureError(
            f"tasks cannot be grouped by {by!r}; expected domain, major, paper_category or answer"
        )
    return value


def checked(root: Group) -> Group:
    """The tree, once it is known to be sound.

    Raises:
      MixtureError: an empty group, two members of one name, a task that stands twice, or a
        schedule that does not fit the members.
    """
    seen: set[str] = set()
    todo: list[tuple[Group, str]] = [(root, "mixture")]
    while todo:
        group, where = todo.pop()
        keys = [member.key for member in group.members]
        if not keys:
            raise MixtureError(f"{where}: the group is empty")
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise MixtureError(f"{where}: two members are called {twice[0]!r}; rename one")
        if isinstance(group.weights, Schedule):
            group.weights.check(keys, where)
        for member in group.members:
            if isinstance(member, Group):
                todo.append((member, f"{where}/{member.name}"))
            elif member.task in seen:
                raise MixtureError(
                    f"{where}: {member.task} stands twice in the mixture; a task's share is what "
                    "its one place gives it, so exclude it from one of its groups"
                )
            else:
                seen.add(member.task)
    return root


def points_of(root: Group) -> tuple[int, ...]:
    """Steps at which any group's schedule has a point, from 0."""
    found = {0}
    todo: list[Group | Leaf] = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, Group):
            todo += node.members
            if isinstance(node.weights, Schedule):
                found |= set(node.weights.steps)
    return tuple(sorted(found))


def shares_at(
    root: Group, amounts: Mapping[str, float], step: float = 0, since: int = 0
) -> dict[str, float]:
    """Share by task at a step of the interval between points that begins at `since`.

    Tasks without an amount get 0, and groups without any.
    """
    found: dict[str, float] = {}

    def total(node: Group | Leaf) -> float:
        if isinstance(node, Leaf):
            return float(amounts.get(node.task, 0))
        return sum(total(member) for member in node.members)

    def walk(node: Group | Leaf, share: float) -> None:
        if isinstance(node, Leaf):
            found[node.task] = share
            return
        held = {member.key: total(member) for member in node.members}
        if not any(held.values()):
            found.update(dict.fromkeys((leaf.task for leaf in leaves(node)), 0.0))
            return
        if isinstance(node.weights, Schedule):
            rates = node.weights.at(step, since, held)
        else:
            rates = node.weights.rates(held)
        whole = sum(rates.values())
        for member in node.members:
            walk(member, share * rates[member.key] / whole)

    if not any(total(member) for member in root.members):
        raise MixtureError(
            f"no task of the mixture has examples (every rate is 0): {len(list(leaves(root)))} "
            "tasks; is the corpus empty for this split?"
        )
    walk(root, 1.0)
    return found
