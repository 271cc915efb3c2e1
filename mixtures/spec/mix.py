"""A mixture as a value: a tree of tasks, and how its shares are meant."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from audioflan_tasks.mixtures.spec.policies import Policy
from audioflan_tasks.mixtures.spec.resolve import Cap, Resolved, WeightBy, resolve
from audioflan_tasks.mixtures.spec.row_filter import RowFilter
from audioflan_tasks.mixtures.spec.tree import Group, Leaf, checked, leaves, shares_at, tags_of

__all__ = ["Mix"]


@dataclass(frozen=True)
class Mix:
    """Tasks and how they share the examples; nothing is read before it is used."""

    root: Group
    weight_by: WeightBy = "examples"
    cap: Cap | None = None
    rows: RowFilter = field(default_factory=RowFilter)

    def __post_init__(self) -> None:
        checked(self.root)

    @cached_property
    def tasks(self) -> tuple[str, ...]:
        """Registry names of the tasks, in order."""
        return tuple(leaf.task for leaf in leaves(self.root))

    @cached_property
    def tags(self) -> Mapping[str, Mapping[str, str]]:
        """Free tags by task, inherited down the tree."""
        return tags_of(self.root)

    def rates(self, sizes: Mapping[str, int]) -> dict[str, float]:
        """Rate by task name at step 0, by examples and without a cap, from sizes by task name."""
        flat = all(isinstance(member, Leaf) for member in self.root.members)
        if flat and isinstance(self.root.weights, Policy):
            return self.root.weights.rates({task: sizes.get(task, 0) for task in self.tasks})
        return shares_at(self.root, sizes)

    def resolve(
        self, sizes: Mapping[str, int], mean_lengths: Mapping[str, float] | None = None
    ) -> Resolved:
        """Shares by step over a corpus; see `mixtures.spec.resolve.resolve`."""
        return resolve(
            self.root, sizes, weight_by=self.weight_by, mean_lengths=mean_lengths, cap=self.cap
        )

    @cached_property
    def description(self) -> dict[str, Any]:
        """All that the mixture says, as plain JSON."""
        return {
            "tree": _described(self.root),
            "weight_by": self.weight_by,
            "cap": None if self.cap is None else list(self.cap),
            "rows": self.rows.asked,
        }

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that change whenever the description does."""
        text = json.dumps(self.description, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def report(
        self,
        sizes: Mapping[str, int],
        *,
        steps: int = 1_000_000,
        tokens: Mapping[str, float] | None = None,
        seconds: Mapping[str, float] | None = None,
    ) -> Any:
        """What the mixture does over `steps` examples; see `mixtures.spec.report.report`."""
        from audioflan_tasks.mixtures.spec.report import report

        return report(self, sizes, steps=steps, tokens=tokens, seconds=seconds)

    def register(self, name: str) -> Any:
        """Adds the mixture to seqio's registry under `name` and returns the `seqio.Mixture`."""
        # seqio_tasks stands below this folder: it is looked up by name, as it
        # imports TensorFlow and must not be loaded with the mixtures.
        register = importlib.import_module("audioflan_tasks.seqio_tasks.register")
        return register.register_mixture(name, self)


def _described(node: Group | Leaf) -> dict[str, Any]:
    tags = {"tags": dict(sorted(node.tags.items()))} if node.tags else {}
    if isinstance(node, Leaf):
        return {"task": node.task, **tags}
    return {
        "name": node.name,
        "weights": node.weights.name,
        "members": [_described(member) for member in node.members],
        **tags,
    }
