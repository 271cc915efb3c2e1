"""The contract of a metric, as a test for a user's own.

    from audioflan_tasks.metrics.contract import check_metric

    check_metric("my_metric")  # MetricInputError with everything that is wrong

Or, in pytest, one test per rule: `@pytest.mark.parametrize("rule", RULES)`, `rule(info, examples)`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.batch import Batch, read_batch
from audioflan_tasks.metrics.metric_info import MetricInfo
from audioflan_tasks.metrics.parsing import READERS
from audioflan_tasks.metrics.registry import metric
from audioflan_tasks.metrics.values import AudioAnswer

__all__ = ["EXAMPLES", "RULES", "check_metric"]

Rule = Callable[[MetricInfo, Sequence[Any]], None]

_TEXTS = (
    "a small dog barks twice in the rain", "two people laugh while an old train slowly passes",
    "someone plays a quiet tune on the piano at night",
)  # fmt: skip
# References that each reader takes.
EXAMPLES: Mapping[str, Sequence[str]] = MappingProxyType({
    "text": _TEXTS,
    "caption": _TEXTS,
    "phones": ("h ə l oʊ", "k æ t s", "d ɔ g"),
    "label": ("happy", "sad", "angry", "sad"),
    "label or labels": ("drums, guitar", "piano", "drums"),
    "key": ("C# minor", "A major", "D minor"),
    "labels": ("bass, drums", "piano", "bass, violin"),
    "number": ("12.5", "3", "45"),
    "times": ("0.52, 1.04, 1.55", "0.20, 0.90, 1.60"),
    "intervals": ("0.10-1.20 speech; 1.50-2.00 speech", "0.30-1.80 speech"),
    "chords": ("0.00-2.00 C:maj; 2.00-4.00 A:min7", "0.00-1.00 G:7; 1.00-3.00 C:maj"),
    "sequence": ("dog bark, car horn", "rain, thunder, rain"),
    "note": ("C#4", "A3", "G5"),
    "progression": ("ii-V-I", "I-vi-IV-V"),
    "contour": ("0.00 220.0; 0.10 221.5; 0.20 0.0", "0.00 330.0; 0.10 330.0; 0.20 440.0"),
})  # fmt: skip


def check_metric(info: str | MetricInfo, references: Sequence[Any] = ()) -> None:
    """Checks a metric, by its name or its fact sheet, against every rule.

    `references` are in canonical form, or `AudioAnswer`s; default: a few of its reader's form. What
    needs scores, a model or the unprocessed input is not computed.

    Raises:
      MetricInputError: some rules are broken; the message has all of them.
    """
    info = metric(info) if isinstance(info, str) else info
    examples = references or _examples(info)
    failures = []
    for rule in () if info.needs else RULES:
        try:
            rule(info, examples)
        except Exception as error:  # whatever a user's code raises is a finding
            kind = "" if isinstance(error, MetricInputError) else f"{type(error).__name__}: "
            failures.append(f"{rule.__name__}: {kind}{error}")
    if failures:
        raise MetricInputError(
            f"metric {info.name} breaks {len(failures)} rules:\n" + "\n".join(failures)
        )


def right_answers_score_best(info: MetricInfo, references: Sequence[Any]) -> None:
    """References given back as answers have the best value."""
    value = _value(info, references, references)
    is_best = math.isclose(value, info.best, rel_tol=1e-6, abs_tol=1e-6)
    _need(is_best or math.isinf(info.best), f"right answers score {value:g}, not {info.best:g}")


def unread_answers_score_worse(info: MetricInfo, references: Sequence[Any]) -> None:
    """Answers without a value score, within the bounds, worse than right ones."""
    value = _value(info, references, [""] * len(references))
    right = _value(info, references, references)
    _need(info.low <= value <= info.high, f"{value:g} is not from {info.low:g} to {info.high:g}")
    is_worse = value < right if info.better == "higher" else value > right
    _need(is_worse, f"no answers score {value:g}, right ones {right:g}")


def the_order_of_examples_does_not_count(info: MetricInfo, references: Sequence[Any]) -> None:
    """Examples in another order have the same value."""
    batch = _batch(info, references, [references[-1], *references[1:]])
    turned = replace(batch, references=batch.references[::-1], answers=batch.answers[::-1])
    value, other = (info.compute(b)[info.name] for b in (batch, turned))
    _need(math.isclose(value, other, rel_tol=1e-6, abs_tol=1e-9), f"{value:g}, then {other:g}")


def values_are_repeatable(info: MetricInfo, references: Sequence[Any]) -> None:
    """The same batch gives the same value again, and is not changed."""
    batch = _batch(info, references, [references[-1], *references[1:]])
    before = copy.deepcopy((batch.references, batch.answers))
    values = [info.compute(batch)[info.name] for _ in range(2)]
    _need(values[0] == values[1], f"{values[0]:g}, then {values[1]:g}")
    same = _spelling(before) == _spelling((batch.references, batch.answers))
    _need(same, "the batch is changed")


def _spelling(value: Any) -> str:
    """A value in letters; of a set in order, as its own order is not that of its copy."""
    if isinstance(value, list | tuple):
        return ",".join(map(_spelling, value))
    return repr(sorted(value)) if isinstance(value, frozenset) else repr(value)


def values_have_names_and_are_finite(info: MetricInfo, references: Sequence[Any]) -> None:
    """The value of several examples, and of one, stands under the metric's name; all are finite."""
    for part in (references, references[:1]):
        values = info.compute(_batch(info, part, part))
        _need(info.name in values, f"{info.name!r} is not among {', '.join(map(str, values))}")
        bad = [name for name, value in values.items() if not math.isfinite(value)]
        _need(not bad, f"{', '.join(map(str, bad))} is not finite")


RULES: Sequence[Rule] = (
    values_have_names_and_are_finite,
    right_answers_score_best,
    unread_answers_score_worse,
    the_order_of_examples_does_not_count,
    values_are_repeatable,
)


def _examples(info: MetricInfo) -> Sequence[Any]:
    return _tones() if READERS[info.reads].is_audio else EXAMPLES[info.reads]


def _tones() -> list[AudioAnswer]:
    """Two seconds each of harmonics of a changing pitch, at 16 kHz."""
    seconds = np.arange(32_000) / 16_000
    waves = (np.sin(2 * np.pi * (f * seconds + 20 * seconds**2)) for f in (180.0, 260.0))
    noise = np.random.default_rng(0).normal(0, 0.01, len(seconds))
    return [AudioAnswer((0.4 * w + 0.2 * w**3 + noise).astype(np.float32), 16_000) for w in waves]


def _batch(info: MetricInfo, references: Sequence[Any], answers: Sequence[Any]) -> Batch:
    return read_batch(references, answers, name=info.name, reader=READERS[info.reads])


def _value(info: MetricInfo, references: Sequence[Any], answers: Sequence[Any]) -> float:
    return info.compute(_batch(info, references, answers))[info.name]


def _need(fine: bool, fault: str) -> None:
    if not fine:
        raise MetricInputError(fault)
