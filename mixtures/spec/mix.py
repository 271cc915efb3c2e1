"""A mixture as a value: a tree of tasks, and how its shares are meant."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.foreign.registry import add, text_tasks_of
from audioflan_tasks.mixtures.holdout.hold_out import NO_HOLD_OUT, HoldOut
from audioflan_tasks.mixtures.spec.policies import Policy
from audioflan_tasks.mixtures.spec.report import MixtureReport, report
from audioflan_tasks.mixtures.spec.resolve import (
    Cap,
    ResolvedMix,
    WeightBy,
    amounts_of,
    resolve,
)
from audioflan_tasks.mixtures.spec.tree import Group, Leaf, check_tree, leaves, shares_at, tags_of
from audioflan_tasks.records.row_filter import RowFilter

__all__ = ["Mix"]


@dataclass(frozen=True)
class Mix:
    """Tasks and how they share the examples; nothing is read before it is used.

    `rows` says which records are asked for, `hold_out` what no way into training lets in.
    """

    root: Group
    weight_by: WeightBy = "examples"
    cap: Cap | None = None
    rows: RowFilter = field(default_factory=RowFilter)
    hold_out: HoldOut = NO_HOLD_OUT

    # How `register` reaches seqio; `seqio_tasks.register` sets it, as this folder may not
    # import from there.
    registrar: ClassVar[Callable[[str, Mix, str], Any] | None] = None

    def __post_init__(self) -> None:
        check_tree(self.root)
        self.hold_out.refuse(self.tasks)
        if self.hold_out and self.rows.asks_for_unseen:
            raise MixtureError(
                f"rows={self.rows.description}: records that say `unseen: true` are held out "
                f"({self.hold_out.name}); measure them with a mixture without hold_out"
            )

    def __repr__(self) -> str:
        rows = f", rows={self.rows.description}" if self.rows else ""
        return f"Mix({len(self.tasks)} tasks, {self.root.weights.name}{rows})"

    def __getstate__(self) -> dict[str, Any]:
        # Another process may not have them.
        return {**self.__dict__, "_text_tasks": text_tasks_of(self.tasks)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        fields = dict(state)
        for task in fields.pop("_text_tasks").values():
            add(task)
        self.__dict__.update(fields)

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
            amounts = amounts_of({task: sizes.get(task, 0) for task in self.tasks})
            return self.root.weights.rates(amounts)
        return shares_at(self.root, amounts_of(sizes))

    def resolve(
        self, sizes: Mapping[str, int], mean_lengths: Mapping[str, float] | None = None
    ) -> ResolvedMix:
        """Shares by step over a corpus; see `mixtures.spec.resolve.resolve`."""
        return resolve(
            self.root, sizes, weight_by=self.weight_by, mean_lengths=mean_lengths, cap=self.cap
        )

    @cached_property
    def description(self) -> dict[str, Any]:
        """All that the mixture says, as plain JSON."""
        return {
            "tree": _describe(self.root),
            "weight_by": self.weight_by,
            "cap": None if self.cap is None else [self.cap.max_epochs, self.cap.steps],
            "rows": self.rows.description,
            **({"hold_out": self.hold_out.description} if self.hold_out else {}),
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
    ) -> MixtureReport:
        """What the mixture does over `steps` examples.

        Args:
          sizes: examples by task.
          tokens: mean ids of an example by task.
          seconds: mean seconds of audio of an example by task.

        Raises:
          MixtureError: no steps, or the mixture cannot be resolved.
        """
        mean_lengths = {"tokens": tokens, "seconds": seconds}.get(self.weight_by)
        shares = self.resolve(sizes, mean_lengths)
        return report(shares, steps=steps, tokens=tokens, seconds=seconds)

    def register(self, name: str, prefix: str = PREFIX) -> Any:
        """Adds the mixture to seqio's registry under `name` and returns the `seqio.Mixture`.

        `prefix` is that of the family whose tasks are mixed (`audioflan_tasks.register`).

        Raises:
          SettingsError: the name is taken, or there is no such family.
        """
        # Imported for what the package's import hook does then: it fills `registrar`.
        import seqio  # noqa: F401

        if Mix.registrar is None:
            raise MixtureError(
                f"{name}: seqio's registries cannot be reached; import audioflan_tasks first"
            )
        return Mix.registrar(name, self, prefix)


def _describe(node: Group | Leaf) -> dict[str, Any]:
    tags = {"tags": dict(sorted(node.tags.items()))} if node.tags else {}
    if isinstance(node, Leaf):
        return {"task": node.task, **tags}
    return {
        "name": node.name,
        "weights": node.weights.name,
        "members": [_describe(member) for member in node.members],
        **tags,
    }
