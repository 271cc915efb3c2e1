"""What the steps of a chain share while one dataset is made."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audioflan_tasks.config import options_or_settings
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.tokens import AudioTextVocabulary, vocabulary_of

__all__ = ["ChainRun", "CorpusLike", "corpus_for", "options_for", "vocabulary_for"]

CorpusLike = Corpus | str | os.PathLike[str]

# Options that decide what ids mean: these are the run's for every step.
_IDS = ("tokenizer", "tokenizer_weights", "codebooks", "layout", "text")


@dataclass(frozen=True, slots=True)
class ChainRun:
    """With what one dataset of an `AudioFlanTask` is made.

    A step that has a parameter `run` gets it there, as seqio gives it `sequence_length` and
    `output_features`; in other tasks it is None. `seed` is that of the dataset. After
    `skip_limit` examples in a row that cannot be used a step raises an error that names `place`.
    """

    options: ExampleOptions
    corpus: Corpus
    seed: int | None = None
    skip_limit: int = 10_000
    place: str = "this dataset"


def options_for(run: ChainRun | None, options: ExampleOptions | None = None) -> ExampleOptions:
    """The options of a step: its own, else the run's, else the settings as they are now.

    What ids mean is the run's in any case.
    """
    if run is None:
        return options_or_settings(options)
    if options is None:
        return run.options
    return options.replace(**{name: getattr(run.options, name) for name in _IDS})


def corpus_for(run: ChainRun | None, corpus: CorpusLike | None) -> Corpus:
    """The corpus of a step: its own, else the run's, else that of the settings."""
    if corpus is not None:
        return corpus if isinstance(corpus, Corpus) else Corpus(corpus)
    return open_corpus() if run is None else run.corpus


def vocabulary_for(
    run: ChainRun | None,
    vocabulary: AudioTextVocabulary | None,
    output_features: Mapping[str, Any] | None,
) -> AudioTextVocabulary:
    """The vocabulary of a step: its own, else the run's, else the task's, else the settings'."""
    if vocabulary is not None:
        return vocabulary
    of_task = (output_features or {}).get("inputs")
    if run is None and of_task is not None and isinstance(of_task.vocabulary, AudioTextVocabulary):
        return of_task.vocabulary
    return vocabulary_of(options_for(run))
