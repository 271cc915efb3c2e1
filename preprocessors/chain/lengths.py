"""The last steps: lengths, and the end of sequence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.corpus.skip_guard import SkipGuard
from audioflan_tasks.preprocessors.chain.chain_run import ChainRun, vocabulary_for
from audioflan_tasks.preprocessors.chain.element_map import FeatureSpec, map_elements
from audioflan_tasks.preprocessors.chain.step import Dataset, Step
from audioflan_tasks.preprocessors.crop import fit
from audioflan_tasks.preprocessors.splice import ROLES, Span, SplicedExample
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["append_eos", "crop_spans"]

_SIDES = ("inputs", "targets")
_IDS = FeatureSpec("int32", (None,))


def crop_spans(vocabulary: AudioTextVocabulary | None = None) -> Step:
    """Ids to the lengths that the dataset is asked for (`sequence_length`).

    Whole frames are cut from the end of the longest spans; every span keeps its marks and a
    frame, and text is never cut. One place is left where `append_eos` puts the end of sequence.
    An element that cannot fit is skipped. Without lengths the step does nothing.

    Args:
      vocabulary: as of `encode_text`.

    Reads and writes: `inputs`, `targets`, and their roles where there are any.

    Raises, while it is read:
      SettingsError: as many elements as an epoch has were skipped in a row (10,000 in a task of
        another class).
    """
    return Step(_crop_spans, vocabulary=vocabulary)


def _crop_spans(
    dataset: Dataset,
    *,
    vocabulary: AudioTextVocabulary | None,
    sequence_length: Mapping[str, int] | None = None,
    output_features: Mapping[str, Any] | None = None,
    run: ChainRun | None = None,
) -> Dataset:
    ids_of = vocabulary_for(run, vocabulary, output_features)
    ended_sides = _ended_sides(output_features)
    lengths = {
        side: length - (side in ended_sides)
        for side, length in (sequence_length or {}).items()
        if side in _SIDES and length is not None
    }
    if not lengths:
        return dataset
    counts: Counter[str] = Counter()

    def function(features: dict[str, Any]) -> Mapping[str, Any] | None:
        cropped_features = dict(features)
        for side, length in lengths.items():
            if len(features[side]) <= length:
                continue
            roles = features.get(f"{side}_roles")
            cropped_side = fit(_spliced(features[side], roles, ids_of), length, ids_of)
            if cropped_side is None:
                counts["too long"] += 1
                return None
            cropped_features |= {side: cropped_side.ids, f"{side}_roles": cropped_side.roles}
        return cropped_features

    limit, place = (run.skip_limit, run.place) if run else (10_000, "crop_spans")
    names = [n for n in dataset.element_spec if n in {*lengths, *(f"{s}_roles" for s in lengths)}]
    return map_elements(
        dataset, function, reads=names, writes=dict.fromkeys(names, _IDS),
        guard=SkipGuard(limit, place, counts),
    )  # fmt: skip


def append_eos(vocabulary: AudioTextVocabulary | None = None) -> Step:
    """The end of sequence behind the features that have one (`seqio.Feature(add_eos=True)`).

    Args:
      vocabulary: as of `encode_text`.

    Reads and writes: `inputs`, `targets`, and their roles where there are any.
    """
    return Step(_append_eos, vocabulary=vocabulary)


def _append_eos(
    dataset: Dataset,
    *,
    vocabulary: AudioTextVocabulary | None,
    output_features: Mapping[str, Any] | None = None,
    run: ChainRun | None = None,
) -> Dataset:
    eos_id = vocabulary_for(run, vocabulary, output_features).eos_id
    last_ids: dict[str, int] = {}
    for side in _ended_sides(output_features):
        last_ids |= {
            side: eos_id,
            f"{side}_roles": ROLES["answer" if side == "targets" else "input"],
        }
    names = [name for name in last_ids if name in dataset.element_spec]

    def function(features: dict[str, Any]) -> Mapping[str, Any]:
        return {name: np.append(features[name], np.int32(last_ids[name])) for name in names}

    return map_elements(dataset, function, reads=names, writes=dict.fromkeys(names, _IDS))


def _ended_sides(output_features: Mapping[str, Any] | None) -> list[str]:
    """Features that end in EOS; the targets, where nothing is said."""
    if output_features is None:
        return ["targets"]
    return [name for name in _SIDES if name in output_features and output_features[name].add_eos]


def _spliced(
    ids: NDArray[np.int32], roles: NDArray[Any] | None, vocabulary: AudioTextVocabulary
) -> SplicedExample:
    """Ids with the spans among them, which their marks show."""
    starts = np.flatnonzero(ids == vocabulary.soa_id).tolist()
    ends = (np.flatnonzero(ids == vocabulary.eoa_id) + 1).tolist()
    spans = tuple(Span(start, end, "") for start, end in zip(starts, ends, strict=True))
    no_roles = np.zeros(len(ids), np.uint8)
    return SplicedExample(ids, no_roles if roles is None else roles, spans)
