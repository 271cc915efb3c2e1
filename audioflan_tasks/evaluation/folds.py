"""Evaluation over folds: every task measured once by a model that was not trained on its kin."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from audioflan_tasks.arguments import check_choice
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.results import Results, write_json
from audioflan_tasks.evaluation.run import evaluate
from audioflan_tasks.mixtures import WIDTHS, Split, Width, leave_one_cluster_out, mixture, split

__all__ = ["FOLDS_FILE", "FoldScore", "FoldsResults", "evaluate_folds", "folds_page"]

FOLDS_FILE = "folds.json"

# Arguments that do not change what a finished fold's results are.
_FREE = ("progress", "batch_size", "workers", "judge")
# What a fold may take over from one of another width in which the same model was asked the same.
_ANSWERS = ("answers", "baselines")


class FoldScore(msgspec.Struct, frozen=True, kw_only=True):
    """One fold: tasks that are measured, number of tasks to train on, mean score and interval.

    `scores` are the tasks' scores on the scale of 0 to 100, of those that count; `failed` the
    tasks without one. `value` is None where no task counts.
    """

    name: str
    tasks: list[str]
    training_tasks: int
    scores: dict[str, float]
    failed: list[str]
    value: float | None
    low: float | None
    high: float | None


class FoldsResults(msgspec.Struct, frozen=True, kw_only=True):
    """The folds of each width, and what they were run with."""

    models: str
    arguments: dict[str, Any]
    widths: dict[str, list[FoldScore]]
    seconds: float = 0.0

    def mean(self, width: str) -> float | None:
        """Mean score over all tasks that count, each of which is in one fold of a width."""
        scores = [score for fold in self.widths[width] for score in fold.scores.values()]
        return sum(scores) / len(scores) if scores else None

    @property
    def failed(self) -> list[str]:
        """Tasks without a score, in any width."""
        return sorted({t for folds in self.widths.values() for fold in folds for t in fold.failed})


def evaluate_folds(
    model_of: Callable[[Split, Width], Model],
    out: str | Path,
    *,
    widths: Sequence[Width] = ("family",),
    models: str = "",
    corpus: Corpus | None = None,
    split: str = "test",
    **arguments: Any,
) -> FoldsResults:
    """Measures every task once per width, each fold with a model of its own.

    The fold of each cluster is a run of its own in `out`/WIDTH/NAME. Finished folds are not run
    again; an unfinished one goes on where it stopped.

    Args:
      model_of: the model that was trained on a split's training mixture.
      widths: of the clusters that are held out: `task`, `family`, `major`.
      models: what says which models these are, such as "hf:runs/{width}/{fold}"; a folder is
        only continued with the same. Without `{fold}` in it one model answers in all widths, and
        is asked each question once.
      corpus, split, arguments: as for `evaluate`.

    Raises:
      SettingsError: no such width.
      EvaluationError: the folder holds folds of other models or arguments, or no fold has records.
    """
    clock, folder = time.perf_counter(), Path(out)
    for width in widths:
        check_choice("folds", width, WIDTHS)
    corpus = corpus or open_corpus()
    plain = {k: v for k, v in {"split": split, **arguments}.items() if k not in _FREE}
    results = _earlier(folder, models, json.loads(json.dumps(plain, default=str)))
    is_one_model = bool(models) and "{fold}" not in models
    for width in widths:
        for part in _splits(width, corpus, split, arguments.get("tasks", ())):
            if part.hold_out.name in {fold.name for fold in results.widths.get(width, ())}:
                continue
            target = folder / width / part.hold_out.name
            if is_one_model:
                _take_answers(folder, target, part.eval.tasks)
            own_tasks = _own_tasks(part, arguments.get("tasks", ()))
            run = evaluate(
                model_of(part, width), part, target,
                **{**arguments, "corpus": corpus, "split": split, "tasks": own_tasks},
            )  # fmt: skip
            results = _with_fold(results, width, _score_of(part, run))
            results = msgspec.structs.replace(
                results, seconds=round(time.perf_counter() - clock, 2)
            )
            write_json(folder / FOLDS_FILE, results)
            (folder / "folds.md").write_text(folds_page(results), encoding="utf-8")
    if not any(results.widths.values()):
        raise EvaluationError(f"no fold has records in split {split!r} of {corpus.address}")
    return results


def _earlier(folder: Path, models: str, arguments: dict[str, Any]) -> FoldsResults:
    path = folder / FOLDS_FILE
    if not path.exists():
        return FoldsResults(models=models, arguments=arguments, widths={})
    earlier = msgspec.json.decode(path.read_bytes(), type=FoldsResults)
    if (earlier.models, earlier.arguments) != (models, arguments):
        raise EvaluationError(
            f"{folder}: holds folds of {earlier.models or 'other models'} with "
            f"{earlier.arguments}, not of {models or 'these'} with {arguments}; go on with the "
            "same, or use a new folder"
        )
    # A fold with a failed task is run again: what it has of answers is not asked anew.
    finished = {w: [f for f in folds if not f.failed] for w, folds in earlier.widths.items()}
    return msgspec.structs.replace(earlier, widths=finished)


def _splits(width: Width, corpus: Corpus, part: str, tasks: Iterable[str]) -> list[Split]:
    """The folds of a width that have records to measure."""
    splits = [split(fold) for fold in leave_one_cluster_out(width)]
    return [s for s in splits if any(corpus.size(task, part) for task in _own_tasks(s, tasks))]


def _own_tasks(part: Split, tasks: Iterable[str]) -> list[str]:
    """Which of the tasks that are asked for a fold measures; all of its own without any."""
    names = {name for part_name in tasks for name in mixture(part_name).tasks}
    return [task for task in part.eval.tasks if not names or task in names]


def _take_answers(folder: Path, target: Path, tasks: Sequence[str]) -> None:
    """Copies the answers that the same model gave in a fold of another width."""
    for kind in _ANSWERS:
        for task in tasks:
            name = task.removeprefix("audioflan_")
            for source in folder.glob(f"*/*/{kind}/*{name}*"):
                if source.stem.removeprefix("audioflan_") == name and target not in source.parents:
                    _copy(source, target / kind / source.name)


def _copy(source: Path, target: Path) -> None:
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)


def _score_of(part: Split, run: Results) -> FoldScore:
    macro = run.macro()
    scores = {t.task: t.normalised for t in run.tasks if t.headline and t.normalised is not None}
    return FoldScore(
        name=part.hold_out.name, tasks=sorted(part.hold_out.tasks),
        training_tasks=len(part.train.tasks), scores=scores, failed=[t.task for t in run.failed],
        value=None if macro is None else macro.value, low=None if macro is None else macro.low,
        high=None if macro is None else macro.high,
    )  # fmt: skip


def _with_fold(results: FoldsResults, width: str, fold: FoldScore) -> FoldsResults:
    widths = {**results.widths, width: [*results.widths.get(width, ()), fold]}
    return msgspec.structs.replace(results, widths=widths)


def folds_page(results: FoldsResults) -> str:
    """The folds as Markdown."""
    lines = [f"# Folds of {results.models or 'a model'}", ""]
    for width, folds in results.widths.items():
        mean = results.mean(width)
        lines += [
            f"## Width `{width}`: {_number(mean)} over {sum(len(f.scores) for f in folds)} tasks",
            "", "| held out | tasks | trained on | score | 95 % interval | failed |",
            "|---|---|---|---|---|---|", *map(_line, folds), "",
        ]  # fmt: skip
    return "\n".join([*lines, *_notes(results.arguments)]) + "\n"


def _line(fold: FoldScore) -> str:
    interval = "" if fold.low is None else f"{_number(fold.low)} to {_number(fold.high)}"
    return (
        f"| {fold.name} | {len(fold.tasks)} | {fold.training_tasks} | {_number(fold.value)} | "
        f"{interval} | {', '.join(fold.failed)} |"
    )


def _notes(arguments: Mapping[str, Any]) -> list[str]:
    limit = arguments.get("limit")
    return [
        "Each fold measures the tasks of one cluster; `trained on` counts the tasks that share no",
        "cluster, inverse or twin with them. The run of each fold lies in a folder of its name.",
        *([f"At most {limit} questions of a task."] if limit else []),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
