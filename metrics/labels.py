"""Metrics on labels, sets of labels and notes (scikit-learn 1.x).

An answer that is not a label of the references is wrong; it never counts as a class
of its own in macro F1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.answers import items, label, midi_number

__all__ = ["accuracy", "macro_f1", "note_accuracy", "set_f1"]


def accuracy(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Share of answers that are the label (0 to 1)."""
    from sklearn.metrics import accuracy_score

    return {"accuracy": accuracy_score(*_labels(targets, predictions))}


def macro_f1(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Mean F1 over the labels of the references (0 to 1)."""
    from sklearn.metrics import f1_score

    wanted, said = _labels(targets, predictions)
    known = sorted(set(wanted))
    return {"macro_f1": f1_score(wanted, said, labels=known, average="macro", zero_division=0.0)}


def set_f1(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """F1 of each example's label set, averaged (0 to 1); an empty answer to an empty set is 1."""
    from sklearn.metrics import f1_score
    from sklearn.preprocessing import MultiLabelBinarizer

    wanted, said = [set(items(t)) for t in targets], [set(items(p)) for p in predictions]
    known = MultiLabelBinarizer(classes=sorted(set().union(*wanted, *said)))
    if not len(known.classes):
        return {"set_f1": 1.0}
    score = f1_score(
        known.fit_transform(wanted), known.transform(said), average="samples", zero_division=1.0
    )
    return {"set_f1": score}


def note_accuracy(targets: Sequence[str], predictions: Sequence[str]) -> Mapping[str, float]:
    """Share of notes with the right MIDI number (0 to 1).

    Raises:
      MetricInputError: a target is not a note.
    """
    from sklearn.metrics import accuracy_score

    wanted = [midi_number(t) for t in targets]
    if None in wanted:
        raise MetricInputError(
            f"note_accuracy: target {targets[wanted.index(None)]!r} is not a note such as C#4"
        )
    # -1 is no MIDI number, so an answer that is not a note never matches.
    said = [-1 if (n := midi_number(p)) is None else n for p in predictions]
    return {"note_accuracy": accuracy_score(wanted, said)}


def _labels(targets: Sequence[str], predictions: Sequence[str]) -> tuple[list[str], list[str]]:
    return [label(t) for t in targets], [label(p) for p in predictions]
