"""Ids of a foreign task in our vocabulary: as they are, or decoded and encoded anew.

What cannot be is refused by name before anything is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import seqio
import tensorflow as tf
from numpy.typing import NDArray

from audioflan_tasks.errors import MixtureError
from audioflan_tasks.foreign import ForeignExample
from audioflan_tasks.preprocessors.splice import ROLES
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["ForeignFeatures"]

Ids = NDArray[np.int32]

_SIDES = ("inputs", "targets")


class ForeignFeatures:
    """Makes examples with our vocabulary of those of a seqio task.

    Raises:
      MixtureError: its features are no text; says which and why.
    """

    def __init__(self, task: seqio.Task, vocabulary: AudioTextVocabulary) -> None:
        self._name, self._vocabulary = task.name, vocabulary
        features = dict(task.output_features)
        if "targets" not in features or set(features) - {*_SIDES}:
            raise self._refusal(
                f"it has the features {', '.join(features) or 'none'}; expected targets, with "
                "inputs or without"
            )
        self.sides = tuple(side for side in _SIDES if side in features)
        self._is_required = {side: bool(features[side].required) for side in self.sides}
        self._translate = {side: self._translation(side, features[side]) for side in self.sides}

    def sides_of(self, spec: Mapping[str, Any]) -> tuple[str, ...]:
        """The features that the elements of a dataset have.

        Raises:
          MixtureError: one is missing, or is no row of whole numbers.
        """
        for side in self.sides:
            tensor = spec.get(side)
            if tensor is None and self._is_required[side]:
                raise self._refusal(f"its examples have no {side}")
            is_plain = isinstance(tensor, tf.TensorSpec) and tensor.dtype.is_integer
            if tensor is not None and not (is_plain and tensor.shape.rank in (None, 1)):
                raise self._refusal(f"{side} is {tensor}, expected ids [n], nothing ragged")
        return tuple(side for side in self.sides if side in spec)

    def example(
        self, element: Mapping[str, NDArray[Any]], number: int, split: str
    ) -> ForeignExample:
        """The example of an element; `number` counts them.

        Raises:
          MixtureError: its ids are none of its vocabulary.
        """
        ids = {}
        for side, values in element.items():
            try:
                ids[side] = self._translate[side](values)
            except (ValueError, TypeError, IndexError, UnicodeError) as error:
                raise MixtureError(
                    f"{self._name}: {side} of example {number} of split {split} cannot be decoded: "
                    f"{error}"
                ) from error
        inputs, targets = ids.get("inputs", np.zeros(0, np.int32)), ids["targets"]
        answer = self._vocabulary.decode(targets.tolist())
        return ForeignExample(
            inputs=inputs,
            targets=targets,
            input_roles=np.full(len(inputs), ROLES["input"], np.uint8),
            answer=answer,
            uuid=f"{self._name}_{number}",
            place=f"example {number} of {split}",
            texts=(self._vocabulary.decode(inputs.tolist()), answer),
        )

    def _translation(self, side: str, feature: Any) -> Callable[[NDArray[Any]], Ids]:
        if not isinstance(feature, seqio.Feature) or isinstance(feature, seqio.ContinuousFeature):
            raise self._refusal(f"{side} is a {type(feature).__name__}, expected a Feature of text")
        if not feature.dtype.is_integer or feature.rank != 1:
            raise self._refusal(
                f"{side} is {feature.dtype.name} of rank {feature.rank}, expected ids of rank 1"
            )
        vocabulary = feature.vocabulary
        is_target = side == "targets"
        if vocabulary == self._vocabulary:
            return lambda ids: _own_ids(ids, self._vocabulary, is_target, feature.add_eos)
        if isinstance(vocabulary, AudioTextVocabulary):
            raise self._refusal(
                f"{side} has ids of {vocabulary.fingerprint}, this stream of "
                f"{self._vocabulary.fingerprint}, and audio cannot be encoded anew: give both the "
                "same tokenizer, codebooks, text side and layout"
            )
        if isinstance(vocabulary, seqio.PassThroughVocabulary):
            raise self._refusal(
                f"{side} has a PassThroughVocabulary, whose ids stand for no text; expected a "
                "vocabulary that decodes"
            )
        self._check_decodes(side, vocabulary)
        return lambda ids: _encoded_anew(
            ids.tolist(), vocabulary, self._vocabulary, is_target, feature.add_eos
        )

    def _check_decodes(self, side: str, vocabulary: Any) -> None:
        """Refuses a vocabulary that cannot be loaded, or gives something else than text."""
        try:
            text = vocabulary.decode([])
        except Exception as error:
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            raise self._refusal(f"the vocabulary of {side} does not decode ({reason})") from error
        if not isinstance(text, str):
            raise self._refusal(
                f"the vocabulary of {side} decodes to {type(text).__name__}, expected text"
            )

    def _refusal(self, reason: str) -> MixtureError:
        return MixtureError(f"{self._name} cannot be mixed with audio tasks: {reason}")


def _own_ids(
    ids: NDArray[Any], vocabulary: AudioTextVocabulary, is_target: bool, add_eos: bool
) -> Ids:
    """Ids that are ours already; EOS ends targets, not inputs."""
    if ids.size and (ids.min() < 0 or ids.max() >= vocabulary.vocab_size):
        raise ValueError(f"ids from {ids.min()} to {ids.max()}, {vocabulary.vocab_size} are known")
    own_ids = ids.astype(np.int32)
    has_eos = bool(len(own_ids)) and own_ids[-1] == vocabulary.eos_id
    if not is_target and has_eos:
        return own_ids[:-1]
    if is_target and add_eos and not has_eos:
        return np.append(own_ids, np.int32(vocabulary.eos_id))
    return own_ids


def _encoded_anew(
    ids: list[int], old: Any, vocabulary: AudioTextVocabulary, is_target: bool, add_eos: bool
) -> Ids:
    """The text of ids in our vocabulary; what stands between two EOS is a text of its own."""
    texts, eos = _texts(ids, old)
    eos_id = np.array([vocabulary.eos_id], np.int32)
    has_eos = bool(texts) and not texts[-1] and len(texts) > 1
    if has_eos:
        texts.pop()
    parts: list[Ids] = []
    for number, text in enumerate(texts):
        parts += [eos_id] if number else []
        parts.append(vocabulary.encode_text(text))
    if is_target and (has_eos or add_eos or eos is None):
        parts.append(eos_id)
    return np.concatenate(parts) if parts else np.zeros(0, np.int32)


def _texts(ids: list[int], vocabulary: Any) -> tuple[list[str], int | None]:
    """The texts between the EOS of some ids, the last one "" where they end with EOS; and EOS."""
    eos = vocabulary.eos_id
    texts, begin = [], 0
    ends = [n for n, value in enumerate(ids) if value == eos] if eos is not None else []
    for end in [*ends, len(ids)]:
        texts.append(str(vocabulary.decode(ids[begin:end])) if end > begin else "")
        begin = end + 1
    return texts, eos
