"""The setup of a run: the model, the options of its prompts, and the folder of the run."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

import msgspec

from audioflan_tasks.arguments import check_names
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.errors import EvaluationError, SettingsError, UnknownNameError
from audioflan_tasks.evaluation.models.function import FunctionModel
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.probes.judge import Judge
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.results import read_json, write_json
from audioflan_tasks.evaluation.sample_questions import AudioSpace
from audioflan_tasks.evaluation.scorer import REFERENCE_RATE
from audioflan_tasks.options import ExampleOptions

__all__ = [
    "QuestionCount", "Run", "RunProgress", "as_model", "check_corpus", "config_of", "known_names",
    "open_folder", "versions",
]  # fmt: skip

_PACKAGES = (
    "audioflan_tasks", "numpy", "rapidfuzz", "sacrebleu", "mir_eval", "scikit-learn", "nltk",
    "pystoi", "fast-bss-eval", "pyannote.metrics", "mel-cepstral-distance", "transformers", "torch",
)  # fmt: skip
# A run may be resumed with other values of these.
_FREE_KEYS = ("limit", "batch_size", "workers")
# Where a model answers is no part of what it is.
_FREE_SETTINGS = ("base_url",)


@dataclass(frozen=True, slots=True)
class QuestionCount:
    """How far a run is: the task, its place among the tasks, and questions over all tasks."""

    task: str
    task_number: int  # from 1
    tasks: int
    done: int
    questions: int


class RunProgress:
    """Counts the questions of a run and hands each new count on."""

    def __init__(self, sizes: Mapping[str, int], receive: Callable[[QuestionCount], None]) -> None:
        self._numbers = {task: number for number, task in enumerate(sizes, 1)}
        self._questions = sum(sizes.values())
        self._receive = receive
        self._done = 0

    def add(self, task: str, count: int) -> None:
        """`count` further questions of the task have an answer."""
        self._done += count
        self._receive(
            QuestionCount(
                task, self._numbers[task], len(self._numbers), self._done, self._questions
            )
        )


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that the tasks of a run have in common."""

    model: Model
    corpus: Corpus
    maker: ExampleMaker
    out: Path
    split: str
    seed: int
    batch_size: int
    workers: int
    baselines: tuple[str, ...]
    variations: tuple[str, ...]
    log_samples: bool
    judge: Judge | None
    progress: RunProgress
    audio_space: AudioSpace
    metrics: tuple[str, ...] = ()


def as_model(model: Model | Callable[[Prompt], Any]) -> Model:
    """The model itself, or a model that calls the function.

    Raises:
      EvaluationError: the argument is neither.
    """
    if hasattr(model, "answer") and hasattr(model, "settings"):
        return cast("Model", model)
    if callable(model):
        return FunctionModel(model)
    raise EvaluationError(
        f"expected a model or a function, got {model!r}; by name: evaluation.spec.model_of(NAME)"
    )


def check_corpus(corpus: Any) -> Corpus | None:
    """A corpus, or None for the one of the settings.

    Raises:
      SettingsError: something else, such as a path.
    """
    if corpus is not None and not isinstance(corpus, Corpus):
        raise SettingsError(f"corpus={corpus!r}: expected audioflan_tasks.Corpus(…) or None")
    return corpus


def known_names(names: Iterable[str], choices: Iterable[str], kind: str) -> tuple[str, ...]:
    """The names without repeats.

    Raises:
      UnknownNameError: a name is not among the choices.
    """
    distinct, choices = tuple(dict.fromkeys(check_names(kind, names))), tuple(choices)
    for name in distinct:
        if name not in choices:
            raise UnknownNameError(kind, name, choices)
    return distinct


def config_of(options: ExampleOptions, **arguments: Any) -> dict[str, Any]:
    """The `config` of the results: everything that decides how the model is asked."""
    return {
        **arguments, "reference_rate": REFERENCE_RATE, "options": options.model_dump(mode="json"),
    }  # fmt: skip


def open_folder(folder: Path, model: Model, mixture: str, config: Mapping[str, Any]) -> None:
    """Creates the folder, or checks that the run in it has the same model and config.

    Raises:
      EvaluationError: the run in the folder has another model or config.
      FileWriteError: it cannot be written.
    """
    fixed_config = {name: value for name, value in config.items() if name not in _FREE_KEYS}
    identity = {"model": model.name, "settings": _fixed(model.settings), **fixed_config}
    plain = msgspec.json.decode(msgspec.json.encode(identity))
    path = folder / "run.json"
    if path.exists():
        earlier = read_json(path, dict[str, Any])
        settings = earlier.get("settings")
        earlier["settings"] = _fixed(settings) if isinstance(settings, dict) else settings
        for name, value in plain.items():
            if earlier.get(name) != value:
                raise EvaluationError(
                    f"{folder}: holds a run with {name}={earlier.get(name)!r}, not "
                    f"{value!r}; resume with the same, or use a new folder"
                )
    write_json(path, {**plain, "mixture": mixture})


def _fixed(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in _FREE_SETTINGS}


def versions() -> dict[str, str]:
    """Versions of Python and of the installed packages on which scores depend."""
    versions_by_name = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions_by_name[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions_by_name
