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
from audioflan_tasks.evaluation.fold_results import FoldsResults, fold_score, merged
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.reporting.folds import folds_html, folds_markdown
from audioflan_tasks.evaluation.reporting.write import write_reports
from audioflan_tasks.evaluation.results import Results, read_json, read_results, write_json
from audioflan_tasks.evaluation.run import evaluate
from audioflan_tasks.mixtures import WIDTHS, Split, Width, leave_one_cluster_out, mixture, split
from audioflan_tasks.whole_files import write_whole

__all__ = ["FOLDS_FILE", "evaluate_folds"]

FOLDS_FILE = "folds.json"

# Arguments that do not change what a finished fold's results are.
_FREE = ("progress", "batch_size", "workers", "judge")
# What a fold may take over from one of another width in which the same model was asked the same.
_ANSWERS = ("answers", "baselines")


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

    The fold of each cluster is a run of its own in `out`/WIDTH/NAME, and `out`/WIDTH has the
    reports of all of them as one run. Finished folds are not run again; an unfinished one goes on
    where it stopped.

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
    runs = {
        width: [read_results(folder / width / fold.name) for fold in folds]
        for width, folds in results.widths.items()
    }
    is_one_model = bool(models) and "{fold}" not in models
    for width in widths:
        finished = {fold.name for fold in results.widths.get(width, ())}
        for part in _splits(width, corpus, split, arguments.get("tasks", ())):
            name = part.hold_out.name
            if name in finished:
                continue
            if is_one_model:
                _take_answers(folder, folder / width / name, part.eval.tasks)
            own_tasks = _own_tasks(part, arguments.get("tasks", ()))
            run = evaluate(
                model_of(part, width), part, folder / width / name,
                **{**arguments, "corpus": corpus, "split": split, "tasks": own_tasks},
            )  # fmt: skip
            runs.setdefault(width, []).append(run)
            score = fold_score(name, part.eval.tasks, len(part.train.tasks), run)
            results = msgspec.structs.replace(
                results,
                widths={**results.widths, width: [*results.widths.get(width, ()), score]},
                seconds=round(time.perf_counter() - clock, 2),
            )
            _write(folder, width, results, runs)
    if not any(results.widths.values()):
        raise EvaluationError(f"no fold has records in split {split!r} of {corpus.address}")
    return results


def _write(
    folder: Path, width: Width, results: FoldsResults, runs: Mapping[str, Sequence[Results]]
) -> None:
    """The folds so far, and the reports of a width to which a fold was added.

    The file that says which folds are finished is written last, so that nothing lacks a fold of it.
    """
    wholes = {
        name: merged(f"{len(parts)} folds of width {name}", parts) for name, parts in runs.items()
    }
    write_whole(folder / "folds.md", folds_markdown(results, runs, wholes))
    write_whole(folder / "folds.html", folds_html(results, runs, wholes))
    write_json(folder / width / "results.json", wholes[width])
    write_reports(folder / width, wholes[width], {})
    samples = folder / width / results.widths[width][-1].name / "samples"
    if samples.is_dir():  # so that `audioflan compare` takes the folder of a width
        shutil.copytree(samples, folder / width / "samples", dirs_exist_ok=True)
    write_json(folder / FOLDS_FILE, results)


def _earlier(folder: Path, models: str, arguments: dict[str, Any]) -> FoldsResults:
    path = folder / FOLDS_FILE
    if not path.exists():
        return FoldsResults(models=models, arguments=arguments, widths={})
    earlier = read_json(path, FoldsResults)
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
            for source in folder.glob(f"*/*/{kind}/**/*{name}*"):
                if source.stem.removeprefix("audioflan_") == name and target not in source.parents:
                    place = source.relative_to(folder).parts[2:]
                    _copy(source, target.joinpath(*place))


def _copy(source: Path, target: Path) -> None:
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
