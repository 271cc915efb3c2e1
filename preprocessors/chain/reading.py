"""The first steps: lines to records, and the audio of records to codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus.skip_guard import SkipGuard
from audioflan_tasks.errors import MissingAudioError
from audioflan_tasks.preprocessors.chain.chain_run import (
    ChainRun,
    CorpusLike,
    corpus_for,
    options_for,
)
from audioflan_tasks.preprocessors.chain.element_map import FeatureSpec, map_elements, texts_of
from audioflan_tasks.preprocessors.chain.record_features import (
    RECORD,
    instance_of,
    record_features,
)
from audioflan_tasks.preprocessors.chain.samples import (
    SAMPLES,
    has_samples,
    heard_ids,
    samples_by_id,
)
from audioflan_tasks.preprocessors.chain.step import Dataset, Step
from audioflan_tasks.records import Instance
from audioflan_tasks.records.parse import LineParser
from audioflan_tasks.tokens import AudioTokenizer, get_tokenizer, tokenizer_of
from audioflan_tasks.tokens.encoding import encode_blocks

__all__ = [
    "CODES",
    "code_features",
    "code_specs",
    "codes_by_id",
    "read_records",
    "tokenize_audio",
]

# Names of the features that `tokenize_audio` adds.
CODES = ("codes", "code_frames", "code_ids", "code_tokenizer")


# Fields that say where the audio of a record is.
_AUDIO_FIELDS = frozenset({"task", "instruction", "input", "output", "uuid"}) | {
    name for name in RECORD if name.startswith("audio_")
}


def read_records() -> Step:
    """Lines of JSON to records, for `seqio.TextLineDataSource`.

    A line is read as a file of a corpus is (docs/format.md): other names and forms of the fields
    are repaired, `audio_path` becomes spans. A line that is no record is an error.

    Writes: the fields of a record (docs/seqio.md).
    """
    return Step(_read_records)


def _read_records(dataset: Dataset) -> Dataset:
    parser = LineParser("line", strict=True)

    def function(features: dict[str, Any]) -> Mapping[str, Any]:
        instance = parser.parse(features["line"], 0)
        assert instance is not None, "a strict parser raises"
        return record_features(instance)

    return map_elements(dataset, function, reads={"line"}, writes=RECORD, drops={"line"})


def tokenize_audio(
    tokenizer: AudioTokenizer | str | None = None, *, corpus: CorpusLike | None = None
) -> Step:
    """The audio of a record to codes, beside the record.

    What stands before a `seqio.CacheDatasetPlaceholder` is cached; codes belong there, and the
    draw of a template does not.

    Args:
      tokenizer: an audio tokenizer or its name; None takes that of the options.
      corpus: where the audio lies; None takes the task's, else that of the settings.

    Elements that have codes already keep them. Of those that have the samples of their clips
    (`audioflan_tasks.tfds_builder`) the corpus is not read.

    Reads: the fields of a record; `input`, `output` and `audio_path` are enough. Samples, where
      there are any; they go.
    Writes: `codes` int32 [frames of all clips, codebooks]; `code_frames` int32 [clips], the frames
      of each; `code_ids` [clips], their audio ids; `code_tokenizer`, the fingerprint of what made
      them.

    Raises, while it is read:
      MissingAudioError: audio is missing, and the options do not say to skip such records.
    """
    return Step(_tokenize_audio, tokenizer=tokenizer, corpus=corpus)


def _tokenize_audio(
    dataset: Dataset,
    *,
    tokenizer: AudioTokenizer | str | None,
    corpus: CorpusLike | None,
    run: ChainRun | None = None,
) -> Dataset:
    if isinstance(dataset.element_spec, dict) and dataset.element_spec.keys() >= {*CODES}:
        return dataset
    options = options_for(run)
    if isinstance(tokenizer, str):
        tokenizer = get_tokenizer(tokenizer)
    encoder = tokenizer_of(options) if tokenizer is None else tokenizer
    codes_of = _codes_of_samples(encoder)
    if not has_samples(dataset):
        codes_of = _codes_of_corpus(corpus_for(run, corpus).coder(encoder))
    counts: Counter[str] = Counter()
    codebooks = len(encoder.codebook_sizes)

    def function(features: dict[str, Any]) -> Mapping[str, Any] | None:
        try:
            clips = codes_of(features, instance_of(features))
        except MissingAudioError:
            if options.missing_audio == "error":
                raise
            counts["missing audio"] += 1
            return None
        return {**code_features(clips, codebooks), "code_tokenizer": encoder.fingerprint}

    guard = None
    if options.missing_audio == "skip":
        limit, place = (run.skip_limit, run.place) if run else (10_000, "tokenize_audio")
        guard = SkipGuard(limit, place, counts)
    return map_elements(
        dataset, function, reads=_AUDIO_FIELDS.union(SAMPLES), guard=guard, drops=SAMPLES,
        writes={**code_specs(codebooks), "code_tokenizer": FeatureSpec("string")},
    )  # fmt: skip


def _codes_of_corpus(
    coder: Callable[[str, Instance | None], NDArray[np.uint16]],
) -> Callable[[Mapping[str, Any], Instance], dict[str, NDArray[Any]]]:
    def codes_of(features: Mapping[str, Any], instance: Instance) -> dict[str, NDArray[Any]]:
        inputs, outputs = heard_ids(instance)
        return {i: coder(i, instance) for i in dict.fromkeys((*inputs, *outputs))}

    return codes_of


def _codes_of_samples(
    encoder: AudioTokenizer,
) -> Callable[[Mapping[str, Any], Instance], dict[str, NDArray[Any]]]:
    def codes_of(features: Mapping[str, Any], instance: Instance) -> dict[str, NDArray[Any]]:
        clips = samples_by_id(features, instance, encoder.sample_rate)
        return {i: encode_blocks(encoder, [samples]) for i, samples in clips.items()}

    return codes_of


def code_specs(codebooks: int) -> dict[str, FeatureSpec]:
    """The features of codes."""
    return {
        "codes": FeatureSpec("int32", (None, codebooks)),
        "code_frames": FeatureSpec("int32", (None,)),
        "code_ids": FeatureSpec("string", (None,)),
    }


def code_features(clips: Mapping[str, NDArray[Any]], codebooks: int) -> dict[str, Any]:
    """Codes by audio id as features."""
    return {
        "codes": np.concatenate([np.zeros((0, codebooks), np.int32), *clips.values()]),
        "code_frames": [len(clip) for clip in clips.values()],
        "code_ids": tuple(clips),
    }


def codes_by_id(features: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The codes [frames, codebooks] of each audio id; the inverse of `code_features`."""
    ids = texts_of(features.get("code_ids", ()))
    if not ids:
        return {}
    ends = np.cumsum(features["code_frames"])[:-1]
    return dict(zip(ids, np.split(features["codes"], ends), strict=True))
