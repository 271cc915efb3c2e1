"""The features of every task: ids with one shared vocabulary, and provenance.

All tasks carry the same provenance, so that a mixture can pass it through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import seqio
import tensorflow as tf

from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.chain.asking import ANSWER, PROVENANCE
from audioflan_tasks.tokens import vocabulary_of

__all__ = ["PROVENANCE", "OutputFeatures", "element_spec"]


class OutputFeatures(Mapping[str, seqio.Feature]):
    """`inputs` and `targets`, with the vocabulary of the options when looked at.

    Registering 80 tasks loads no vocabulary, and a vocabulary that was looked at before
    the settings changed is not the one that later examples are made with.
    """

    _NAMES = ("inputs", "targets")

    def __init__(self, options: Callable[[], ExampleOptions]) -> None:
        self._options = options

    def __getitem__(self, name: str) -> seqio.Feature:
        if name not in self._NAMES:
            raise KeyError(name)
        # The maker appends EOS to the targets, where it counts towards their length.
        return seqio.Feature(
            vocabulary=vocabulary_of(self._options()), add_eos=name == "targets", required=True
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._NAMES)

    def __len__(self) -> int:
        return len(self._NAMES)


def element_spec() -> dict[str, tf.TensorSpec]:
    """What a task's dataset yields."""
    ids = tf.TensorSpec([None], tf.int32)
    strings = {name: tf.TensorSpec([None] * rank, tf.string) for name, rank in PROVENANCE.items()}
    return {
        "inputs": ids,
        "targets": ids,
        ANSWER: tf.TensorSpec([], tf.string),
        **strings,
    }
