"""A mixture of tasks as a `seqio.Mixture` that keeps provenance.

Rates come from a policy and the corpus's sizes. Sampling is seqio's own.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import seqio
import tensorflow as tf

from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures import MixtureRow
from audioflan_tasks.seqio_tasks.features import PROVENANCE

__all__ = ["AudioFlanMixture"]

_LOG = logging.getLogger("audioflan_tasks")


class AudioFlanMixture(seqio.Mixture):
    """The tasks of a row at the rates of its policy."""

    def __init__(self, row: MixtureRow) -> None:
        self.row = row
        super().__init__(
            name=row.name,
            tasks=[(name, self._rate) for name in row.tasks],
            # seqio's own sampler ends with the first task that runs dry: a finite
            # number of epochs would lose the rows of all the others.
            sample_fn=functools.partial(
                tf.data.Dataset.sample_from_datasets, stop_on_empty_dataset=False
            ),
        )

    def rates(self, split: str) -> dict[str, float]:
        """Rate by task name in a split; rates are the policy's, not normalised.

        Raises:
          MixtureError: no task has records in the split.
        """
        return self.row.policy.rates({t.name: t.num_input_examples(split) for t in self.tasks})

    def get_dataset(
        self,
        sequence_length: Mapping[str, int] | None = None,
        split: str | None = None,
        *args: Any,
        passthrough_features: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> tf.data.Dataset:
        """The mixed stream; arguments as in `seqio.Mixture`, endless by default.

        Provenance (`task`, `uuid`, `domain`, …) is passed through in addition to what
        `passthrough_features` names. `split` defaults to train, else to the first split
        that a task has. Tasks without records in the split are left out and logged.

        Raises:
          MixtureError: no task has records in the split.
        """
        have = {s for task in self.tasks for s in task.splits}
        wanted = split or next((s for s in ("train", "validation", "test") if s in have), "train")
        missing = [t.name for t in self.tasks if wanted not in t.splits]
        if len(missing) == len(self.tasks):
            raise MixtureError(
                f"{self.name}: no task has a split {wanted!r} with records; "
                f"there are: {', '.join(sorted(have)) or 'none'}"
            )
        if missing:
            _LOG.warning(
                "%s: %d tasks have no records in %s and are left out: %s",
                self.name, len(missing), wanted, ", ".join(missing),
            )  # fmt: skip
        kept = list(dict.fromkeys([*PROVENANCE, *(passthrough_features or ())]))
        with _split(self, wanted):
            return super().get_dataset(
                sequence_length, wanted, *args, passthrough_features=kept, **kwargs
            )

    def _rate(self, task: seqio.Task) -> float:
        return self._rates_now[task.name]

    @property
    def _rates_now(self) -> Mapping[str, float]:
        return self._resolved or self.rates("train")

    _resolved: Mapping[str, float] | None = None


class _split:
    """Fixes a mixture's rates to those of one split while a dataset is built."""

    def __init__(self, mixture: AudioFlanMixture, split: str) -> None:
        self._mixture, self._rates = mixture, mixture.rates(split)

    def __enter__(self) -> None:
        self._mixture._resolved = self._rates

    def __exit__(self, *unused: object) -> None:
        self._mixture._resolved = None
