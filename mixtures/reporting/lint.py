"""Checks of a mixture that need no draw from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.errors import AudioFlanError
from audioflan_tasks.foreign import is_foreign
from audioflan_tasks.mixtures.holdout.clusters import held_out, refused_with
from audioflan_tasks.mixtures.spec.mix import Mix
from audioflan_tasks.mixtures.spec.toml import mixture_named
from audioflan_tasks.mixtures.spec.tree import Group

__all__ = ["Finding", "lint"]


@dataclass(frozen=True, slots=True)
class Finding:
    """An error keeps the mixture from running; a warning does not."""

    kind: Literal["error", "warning"]
    message: str


def lint(name: str, sizes: Mapping[str, int]) -> list[Finding]:
    """Findings on a mixture by name or file, over tasks of these sizes.

    Errors: what cannot be read or resolved, such as empty selections, a task that stands
    twice, cycles. Warnings: tasks and groups without records, held-out tasks, tasks whose
    twin or inverse is held out, and twins, which put the same question to the same records.
    """
    try:
        mix = mixture_named(name)
        shares = mix.resolve(sizes, dict.fromkeys(mix.tasks, 1.0)).shares
    except AudioFlanError as error:
        return [Finding("error", str(error))]
    return [
        *_without_records(mix.root, sizes, "mixture"),
        *_held_out_tasks(mix),
        *_twins(mix),
        *(
            Finding("warning", f"{task} has less than one example in a million")
            for task, share in zip(shares.tasks, shares.at(0), strict=True)
            if 0 < share < 1e-6
        ),
    ]


def _without_records(group: Group, sizes: Mapping[str, int], place: str) -> list[Finding]:
    findings = []
    for member in group.members:
        if isinstance(member, Group):
            findings += _without_records(member, sizes, f"{place}/{member.name}")
        elif not sizes.get(member.task):
            findings.append(Finding("warning", f"{place}: {member.task} has no records"))
    return findings


def _held_out_tasks(mix: Mix) -> list[Finding]:
    held_out_tasks, tasks = held_out(), set(mix.tasks)
    findings = [
        Finding("warning", f"{task} is held out for evaluation")
        for task in mix.tasks
        if task in held_out_tasks
    ]
    if tasks <= held_out_tasks:
        return []
    for task in mix.tasks:
        neighbours = (
            sorted((refused_with([task]) & held_out_tasks) - {task})
            if task not in held_out_tasks and not is_foreign(task)
            else []
        )
        if neighbours:
            findings.append(
                Finding("warning", f"{task} is linked to held-out {', '.join(neighbours)}")
            )
    return findings


def _twins(mix: Mix) -> list[Finding]:
    tasks = set(mix.tasks)
    pairs = {
        tuple(sorted((task, PREFIX + twin)))
        for task in mix.tasks
        if not is_foreign(task)
        for twin in catalogue.get(task).twins
        if PREFIX + twin in tasks
    }
    return [
        Finding("warning", f"{a} and {b} overlap: they ask the same thing of the same audio")
        for a, b in sorted(pairs)
    ]
