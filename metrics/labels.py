"""Metrics on labels, sets of labels and notes (scikit-learn 1.x).

An answer without a value is wrong; it is never a class of its own in macro F1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.metrics.sums import Floats, Sums, mean, ratio
from audioflan_tasks.metrics.values import Note

__all__ = [
    "accuracy", "accuracy_sums", "adjacent_accuracy", "balanced_accuracy", "exact_set", "macro_f1",
    "macro_f1_sums", "note_accuracy", "pitch_class_accuracy", "recall_sums", "set_f1", "slot_f1",
    "slot_sums",
]  # fmt: skip

_NO_LABEL = ""


def accuracy(batch: Batch) -> Mapping[str, float]:
    """Share of answers that are the label (0 to 1)."""
    from sklearn.metrics import accuracy_score

    return {"accuracy": accuracy_score(*_labels(batch))}


def accuracy_sums(batch: Batch) -> Sums:
    """Whether each answer is the label."""
    return mean([r == a for r, a in zip(*_labels(batch), strict=True)])


def balanced_accuracy(batch: Batch) -> Mapping[str, float]:
    """Mean recall over the labels of the references (0 to 1)."""
    from sklearn.metrics import recall_score

    references, answers = _labels(batch)
    labels = np.unique(references)
    value = recall_score(references, answers, labels=labels, average="macro", zero_division=0.0)
    return {"balanced_accuracy": value}


def macro_f1(batch: Batch) -> Mapping[str, float]:
    """Mean F1 over the labels of the references (0 to 1)."""
    from sklearn.metrics import f1_score

    references, answers = _labels(batch)
    labels = np.unique(references)
    return {
        "macro_f1": f1_score(references, answers, labels=labels, average="macro", zero_division=0.0)
    }


def recall_sums(batch: Batch) -> Sums:
    """Of each label the hits and the references, for balanced accuracy."""
    has_label, says_label = _label_grids(batch)
    return _over_labels(has_label & says_label, has_label, has_label)


def macro_f1_sums(batch: Batch) -> Sums:
    """Of each label twice the hits, answers with references, and references."""
    has_label, says_label = _label_grids(batch)
    hits = has_label & says_label
    return _over_labels(2 * hits, has_label.astype(int) + says_label, has_label)


def _over_labels(*columns: NDArray[Any]) -> Sums:
    """The mean over labels of the first columns by the second, where the third are not 0."""

    def value(sums: Floats) -> Floats:
        above, below, references = np.split(sums, 3, axis=-1)
        counts = references > 0
        quotients = above / np.where(below > 0, below, 1.0)
        total = np.where(counts, quotients, 0.0).sum(axis=-1)
        return np.asarray(total / np.maximum(1, counts.sum(axis=-1)))

    return Sums(np.concatenate(columns, axis=1).astype(np.float64), value, most_trials=1.0)


def _label_grids(batch: Batch) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which label each reference is, and each answer, [n, labels of the references]."""
    references, answers = _labels(batch)
    names = np.array(sorted(set(references)))
    return np.array(references)[:, None] == names, np.array(answers)[:, None] == names


def adjacent_accuracy(batch: Batch) -> Mapping[str, float]:
    """Share of answers that are the label or next to it in the order of the set (0 to 1).

    Raises:
      MetricInputError: a reference is not in the label set.
    """
    order = {label: position for position, label in enumerate(batch.labels)}
    missing = [r for r in batch.references if r not in order]
    if missing:
        raise MetricInputError(f"adjacent_accuracy: {missing[0]!r} is not in {batch.labels}")
    hits = sum(
        a in order and abs(order[a] - order[r]) <= 1
        for r, a in zip(batch.references, batch.answers, strict=True)
    )
    return {"adjacent_accuracy": hits / len(batch.references)}


def set_f1(batch: Batch) -> Mapping[str, float]:
    """F1 of each example's label set, averaged (0 to 1); an empty answer to an empty set is 1."""
    from sklearn.metrics import f1_score

    references, answers, is_unread = _label_sets(batch)
    score = f1_score(references, answers, average="samples", zero_division=1.0)
    # An answer that could not be read is not an empty set that happens to be right.
    lucky = is_unread & ~references.any(axis=1)
    return {"set_f1": score - float(lucky.sum()) / len(is_unread)}


def exact_set(batch: Batch) -> Mapping[str, float]:
    """Share of answers whose set of labels is right (0 to 1)."""
    right = [a == r for r, a in zip(batch.references, batch.answers, strict=True)]
    return {"exact_set": float(np.mean(right))}


def slot_f1(batch: Batch) -> Mapping[str, float]:
    """Micro F1 over the comma-separated slots of an intent, position by position (0 to 1)."""
    return {"slot_f1": slot_sums(batch).whole}


def slot_sums(batch: Batch) -> Sums:
    """Twice the right slots of each example, and the slots of both sides."""
    pairs = [(_slots(r), _slots(a)) for r, a in zip(batch.references, batch.answers, strict=True)]
    return ratio([(2 * len(r & a), len(r) + len(a)) for r, a in pairs])


def note_accuracy(batch: Batch) -> Mapping[str, float]:
    """Share of notes with the right MIDI number (0 to 1); Db4 equals C#4.

    Raises:
      MetricInputError: a reference has no octave.
    """
    from sklearn.metrics import accuracy_score

    references = [_midi(r) for r in batch.references]
    if -1 in references:
        raise MetricInputError("note_accuracy: a reference has no octave; expected one as in C#4")
    return {"note_accuracy": accuracy_score(references, [_midi(a) for a in batch.answers])}


def pitch_class_accuracy(batch: Batch) -> Mapping[str, float]:
    """Share of notes with the right name, whatever the octave (0 to 1)."""
    right = [
        isinstance(a, Note) and a.pitch_class == r.pitch_class
        for r, a in zip(batch.references, batch.answers, strict=True)
    ]
    return {"pitch_class_accuracy": float(np.mean(right))}


def _midi(note: Any) -> int:
    """MIDI number, or -1, which no note has."""
    return note.midi if isinstance(note, Note) and note.midi is not None else -1


def _labels(batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The labels of the references and of the answers by number [n]; -1 where there is none."""
    # scikit-learn takes many times as long for texts.
    labels = sorted({str(label) for label in {*batch.references, *batch.answers} - {None}})
    numbers: dict[str | None, int] = {label: n for n, label in enumerate(labels)}
    numbers[None] = -1

    def numbers_of(side: Sequence[Any]) -> NDArray[np.int64]:
        return np.array([numbers[label if label is None else str(label)] for label in side])

    return numbers_of(batch.references), numbers_of(batch.answers)


def _slots(label: str | None) -> set[tuple[int, str]]:
    parts = enumerate((label or "").casefold().split(","))
    return {(n, part.strip()) for n, part in parts if part.strip()}


def _label_sets(batch: Batch) -> tuple[Any, Any, Any]:
    from sklearn.preprocessing import MultiLabelBinarizer

    references: Sequence[Any] = batch.references
    answers = [a if a is not None else frozenset() for a in batch.answers]
    # scikit-learn takes a single column for single labels: two labels that nobody has prevent that.
    binarizer = MultiLabelBinarizer(
        classes=[*sorted(frozenset().union(*references, *answers)), _NO_LABEL, f"{_NO_LABEL} "]
    )
    is_unread = np.array([a is None for a in batch.answers])
    return binarizer.fit_transform(references), binarizer.transform(answers), is_unread
