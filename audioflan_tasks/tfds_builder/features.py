"""A record and its audio as features of TFDS."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from numpy.typing import NDArray

from audioflan_tasks.corpus import Corpus
from audioflan_tasks.preprocessors.chain.reading import code_features
from audioflan_tasks.preprocessors.chain.record_features import RECORD, record_features
from audioflan_tasks.preprocessors.chain.samples import RATE, SIDES, heard_ids, sample_features
from audioflan_tasks.records import Instance
from audioflan_tasks.tfds_builder.config import AudioFlanConfig

__all__ = ["RecordEncoder", "features_of", "supervised_keys_of"]


def features_of(config: AudioFlanConfig) -> tfds.features.FeaturesDict:
    """The features of a config; docs/tfds.md has the table."""
    text = {
        name: tfds.features.Sequence(tfds.features.Text()) if spec.shape else tfds.features.Text()
        for name, spec in RECORD.items()
    }
    return tfds.features.FeaturesDict({**text, **_audio_features(config)})


def supervised_keys_of(config: AudioFlanConfig) -> tuple[Any, Any]:
    """What a model reads and what it writes; codes of both sides stand together, and so are not
    among them."""
    reads, writes = {"instruction": "instruction", "input": "input"}, {"output": "output"}
    if config.audio != "samples":
        return reads, writes
    (input_audio, _), (output_audio, _) = SIDES
    return {**reads, "audio": input_audio}, {**writes, "audio": output_audio}


def _audio_features(config: AudioFlanConfig) -> dict[str, Any]:
    if config.audio == "samples":
        return _sample_features(config.sample_rate)
    if config.audio == "none":
        return {}
    codebooks = len(config.tokenizer().codebook_sizes)
    return {
        "codes": tfds.features.Tensor(shape=(None, codebooks), dtype=np.int32, encoding="zlib"),
        "code_frames": tfds.features.Tensor(shape=(None,), dtype=np.int32),
        "code_ids": tfds.features.Sequence(tfds.features.Text()),
        "code_tokenizer": tfds.features.Text(),
    }


def _sample_features(sample_rate: int) -> dict[str, Any]:
    # The rate is a feature too: who reads the elements sees no more of the data set.
    features: dict[str, Any] = {RATE: np.int32}
    for audio, lengths in SIDES:
        features[audio] = tfds.features.Audio(
            shape=(None,), dtype=np.float32, sample_rate=sample_rate
        )
        features[lengths] = tfds.features.Tensor(shape=(None,), dtype=np.int32)
    return features


class RecordEncoder:
    """Makes the features of the records of one config."""

    def __init__(self, config: AudioFlanConfig, corpus: Corpus) -> None:
        self._config, self._corpus = config, corpus
        if config.audio == "codes":
            self._tokenizer = config.tokenizer()
            self._coder = corpus.coder(self._tokenizer)

    def encode(self, instance: Instance) -> dict[str, Any]:
        """The features of a record.

        Raises:
          AudioError: audio is missing or unreadable.
        """
        fields = record_features(instance)
        # As UTF-8: a text may hold half a character, which TFDS cannot encode.
        text = {name: spec.array(fields[name]).tolist() for name, spec in RECORD.items()}
        return {**text, **self._audio(instance)}

    def _audio(self, instance: Instance) -> dict[str, Any]:
        if self._config.audio == "samples":
            sides = ([self._samples(i, instance) for i in ids] for ids in heard_ids(instance))
            return sample_features(sides, self._config.sample_rate)
        return self._codes(instance) if self._config.audio == "codes" else {}

    def _samples(self, audio_id: str, instance: Instance) -> NDArray[np.float32]:
        reader, rate = self._corpus.clip_reader, self._config.sample_rate
        # In blocks, as tokenizers read it.
        return np.concatenate(list(reader.blocks(audio_id, rate, instance)))

    def _codes(self, instance: Instance) -> dict[str, Any]:
        inputs, outputs = heard_ids(instance)
        clips = {i: self._coder(i, instance) for i in dict.fromkeys((*inputs, *outputs))}
        codes = code_features(clips, len(self._tokenizer.codebook_sizes))
        return {
            "codes": codes["codes"].astype(np.int32),
            "code_frames": np.array(codes["code_frames"], np.int32),
            "code_ids": list(codes["code_ids"]),
            "code_tokenizer": self._tokenizer.fingerprint,
        }
