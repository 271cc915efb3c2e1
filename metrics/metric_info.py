"""The fact sheet of a metric."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import MetricInputError, MissingExtraError
from audioflan_tasks.metrics.batch import Batch, read_batch
from audioflan_tasks.metrics.parsing import Kind, kind_of

__all__ = ["Batch", "MetricFn", "MetricInfo", "read_batch"]

MetricFn = Callable[[Sequence[Any], Sequence[Any]], Mapping[str, float]]
Need = Literal["scores", "source", "judge"]


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """What a metric says about itself.

    `home` is `module:function` in this folder; the function takes a `Batch`. `worst` is the
    value of answers that cannot be read, in the same unit; `low` and `high` bound the value.
    `needs` names what must be there besides answers, `extra` the extra that brings `library`.
    """

    name: str
    home: str
    unit: str
    better: Literal["higher", "lower"]
    best: float
    worst: float
    answers: Literal["text", "audio"]
    library: str
    reference: str
    reads: Kind
    low: float = 0.0
    high: float = 1.0
    chance: str = ""
    on_empty: str = "an answer without a value scores the worst"
    needs: tuple[Need, ...] = ()
    extra: str = ""
    module: str = ""
    licence: str = field(default="", repr=False)

    @property
    def installed(self) -> bool:
        """Whether the library is there, without importing it."""
        return not self.module or importlib.util.find_spec(self.module) is not None

    @property
    def version(self) -> str:
        """The library with its version, or the name alone where it is not installed."""
        try:
            return f"{self.library} {importlib.metadata.version(self.library)}"
        except importlib.metadata.PackageNotFoundError:
            return self.library

    def compute(self, batch: Batch) -> dict[str, float]:
        """The values on a batch: `{name: …}` and what belongs to it, with `<name>_unparsed`.

        Raises:
          MetricInputError: a reference does not fit the metric, or something needed is missing.
          MissingExtraError: the library is not installed.
        """
        if not self.installed:
            raise MissingExtraError(self.library, self.extra, f"the metric {self.name!r}")
        if "scores" in self.needs and batch.scores is None:
            raise MetricInputError(f"{self.name}: needs a score for each answer (scores=…)")
        if "judge" in self.needs and batch.judge is None:
            raise MetricInputError(
                f"{self.name}: needs a model (weights={{{self.name!r}: …}}); see docs/metrics.md"
            )
        module, name = self.home.split(":")
        found = getattr(importlib.import_module(f"audioflan_tasks.metrics.{module}"), name)
        values = {key: float(value) for key, value in found(batch).items()}
        return {**values, f"{self.name}_unparsed": batch.unparsed}

    def function(self, row: TaskRow | None = None) -> MetricFn:
        """The seqio metric function (targets, predictions) -> {name: value, …}.

        Targets are references in canonical form, predictions answers as models give them.
        With a task its own reader is used; without, the one of this metric, and the labels
        that occur in the targets. The result is empty where scores, a model or the unprocessed
        input would be needed and are not there.

        Raises (when called):
          MetricInputError: the lengths differ, there is nothing to score, or a target is not
            in the canonical form.
        """
        kind = self.reads if row is None else kind_of(row)

        def scored(targets: Sequence[Any], predictions: Sequence[Any]) -> Mapping[str, float]:
            batch = read_batch(self.name, kind, targets, predictions, row=row)
            bare = "source" in self.needs and any(r.source is None for r in batch.references)
            return {} if bare or set(self.needs) & {"scores", "judge"} else self.compute(batch)

        scored.__name__ = self.name
        return scored
