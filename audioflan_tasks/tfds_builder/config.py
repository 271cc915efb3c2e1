"""What a data set of TFDS is made of: a task, a corpus, and a form of audio."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal, get_args

import tensorflow_datasets as tfds

from audioflan_tasks import catalogue
from audioflan_tasks.arguments import check_choice
from audioflan_tasks.catalogue import PREFIX, TaskRow
from audioflan_tasks.config import options_or_settings
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.tokens import AudioTokenizer, tokenizer_of

__all__ = ["AudioFlanConfig", "AudioForm", "standard_configs"]

AudioForm = Literal["samples", "codes", "none"]


class AudioFlanConfig(tfds.core.BuilderConfig):
    """A config of `audioflan`: what one data set is built from. JSON can say all of it.

    There is one of each minor task, which has the task's id as its name. Another corpus, form of
    audio or tokenizer is another config, with a name of its own.

    Args:
      name: of the config, and of its folder.
      task: id or name of the minor task; "" takes the name.
      corpus: a `Corpus` or its root; None takes that of the settings when it is built.
      audio: `samples` has the samples of the clips of both sides, `codes` the codes of all clips,
        `none` their ids alone.
      sample_rate: of `samples`, in Hz.
      options: of examples, of which the tokenizer's and `missing_audio` count; None takes the
        settings when it is built.

    Raises:
      SettingsError: a value that cannot be used.
      UnknownNameError: no such task.
    """

    def __init__(
        self,
        name: str,
        *,
        task: str = "",
        corpus: Corpus | str | os.PathLike[str] | None = None,
        audio: AudioForm = "samples",
        sample_rate: int = 16_000,
        options: ExampleOptions | Mapping[str, Any] | None = None,
    ) -> None:
        check_choice("audio", audio, get_args(AudioForm))
        if not isinstance(sample_rate, int) or sample_rate < 1:
            raise SettingsError(f"sample_rate={sample_rate!r}: expected Hz, such as 16000")
        self.row: TaskRow = catalogue.get((task or name).removeprefix(PREFIX))
        self.audio, self.sample_rate = audio, sample_rate
        self._corpus = corpus
        self._options = ExampleOptions(**options) if isinstance(options, Mapping) else options
        super().__init__(name=name, description=self.row.definition)

    def open_corpus(self) -> Corpus:
        """The corpus of the config, else that of the settings as they are now."""
        if self._corpus is None:
            return open_corpus()
        return self._corpus if isinstance(self._corpus, Corpus) else Corpus(self._corpus)

    def example_options(self) -> ExampleOptions:
        """The options of the config, else the settings as they are now."""
        return options_or_settings(self._options)

    def tokenizer(self) -> AudioTokenizer:
        """What makes the codes."""
        return tokenizer_of(self.example_options())

    def made_with(self) -> dict[str, Any]:
        """What decides what the features mean, ready for JSON."""
        facts: dict[str, Any] = {"task": self.row.id, "audio": self.audio}
        if self.audio == "samples":
            facts["sample_rate"] = self.sample_rate
        elif self.audio == "codes":
            facts["tokenizer"] = self.tokenizer().fingerprint
        return facts


def standard_configs() -> list[AudioFlanConfig]:
    """One config of each minor task, over the corpus of the settings."""
    return [AudioFlanConfig(name=row.id) for row in catalogue.tasks()]
