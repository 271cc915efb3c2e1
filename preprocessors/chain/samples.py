"""Samples that stand in the elements themselves, as a data set of TFDS has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.errors import AudioInputError
from audioflan_tasks.preprocessors.chain.step import Dataset
from audioflan_tasks.records import Instance, audio_ids

__all__ = [
    "RATE",
    "SAMPLES",
    "SIDES",
    "has_samples",
    "heard_ids",
    "sample_features",
    "samples_by_id",
]

# Of each side float32 [samples of all clips], and int32 [clips], the samples of each.
SIDES = (("input_audio", "input_clips"), ("output_audio", "output_clips"))
# In Hz, of both sides.
RATE = "audio_rate"
SAMPLES = (*SIDES[0], *SIDES[1], RATE)


def heard_ids(instance: Instance) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids of the audio of both sides of a record, each once a side.

    A side of which the task has only text has none.
    """
    inputs = audio_ids(instance.input)
    if instance.task:
        inputs = inputs if "audio" in catalogue.get(instance.task).reads else []
    return tuple(dict.fromkeys(inputs)), tuple(dict.fromkeys(instance.output_audio_ids))


def has_samples(dataset: Dataset) -> bool:
    """Whether the elements have the samples of their clips."""
    spec = dataset.element_spec
    return isinstance(spec, dict) and spec.keys() >= {*SAMPLES}


def sample_features(
    sides: Iterable[Sequence[NDArray[np.float32]]], sample_rate: int
) -> dict[str, Any]:
    """The clips of both sides as features."""
    features: dict[str, Any] = {RATE: np.int32(sample_rate)}
    for (audio, lengths), clips in zip(SIDES, sides, strict=True):
        features[audio] = np.concatenate([np.zeros(0, np.float32), *clips])
        features[lengths] = np.array([len(clip) for clip in clips], np.int32)
    return features


def samples_by_id(
    features: Mapping[str, Any], instance: Instance, sample_rate: int
) -> dict[str, NDArray[np.float32]]:
    """The samples [n] float32 of each clip of a record.

    Raises:
      AudioInputError: they have another rate than `sample_rate`, or are not those of the record.
    """
    rate = int(features[RATE])
    if rate != sample_rate:
        raise AudioInputError(
            f"the elements have audio of {rate} Hz, the tokenizer reads {sample_rate} Hz; build "
            f"the data set with sample_rate={sample_rate}, or with codes"
        )
    clips: dict[str, NDArray[np.float32]] = {}
    for (audio, lengths), ids in zip(SIDES, heard_ids(instance), strict=True):
        if len(features[lengths]) != len(ids):
            raise AudioInputError(
                f"{instance.where or instance.uuid}: {audio} has {len(features[lengths])} clips, "
                f"its record names {len(ids)}; build the data set again"
            )
        ends = np.cumsum(features[lengths])[:-1]
        clips |= zip(ids, np.split(features[audio], ends), strict=bool(ids))
    return clips
