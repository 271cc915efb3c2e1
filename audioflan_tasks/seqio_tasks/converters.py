"""seqio feature converters with a choice of which ids the loss is taken on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import seqio
import tensorflow as tf

from audioflan_tasks.config import options_or_settings
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.loss import LossOn, check_loss_on
from audioflan_tasks.tokens import vocabulary_of

__all__ = ["EncDecConverter", "LMConverter", "PrefixLMConverter"]

_WEIGHTS = "decoder_loss_weights"


class LMConverter(seqio.LMFeatureConverter):
    """`seqio.LMFeatureConverter` for tasks with two sides: targets follow inputs in one sequence.

    It takes the lengths of both, and all ids count in the loss.
    """

    TASK_FEATURES = seqio.PrefixLMFeatureConverter.TASK_FEATURES

    def _convert_features(
        self, ds: tf.data.Dataset, task_feature_lengths: Mapping[str, int]
    ) -> tf.data.Dataset:
        length = sum(task_feature_lengths.values())
        return super()._convert_features(ds.map(_joined), {"targets": length})

    def get_model_feature_lengths(
        self, task_feature_lengths: Mapping[str, int]
    ) -> Mapping[str, int]:
        length = sum(task_feature_lengths.values())
        lengths: Mapping[str, int] = super().get_model_feature_lengths({"targets": length})
        return lengths


class PrefixLMConverter(seqio.PrefixLMFeatureConverter):
    """`seqio.PrefixLMFeatureConverter` with `loss_on`.

    Args:
      loss_on: `answer` (fine-tuning), `all` (pre-training), or the ids of `audio` or `text`
        only, in the instruction as in the answer.
      options: of the examples, for their vocabulary; None takes those of the settings.
      kwargs: those of the stock converter (`pack`, …), but `loss_on_targets_only`.

    Raises:
      SettingsError: no such choice.
    """

    def __init__(
        self, loss_on: LossOn = "answer", *, options: ExampleOptions | None = None, **kwargs: Any
    ) -> None:
        check_loss_on(loss_on)
        self._loss_on, self._options = loss_on, options_or_settings(options)
        super().__init__(loss_on_targets_only=loss_on == "answer", **kwargs)

    def _convert_example(self, features: Mapping[str, tf.Tensor]) -> Mapping[str, tf.Tensor]:
        return _masked(super()._convert_example(features), self._loss_on, self._options)


class EncDecConverter(seqio.EncDecFeatureConverter):
    """`seqio.EncDecFeatureConverter` with `loss_on`; a decoder only ever writes the answer,
    so `answer` and `all` are the same. `options` as of `PrefixLMConverter`.

    Raises:
      SettingsError: no such choice.
    """

    def __init__(
        self, loss_on: LossOn = "answer", *, options: ExampleOptions | None = None, **kwargs: Any
    ) -> None:
        check_loss_on(loss_on)
        self._loss_on, self._options = loss_on, options_or_settings(options)
        super().__init__(**kwargs)

    def _convert_example(self, features: Mapping[str, tf.Tensor]) -> Mapping[str, tf.Tensor]:
        return _masked(super()._convert_example(features), self._loss_on, self._options)


def _joined(features: Mapping[str, tf.Tensor]) -> Mapping[str, tf.Tensor]:
    return {"targets": tf.concat([features["inputs"], features["targets"]], 0)}


def _masked(
    features: Mapping[str, tf.Tensor], loss_on: LossOn, options: ExampleOptions
) -> Mapping[str, tf.Tensor]:
    if loss_on in ("answer", "all"):
        return features
    is_audio = features["decoder_target_tokens"] >= vocabulary_of(options).soa_id
    counts = is_audio if loss_on == "audio" else tf.logical_not(is_audio)
    weights = features[_WEIGHTS]
    return {**features, _WEIGHTS: weights * tf.cast(counts, weights.dtype)}
