"""The features of every task: ids with one shared vocabulary, and provenance.

All tasks carry the same provenance, so that a mixture can pass it through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import seqio
import tensorflow as tf

from audioflan_tasks.corpus.examples import shared_vocabulary

__all__ = ["PROVENANCE", "OutputFeatures", "element_spec"]

# Name and rank of each provenance feature; all are UTF-8 strings.
PROVENANCE: Mapping[str, int] = {
    "task": 0,
    "uuid": 0,
    "domain": 0,
    "major": 0,
    "paper_category": 0,
    "audio_ids": 1,
    "template": 0,
    "grade": 0,
}


class OutputFeatures(Mapping[str, seqio.Feature]):
    """`inputs` and `targets`, built when first looked at.

    Settings made after the import but before the first dataset still count, and
    registering 80 tasks loads no vocabulary.
    """

    _NAMES = ("inputs", "targets")

    def __getitem__(self, name: str) -> seqio.Feature:
        return self._features[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._NAMES)

    def __len__(self) -> int:
        return len(self._NAMES)

    @cached_property
    def _features(self) -> dict[str, seqio.Feature]:
        shared = shared_vocabulary()
        # The maker appends EOS to the targets, where it counts towards their length.
        return {
            name: seqio.Feature(vocabulary=shared, add_eos=name == "targets", required=True)
            for name in self._NAMES
        }


def element_spec() -> dict[str, tf.TensorSpec]:
    """What a task's dataset yields."""
    ids = tf.TensorSpec([None], tf.int32)
    strings = {name: tf.TensorSpec([None] * rank, tf.string) for name, rank in PROVENANCE.items()}
    return {
        "inputs": ids,
        "targets": ids,
        "targets_pretokenized": tf.TensorSpec([], tf.string),
        **strings,
    }
