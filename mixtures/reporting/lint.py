"""What is doubtful about a mixture, found without drawing from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.errors import AudioFlanError
from audioflan_tasks.mixtures.holdout.clusters import clusters, held_out
from audioflan_tasks.mixtures.spec.mix import Mix
from audioflan_tasks.mixtures.spec.toml import mixture_named
from audioflan_tasks.mixtures.spec.tree import Group

__all__ = ["Finding", "lint"]


class Finding(NamedTuple):
    """An error keeps the mixture from running; a warning does not."""

    kind: Literal["error", "warning"]
    said: str


def lint(name: str, sizes: Mapping[str, int]) -> list[Finding]:
    """Findings on a mixture by name or file, over tasks of these sizes.

    Errors: what cannot be read or resolved, such as empty selections, a task that stands
    twice, cycles. Warnings: tasks and groups without records, held-out tasks, tasks whose
    twin or inverse is held out, and twins that ask the same records the same thing.
    """
    try:
        mix = mixture_named(name)
        shares = mix.resolve(sizes, dict.fromkeys(mix.tasks, 1.0)).shares
    except AudioFlanError as error:
        return [Finding("error", str(error))]
    return [
        *_empty(mix.root, sizes, "mixture"),
        *_held(mix),
        *_twins(mix),
        *(
            Finding("warning", f"{task} has less than one example in a million")
            for task, share in zip(shares.tasks, shares.at(0), strict=True)
            if 0 < share < 1e-6
        ),
    ]


def _empty(group: Group, sizes: Mapping[str, int], where: str) -> list[Finding]:
    found = []
    for member in group.members:
        if isinstance(member, Group):
            found += _empty(member, sizes, f"{where}/{member.name}")
        elif not sizes.get(member.task):
            found.append(Finding("warning", f"{where}: {member.task} has no records"))
    return found


def _held(mix: Mix) -> list[Finding]:
    unseen, inside = held_out(), set(mix.tasks)
    found = [
        Finding("warning", f"{task} is held out for evaluation")
        for task in mix.tasks
        if task in unseen
    ]
    if inside <= unseen:
        return []
    for task in mix.tasks:
        near = sorted((clusters()[task] & unseen) - {task}) if task not in unseen else []
        if near:
            found.append(Finding("warning", f"{task} is linked to held-out {', '.join(near)}"))
    return found


def _twins(mix: Mix) -> list[Finding]:
    inside = set(mix.tasks)
    pairs = {
        tuple(sorted((task, PREFIX + twin)))
        for task in mix.tasks
        for twin in catalogue.get(task).twins
        if PREFIX + twin in inside
    }
    return [
        Finding("warning", f"{a} and {b} overlap: they ask the same thing of the same audio")
        for a, b in sorted(pairs)
    ]
