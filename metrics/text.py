"""Error rates of running text, of phones and of ordered lists (rapidfuzz 3, as jiwer 4 has them).

Rates sum errors and reference lengths over the split before dividing, so a long utterance
weighs more than a short one; values above 1 are possible. Words are those of the normaliser
profile; scripts that do not separate words are compared character by character.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.batch import Batch
from audioflan_tasks.metrics.normalise import normaliser
from audioflan_tasks.metrics.sums import Sums, ratio

__all__ = [
    "cer", "cer_sums", "edit_similarity", "exact_match", "item_error_rate", "item_sums", "per",
    "rate", "wer", "wer_sums",
]  # fmt: skip


def wer(batch: Batch) -> Mapping[str, float]:
    """Word error rate, and the mean over utterances with each capped at 1 (`wer_capped`).

    A few endless answers move the first far above 1 and the second hardly at all.

    Raises:
      MetricInputError: no reference has a word.
    """
    references, answers = _words(batch)
    edits = _edits(references, answers)
    capped = [
        min(1.0, n / len(r)) if r else float(n > 0) for n, r in zip(edits, references, strict=True)
    ]
    return {"wer": _rate("wer", edits, references), "wer_capped": sum(capped) / len(capped)}


def cer(batch: Batch) -> Mapping[str, float]:
    """Character error rate without blanks, after the normaliser."""
    references, answers = _characters(batch)
    return {"cer": _rate("cer", _edits(references, answers), references)}


def per(batch: Batch) -> Mapping[str, float]:
    """Phone error rate; phones are compared without normalisation."""
    return {"per": rate("per", *_lists(batch))}


def item_error_rate(batch: Batch) -> Mapping[str, float]:
    """Edit distance over list items as a fraction of the reference items."""
    return {"item_error_rate": rate("item_error_rate", *_lists(batch))}


def edit_similarity(batch: Batch) -> Mapping[str, float]:
    """1 - edit distance / longer length, averaged over examples (0 to 1)."""
    from rapidfuzz.distance import Levenshtein

    pairs = zip(*_lists(batch), strict=True)
    total = sum(Levenshtein.normalized_similarity(w, s) for w, s in pairs if w or s)
    both_empty = sum(not w and not s for w, s in zip(*_lists(batch), strict=True))
    return {"edit_similarity": (total + both_empty) / len(batch.references)}


def exact_match(batch: Batch) -> Mapping[str, float]:
    """Share of answers that are the reference, item for item (0 to 1)."""
    right = sum(
        a is not None and a == r for r, a in zip(batch.references, batch.answers, strict=True)
    )
    return {"exact_match": right / len(batch.references)}


def wer_sums(batch: Batch) -> Sums:
    """Errors and reference words of each example."""
    return _sums(*_words(batch))


def cer_sums(batch: Batch) -> Sums:
    """Errors and reference characters of each example."""
    return _sums(*_characters(batch))


def item_sums(batch: Batch) -> Sums:
    """Errors and reference items (or phones) of each example."""
    return _sums(*_lists(batch))


def _sums(references: Sequence[Sequence[str]], answers: Sequence[Sequence[str]]) -> Sums:
    edits = _edits(references, answers)
    return ratio([(n, len(r)) for n, r in zip(edits, references, strict=True)])


def _characters(batch: Batch) -> tuple[list[str], list[str]]:
    references, answers = (["".join(words) for words in texts] for texts in _words(batch))
    return references, answers


def _words(batch: Batch) -> tuple[list[list[str]], list[list[str]]]:
    references, answers = [], []
    for n, (reference, answer) in enumerate(zip(batch.references, batch.answers, strict=True)):
        language = batch.languages[n] if batch.languages else ""
        words = normaliser(batch.normaliser, language)
        references.append(words(_first(reference)))
        answers.append([] if answer is None else words(_first(answer)))
    return references, answers


def _first(text: Any) -> str:
    return str(text[0]) if isinstance(text, tuple) else str(text)


def _lists(batch: Batch) -> tuple[list[list[str]], list[list[str]]]:
    return [list(r) for r in batch.references], [list(a or ()) for a in batch.answers]


def rate(name: str, targets: Sequence[list[str]], predictions: Sequence[list[str]]) -> float:
    """Edit distance over items, summed before it is divided by the items of the targets.

    Raises:
      MetricInputError: no target has an item.
    """
    return _rate(name, _edits(targets, predictions), targets)


def _edits(targets: Sequence[Sequence[str]], predictions: Sequence[Sequence[str]]) -> list[int]:
    from rapidfuzz.distance import Levenshtein

    return [Levenshtein.distance(t, p) for t, p in zip(targets, predictions, strict=True)]


def _rate(name: str, edits: Sequence[int], targets: Sequence[Sequence[str]]) -> float:
    total = sum(map(len, targets))
    if not total:
        raise MetricInputError(f"{name}: no reference has a word to compare with")
    return sum(edits) / total
