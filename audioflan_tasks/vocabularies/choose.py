"""Which vocabulary the answers of a corpus have: by its name, or by the labels themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from audioflan_tasks.vocabularies.items import split_labels
from audioflan_tasks.vocabularies.library import corpora_by_vocabulary, get, vocabularies_of
from audioflan_tasks.vocabularies.spelling import fold
from audioflan_tasks.vocabularies.vocabulary import Vocabulary

__all__ = ["infer", "vocabulary_for"]

# Of the answers of a file, so many must be labels of a vocabulary for it to be theirs.
LEAST_SHARE = 0.95

_CORPUS_WORD = re.compile(r"[^\W\d_]+|\d+")


def vocabulary_for(task: str, corpus: str) -> Vocabulary | None:
    """The vocabulary of a task's answers in a corpus, or None.

    The name may have a number before it (`13_LibriTTS-R`), a version after it (`ESD2`), and a
    part of a corpus (`FSD50K-eval`); the longest name that fits counts.
    """
    words = _words(corpus)
    if words and words[0].isdecimal():
        words = words[1:] or words
    fits = [
        (len(name), vocabulary)
        for vocabulary, corpora in corpora_by_vocabulary(task).items()
        for name in map(_words, corpora)
        if words[: len(name)] == name
    ]
    return get(max(fits, key=lambda fit: fit[0])[1]) if fits else None


def infer(task: str, labels: Iterable[str]) -> Vocabulary | None:
    """The vocabulary that 95 % of a file's answers are labels of, or None.

    An answer that lists labels counts where all of them are. Of several vocabularies the
    smallest is taken, then the one that has the labels as its own names; None if they are still
    equal.
    """
    answers = Counter(labels)
    fits = [v for v in vocabularies_of(task) if _share(answers, v) >= LEAST_SHARE]
    if not fits:
        return None
    fits.sort(key=lambda vocabulary: _rank(answers, vocabulary))
    is_tie = len(fits) > 1 and _rank(answers, fits[0]) == _rank(answers, fits[1])
    return None if is_tie else fits[0]


def _share(answers: Counter[str], vocabulary: Vocabulary) -> float:
    total = sum(answers.values())
    fitting = sum(count for text, count in answers.items() if _fits(text, vocabulary))
    return fitting / total if total else 0.0


def _fits(text: str, vocabulary: Vocabulary) -> bool:
    items = split_labels(text, vocabulary)
    return bool(items) and all(vocabulary.find(item) is not None for item in items)


def _rank(answers: Counter[str], vocabulary: Vocabulary) -> tuple[int, int]:
    """Small for a small vocabulary that has the answers as its own names."""
    names = {vocabulary.key(name) for name in vocabulary.names}
    foreign = sum(vocabulary.key(text) not in names for text in answers)
    return len(vocabulary.labels), foreign


def _words(corpus: str) -> Sequence[str]:
    return _CORPUS_WORD.findall(fold(corpus))
