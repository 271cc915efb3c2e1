"""What a data set of TFDS is made of: a task, a corpus, and a form of audio."""

from __future__ import annotations

import dataclasses
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

_RATE = 16_000


@dataclasses.dataclass(eq=False, kw_only=True)
class AudioFlanConfig(tfds.core.BuilderConfig):
    """A config of `audioflan`. All fields but the name have defaults, and can be written in JSON.

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

    name: str
    task: str = ""
    corpus: Corpus | str | os.PathLike[str] | None = None
    audio: AudioForm = "samples"
    sample_rate: int = _RATE
    options: ExampleOptions | Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        check_choice("audio", self.audio, get_args(AudioForm))
        if not isinstance(self.sample_rate, int) or self.sample_rate < 1:
            raise SettingsError(f"sample_rate={self.sample_rate!r}: expected Hz, such as 16000")
        if isinstance(self.options, Mapping):
            self.options = ExampleOptions(**self.options)
        self.description = self.description or self.row.definition

    @property
    def row(self) -> TaskRow:
        """The task's row in the catalogue."""
        return catalogue.get((self.task or self.name).removeprefix(PREFIX))

    def open_corpus(self) -> Corpus:
        """The corpus of the config, else that of the settings as they are now."""
        if self.corpus is None:
            return open_corpus()
        return self.corpus if isinstance(self.corpus, Corpus) else Corpus(self.corpus)

    def example_options(self) -> ExampleOptions:
        """The options of the config, else the settings as they are now."""
        assert not isinstance(self.options, Mapping), "replaced when the config was made"
        return options_or_settings(self.options)

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
