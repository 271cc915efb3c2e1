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
from audioflan_tasks.metrics.parsing import READERS, reader_of
from audioflan_tasks.metrics.sums import Sums

__all__ = ["MetricFn", "MetricInfo"]

MetricFn = Callable[[Sequence[Any], Sequence[Any]], Mapping[str, float]]
Need = Literal["scores", "source", "judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricInfo:
    """The facts of a metric.

    `home` is `module:function` in this folder, `call` the function of a user's own metric; it takes
    a `Batch`. `worst` is the value of answers that cannot be read, in the same unit; `low` and
    `high` bound the value. `reads` names the `AnswerReader` that gives its values. `needs` names
    what must be there besides answers, `label_count` how many labels the task must have (0: any
    number), `extra` the extra that brings `library`, and `states` is the `module:function` in this
    folder that says how a batch was computed (see `Score.facts`). `sums`, such a place or a
    function, gives the parts of each example where the metric is a function of sums.

    Raises:
      MetricInputError: the sheet contradicts itself.
    """

    name: str
    unit: str
    better: Literal["higher", "lower"]
    best: float
    worst: float
    library: str
    reference: str
    reads: str
    home: str = ""
    call: Callable[[Batch], Mapping[str, float]] | None = field(default=None, repr=False)
    low: float = 0.0
    high: float = 1.0
    chance: str = ""
    on_empty: str = "an answer without a value scores the worst"
    needs: tuple[Need, ...] = ()
    label_count: int = 0
    extra: str = ""
    module: str = ""
    licence: str = field(default="", repr=False)
    states: str = ""
    sums: str | Callable[[Batch], Sums] = field(default="", repr=False)

    def __post_init__(self) -> None:
        faults = [text for is_fault, text in (
            (bool(self.home) == (self.call is not None), "expected one of home and call"),
            (self.reads not in READERS, f"no reader {self.reads!r}; one of {', '.join(READERS)}"),
            (not self.low <= self.best <= self.high, f"best {self.best} is out of its bounds"),
            ((self.worst < self.best) != (self.better == "higher"),
             f"worst {self.worst}, best {self.best}, but {self.better} is better"),
        ) if is_fault]  # fmt: skip
        if faults:
            raise MetricInputError(f"metric {self.name!r}: {'; '.join(faults)}")

    @property
    def answers(self) -> Literal["text", "audio"]:
        """What it scores."""
        return "audio" if READERS[self.reads].is_audio else "text"

    @property
    def installed(self) -> bool:
        """Whether the library is there, without importing it."""
        try:
            return not self.module or importlib.util.find_spec(self.module) is not None
        except ModuleNotFoundError:  # of the package that the module is in
            return False

    def check_installed(self) -> None:
        """Nothing, if the library is there.

        Raises:
          MissingExtraError: it is not; the message says how to install it.
        """
        if not self.installed:
            raise MissingExtraError(self.library, self.extra, f"the metric {self.name!r}")

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
        self.check_installed()
        if "scores" in self.needs and batch.scores is None:
            raise MetricInputError(f"{self.name}: needs a score for each answer (scores=…)")
        if "judge" in self.needs and batch.judge is None:
            raise MetricInputError(
                f"{self.name}: needs a model (weights={{{self.name!r}: …}}); see docs/metrics.md"
            )
        function = self.call or _function_at(self.home)
        values = {key: float(value) for key, value in function(batch).items()}
        return {**values, f"{self.name}_unparsed": batch.unparsed}

    def facts(self, batch: Batch) -> dict[str, str]:
        """What a score states beside the value: how this batch was computed."""
        return dict(_function_at(self.states)(batch)) if self.states else {}

    def sums_of(self, batch: Batch) -> Sums | None:
        """The metric as a function of sums over the examples; None where it has none."""
        if not self.sums:
            return None
        return (_function_at(self.sums) if isinstance(self.sums, str) else self.sums)(batch)

    def fits(self, row: TaskRow) -> bool:
        """Whether it reads the answers of a task."""
        return self.reads in (row.answer_kind.reader, reader_of(row).name) and (
            self.label_count in (0, len(row.labels))
        )

    def lacks_source(self, batch: Batch) -> bool:
        """Whether it compares with the unprocessed input, and a reference does not carry it."""
        return "source" in self.needs and any(r.source is None for r in batch.references)

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
        reader = READERS[self.reads]

        def score(targets: Sequence[Any], predictions: Sequence[Any]) -> Mapping[str, float]:
            batch = read_batch(targets, predictions, name=self.name, reader=reader, row=row)
            if self.lacks_source(batch) or set(self.needs) & {"scores", "judge"}:
                return {}
            return self.compute(batch)

        score.__name__ = self.name
        return score


def _function_at(place: str) -> Callable[[Batch], Any]:
    module, name = place.split(":")
    function: Callable[[Batch], Any] = getattr(
        importlib.import_module(f"audioflan_tasks.metrics.{module}"), name
    )
    return function
