"""From text and codes to ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import SettingsError
from audioflan_tasks.preprocessors.chain.asking import ANSWER, SEGMENTS, provenance_specs
from audioflan_tasks.preprocessors.chain.chain_run import ChainRun, options_for, vocabulary_for
from audioflan_tasks.preprocessors.chain.element_map import FeatureSpec, map_elements, texts_of
from audioflan_tasks.preprocessors.chain.reading import CODES, codes_by_id
from audioflan_tasks.preprocessors.chain.record_features import RECORD
from audioflan_tasks.preprocessors.chain.step import Dataset, Step
from audioflan_tasks.preprocessors.render import Segment
from audioflan_tasks.preprocessors.splice import ROLES, join_ids, segment_ids
from audioflan_tasks.tokens import AudioTextVocabulary, tokenizer_of

__all__ = ["encode_text", "splice_spans"]

_TEXT = ("text_ids", "text_lengths")
_IDS = FeatureSpec("int32", (None,))


def encode_text(vocabulary: AudioTextVocabulary | None = None) -> Step:
    """The text of segments to ids, beside them.

    Args:
      vocabulary: None takes that of the dataset's options, else of the task's `inputs`, else of
        the settings.

    Reads: `segments`, `segment_kinds`.
    Writes: `text_ids` int32 [ids of all segments]; `text_lengths` int32 [segments], the ids of
      each, 0 for audio.
    """
    return Step(_encode_text, vocabulary=vocabulary)


def _encode_text(
    dataset: Dataset,
    *,
    vocabulary: AudioTextVocabulary | None,
    output_features: Mapping[str, Any] | None = None,
    run: ChainRun | None = None,
) -> Dataset:
    ids_of = vocabulary_for(run, vocabulary, output_features)

    def function(features: dict[str, Any]) -> Mapping[str, Any]:
        nothing = np.zeros(0, np.int32)
        ids = [
            ids_of.encode_text(value) if kind == "text" else nothing
            for value, kind in zip(
                texts_of(features["segments"]), texts_of(features["segment_kinds"]), strict=True
            )
        ]
        return {"text_ids": np.concatenate([nothing, *ids]), "text_lengths": list(map(len, ids))}

    return map_elements(dataset, function, reads=SEGMENTS, writes=dict.fromkeys(_TEXT, _IDS))


def splice_spans(
    vocabulary: AudioTextVocabulary | None = None, *, with_roles: bool = False
) -> Step:
    """Ids of text and codes of audio to `inputs` and `targets`, audio between its two marks.

    Args:
      vocabulary: as of `encode_text`.
      with_roles: also writes what each id belongs to, for masks of the loss.

    Reads: `segments`, `segment_kinds`, `segment_roles`, `text_ids`, `text_lengths`, and the codes.
    Writes: `inputs` and `targets` int32 [n]; with roles `inputs_roles` and `targets_roles` int32
      [n] (1 instruction, 2 input, 3 answer). `targets_pretokenized` and provenance that no step
      before has written: the last segment, and empty. What it reads goes, and so do the fields of
      a record.

    Raises, while it is read:
      SettingsError: there are no codes of an audio id, or they are of another tokenizer.
    """
    return Step(_splice_spans, vocabulary=vocabulary, with_roles=with_roles or None)


def _splice_spans(
    dataset: Dataset,
    *,
    vocabulary: AudioTextVocabulary | None,
    with_roles: bool | None,
    output_features: Mapping[str, Any] | None = None,
    run: ChainRun | None = None,
) -> Dataset:
    ids_of = vocabulary_for(run, vocabulary, output_features)
    tokenizer = tokenizer_of(options_for(run)).fingerprint if run else ""
    missing_facts = {
        name: spec
        for name, spec in {**provenance_specs(), ANSWER: FeatureSpec("string")}.items()
        if name not in dataset.element_spec
    }

    def function(features: dict[str, Any]) -> Mapping[str, Any]:
        _check_tokenizer(features, tokenizer)
        segments = _segments(features)
        ids = _ids(segments, features, ids_of)
        facts = {name: spec.empty() for name, spec in missing_facts.items()}
        return {**facts, ANSWER: _answer(segments), **_sides(segments, ids)}

    roles = ("inputs_roles", "targets_roles") if with_roles else ()
    drops = {*SEGMENTS, *_TEXT, *CODES, *RECORD, "epoch"} - {*provenance_specs()}
    return map_elements(
        dataset, function, reads={*SEGMENTS, *_TEXT, *CODES}, drops=drops,
        writes={**dict.fromkeys(("inputs", "targets", *roles), _IDS), **missing_facts},
    )  # fmt: skip


def _segments(features: Mapping[str, Any]) -> list[Segment]:
    columns = [texts_of(features[name]) for name in SEGMENTS]
    wrong = sorted({*columns[2]} - {*ROLES} | {*columns[1]} - {"text", "audio"})
    if wrong:
        raise SettingsError(
            f"segments: kinds and roles {', '.join(map(repr, wrong))}; expected the kinds text "
            f"and audio, and the roles {', '.join(ROLES)}"
        )
    return [Segment(kind, value, role) for value, kind, role in zip(*columns, strict=True)]


def _codes(clips: Mapping[str, NDArray[Any]], audio_id: str) -> NDArray[Any]:
    if audio_id not in clips:
        raise SettingsError(
            f"audio id {audio_id!r}: there are no codes of it beside its segment; "
            "tokenize_audio has to stand in the chain, and the record has to name the id"
        )
    return clips[audio_id]


def _check_tokenizer(features: Mapping[str, Any], tokenizer: str) -> None:
    if tokenizer and "code_tokenizer" in features:
        (made_by,) = texts_of(features["code_tokenizer"])
        if made_by != tokenizer:
            raise SettingsError(
                f"codes of the tokenizer {made_by}, expected {tokenizer}: tokenize_audio and the "
                "options disagree, or a cache was made with other options; make it again"
            )


def _answer(segments: list[Segment]) -> str:
    answers = [segment for segment in segments if segment.role == "answer"]
    audio_ids = [segment.value for segment in answers if segment.kind == "audio"]
    return (audio_ids or [segment.value for segment in answers] or [""])[-1]


def _ids(
    segments: list[Segment], features: Mapping[str, Any], vocabulary: AudioTextVocabulary
) -> list[NDArray[np.int32]]:
    """Ids of each segment: those of text are there, those of audio are made of its codes."""
    clips = codes_by_id(features)
    ids = np.split(features["text_ids"], np.cumsum(features["text_lengths"]))[:-1]
    return [
        segment_ids(segment, vocabulary, lambda i: _codes(clips, i))
        if segment.kind == "audio"
        else text_ids
        for segment, text_ids in zip(segments, ids, strict=True)
    ]


def _sides(segments: list[Segment], ids: list[NDArray[np.int32]]) -> dict[str, Any]:
    features: dict[str, Any] = {}
    for side in ("inputs", "targets"):
        places = [
            place
            for place, segment in enumerate(segments)
            if (segment.role == "answer") == (side == "targets")
        ]
        joined_ids = join_ids([segments[i] for i in places], [ids[i] for i in places])
        features |= {side: joined_ids.ids, f"{side}_roles": joined_ids.roles}
    return features
