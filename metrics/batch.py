"""Answers and references of one task, read and ready for its metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.parsing import Kind, read
from audioflan_tasks.metrics.parsing.matching import matcher
from audioflan_tasks.metrics.values import Parsed, Status

__all__ = ["Batch", "read_batch"]

_SHORT = 60
# Answers that are remembered: some repeat, but those that never do must not fill the memory.
_MOST = 4096


@dataclass(frozen=True, slots=True)
class Batch:
    """References and answers as values; an answer without a value is None.

    `scores` has a number (of the positive label) or a mapping from label to number for each
    example. `languages` has a code or name for each example, or is empty; `texts` what was to
    be said or the description of each. `judge` is the model of a metric that has one.
    """

    references: Sequence[Any]
    answers: Sequence[Any]
    parsed: Sequence[Parsed] = ()
    labels: tuple[str, ...] = ()
    scores: Sequence[Any] | None = None
    languages: Sequence[str] = ()
    normaliser: str = ""
    workers: int = 1
    progress: bool = False
    judge: Any = None
    texts: Sequence[str] = ()

    @property
    def unparsed(self) -> float:
        """Share of answers without a value."""
        return sum(a is None for a in self.answers) / len(self.answers)


def read_batch(
    name: str,
    kind: Kind,
    targets: Sequence[Any],
    predictions: Sequence[Any],
    *,
    row: TaskRow | None = None,
    options: Sequence[Any] = (),
    prompts: Sequence[str] = (),
    **more: Any,
) -> Batch:
    """Reads targets strictly and predictions tolerantly.

    `options` are labels for all examples, or a sequence of labels for each.

    Raises:
      MetricInputError: the lengths differ, there is nothing to score, or a target is not in
        the canonical form.
    """
    _check(name, targets, predictions)
    if options and not isinstance(options[0], str) and len(options) != len(targets):
        raise MetricInputError(
            f"{name}: options for {len(options)} examples but {len(targets)} targets; "
            "give one list for all, or one for each"
        )
    labels = _labels(kind, targets, row, options)
    task = "" if row is None else row.id
    references, parsed = [], []
    seen: dict[Any, Any] = {}
    values: dict[Parsed, Parsed] = {}
    for n, (target, said) in enumerate(zip(targets, predictions, strict=True)):
        prompt = prompts[n] if prompts else ""
        if kind == "label" and isinstance(said, str) and len(said) <= _SHORT:
            # Short answers of label tasks repeat, and their reference does not matter.
            wanted = _once(seen, _reference, name, kind, str(target), labels[n], task)
            found = _once(seen, _read_label, said, labels[n], task, prompt)
            # What is read of many answers is one of few values.
            parsed.append(values.setdefault(found, found))
            references.append(wanted)
            continue
        wanted = _reference(name, kind, target, labels[n], task)
        found = read(kind, said, labels[n], task=task, prompt=prompt, reference=wanted)
        if found.status is Status.REFUSAL and kind in ("text", "caption") and said == target:
            found = Parsed(wanted, Status.OK)  # the speaker says so
        references.append(wanted)
        parsed.append(values.setdefault(found, found) if kind == "label" else found)
    # The task's own order first: questions may show their options in any.
    own = row.labels if row is not None and kind == "label" else ()
    known = tuple(dict.fromkeys(label for some in (own, *dict.fromkeys(labels)) for label in some))
    return Batch(references, [p.value for p in parsed], parsed, known, **more)


def _once(seen: dict[Any, Any], function: Callable[..., Any], *arguments: Any) -> Any:
    """`function(*arguments)`, kept for the batch."""
    found = seen.get(arguments)
    if found is None:
        found = function(*arguments)
        if len(seen) < _MOST:
            seen[arguments] = found
    return found


def _read_label(said: str, labels: tuple[str, ...], task: str, prompt: str) -> Parsed:
    return read("label", said, labels, task=task, prompt=prompt)


def _check(name: str, targets: Sequence[Any], predictions: Sequence[Any]) -> None:
    if len(targets) != len(predictions):
        raise MetricInputError(
            f"{name}: {len(targets)} targets but {len(predictions)} predictions; "
            "a missing answer is an empty string, not a shorter list"
        )
    if not len(targets):
        raise MetricInputError(f"{name}: nothing to score; is the split empty?")


def _labels(
    kind: Kind, targets: Sequence[Any], row: TaskRow | None, options: Sequence[Any]
) -> list[tuple[str, ...]]:
    """The label set of each example: as asked, else the task's, else what the targets have."""
    count = len(targets)
    if kind not in ("label", "labels", "sequence", "intervals"):
        return [()] * count
    if options and not isinstance(options[0], str):
        shared = _labels(kind, targets, row, ())
        return [
            _with(tuple(some), target, kind) if some else rest
            for some, target, rest in zip(options, targets, shared, strict=True)
        ]
    known = tuple(options) or (row.labels if row is not None else ())
    if kind == "label":
        texts = dict.fromkeys(str(t) for t in targets)
        known = tuple(dict.fromkeys((*known, *(t for t in texts if not _within(t, known)))))
    return [known] * count


def _with(labels: tuple[str, ...], target: Any, kind: Kind) -> tuple[str, ...]:
    """The options with the reference, should it not be among them."""
    if kind != "label" or _within(str(target), labels):
        return labels
    return (*labels, str(target))


def _within(target: str, labels: tuple[str, ...]) -> bool:
    if not labels:
        return False
    return matcher(labels).exact(target) is not None


def _reference(name: str, kind: Kind, target: Any, labels: tuple[str, ...], task: str) -> Any:
    if kind == "audio":
        return target
    if kind in ("text", "caption"):
        several = isinstance(target, list | tuple)
        return tuple(str(t) for t in target) if several else (str(target),)
    if not isinstance(target, str | bytes):
        return target
    found = read(kind, target, labels, task=task)
    if found.value is None or found.status is Status.RUNAWAY:
        raise MetricInputError(
            f"{name}: the reference {str(target)[:80]!r} cannot be read as {_FORMS[kind]} "
            f"({found.status}); mend the record, or score with another metric"
        )
    return found.value


_FORMS = {
    "label": "a label",
    "labels": "labels such as 'bass, drums'",
    "key": "a key such as 'C# minor'",
    "number": "a number such as '12.5 dB'",
    "times": "times such as '0.52, 1.04'",
    "intervals": "intervals such as '0.10-1.20 speech; 1.50-2.00 speech'",
    "chords": "chords such as '0.00-2.00 C:maj; 2.00-4.00 A:min'",
    "sequence": "names such as 'dog bark, car horn'",
    "note": "a note such as C#4",
    "progression": "numerals such as 'ii-V-I'",
    "contour": "seconds and Hz such as '0.00 220.0; 0.10 221.5'",
    "phones": "phones such as 'h ə l oʊ'",
}
