"""Evaluation of a model on a mixture, task by task."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from audioflan_tasks.arguments import check_count, check_names, check_path
from audioflan_tasks.config import options_or_settings
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.defaults import DEFAULT_BASELINES
from audioflan_tasks.errors import EndpointError
from audioflan_tasks.evaluation.baselines import BASELINES
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.one_task import OF_THE_MODEL, run_task
from audioflan_tasks.evaluation.probes.audio_dependence import prove_hearing
from audioflan_tasks.evaluation.probes.judge import Judge
from audioflan_tasks.evaluation.probes.robustness import VARIATIONS
from audioflan_tasks.evaluation.probes.yes_bias import yes_bias
from audioflan_tasks.evaluation.prompt import Prompt, make_prompts
from audioflan_tasks.evaluation.reporting.write import write_reports
from audioflan_tasks.evaluation.results import DEAF, Hearing, Results, read_json, write_json
from audioflan_tasks.evaluation.sample_questions import AudioSpace, SampleQuestion
from audioflan_tasks.evaluation.scorer import check_libraries
from audioflan_tasks.evaluation.scoring.macros import macros
from audioflan_tasks.evaluation.scoring.task import TaskScore
from audioflan_tasks.evaluation.selection import (
    Selection,
    TaskRecords,
    content_hash,
    select,
    task_records,
)
from audioflan_tasks.evaluation.setup import (
    QuestionCount,
    Run,
    RunProgress,
    as_model,
    check_corpus,
    config_of,
    known_names,
    open_folder,
    versions,
)
from audioflan_tasks.metrics import metric
from audioflan_tasks.mixtures import Mix, Split
from audioflan_tasks.options import ExampleOptions

__all__ = ["evaluate"]

_LOG = logging.getLogger("audioflan_tasks")


def evaluate(
    model: Model | Callable[[Prompt], Any],
    mixture: str | Mix | Split = "audioflan_unseen",
    out: str | Path = "results",
    *,
    corpus: Corpus | None = None,
    tasks: Iterable[str] = (),
    split: str = "test",
    limit: float | None = None,
    num_fewshot: int = 0,
    batch_size: int = 1,
    workers: int = 1,
    seed: int = 0,
    baselines: Iterable[str] = DEFAULT_BASELINES,
    robustness: Iterable[str] = (),
    proof_of_hearing: int = 16,
    yes_no_probes: int = 0,
    metrics: Iterable[str] = (),
    judge: Judge | None = None,
    log_samples: bool = True,
    progress: Callable[[QuestionCount], None] = lambda count: None,
    options: ExampleOptions | None = None,
) -> Results:
    """Asks a model all questions of a mixture and scores the answers.

    Args:
      model: a `Model` (see `evaluation.models`) or a function from `Prompt` to text, to
        (samples, rate), or to None.
      mixture: name of a mixture, task or group, `fold:2`, a `Mix`, or the `Split` of `hold_out`.
      out: folder of the run. Questions whose answers it holds are not asked again.
      corpus: the corpus; default that of the settings, or the demo corpus if they have none.
      tasks: limits the mixture to these tasks.
      limit: questions per task: a number, or a share below 1.
      num_fewshot: training examples with answers before each question.
      batch_size: questions in a batch. Like `workers` it does not change the questions, so
        a run may be resumed with other values.
      workers: batches that are asked at the same time.
      seed: seed of templates, options, limit, baselines and resamples.
      baselines: any of `random`, `majority`, `copy`, `roundtrip`, `oracle`, and of `blind`
        and `shuffled`, which ask the model again.
      robustness: any of `options`, `paraphrase`, `level`, `noise`; each asks the model again.
      proof_of_hearing: number of questions for this check; 0 skips it.
      yes_no_probes: number of pairs of yes/no questions per subject on present and absent
        sounds; 0 skips them.
      metrics: further metrics by name, of this package or your own, beside those of the tasks;
        each for the tasks whose answers it reads.
      judge: a text model that also judges open answers; its verdicts are reported separately.
      log_samples: whether to write every question with its gold answer and answer, and to show
        some in the report.
      progress: called with how far the run is, after every batch of answers.
      options: how questions are rendered; None takes those of the settings at the time of
        the call. `num_fewshot` replaces their number of shots, and no record is inverted.

    Returns:
      The results. They are also written to `out`: results.json, report.md, report.html, and
      the layout of lm-evaluation-harness.

    Raises:
      UnknownNameError: no such mixture, task, baseline, variation or metric.
      MissingExtraError: a metric of the tasks needs a package that is not installed.
      EvaluationError: there is nothing to ask, or `out` holds a run with another model or
        config.
      EndpointError: the server of the model cannot be reached, or stopped answering; the same
        call continues the run.
    """
    clock = time.perf_counter()
    model, folder = as_model(model), check_path("out", out)
    seed = check_count("seed", seed)
    proof_of_hearing = check_count("proof_of_hearing", proof_of_hearing)
    batch_size = check_count("batch_size", batch_size, 1)
    workers = check_count("workers", workers, 1)
    options = options_or_settings(options).replace(
        shots=check_count("num_fewshot", num_fewshot), inversion=0.0
    )
    baseline_names = known_names(baselines, (*BASELINES, *OF_THE_MODEL), "baseline")
    variations = known_names(robustness, VARIATIONS, "variation")
    more_metrics = tuple(metric(name).name for name in check_names("metrics", metrics))
    corpus = check_corpus(corpus) or open_corpus()
    selection = select(mixture, tasks)
    task_rows = task_records(corpus, selection, split, limit, seed)
    check_libraries((task.row for task in task_rows), more_metrics)
    config = config_of(
        options, split=split, limit=limit, num_fewshot=num_fewshot, batch_size=batch_size,
        workers=workers, seed=seed,
    )  # fmt: skip
    open_folder(folder, model, selection.name, config)
    run = Run(
        model, corpus, ExampleMaker(corpus, options), folder, split, seed, batch_size, workers,
        baseline_names, variations, log_samples, judge,
        RunProgress({task.row.name: len(task.rows) for task in task_rows}, progress),
        AudioSpace(len(task_rows)), more_metrics,
    )  # fmt: skip
    results = _first_results(run, selection, task_rows, config)
    results = _replace(results, hearing=_hearing(run, task_rows, proof_of_hearing))
    questions: dict[str, Sequence[SampleQuestion]] = {}
    results = _walk(run, task_rows, results, questions)
    if yes_no_probes:
        probes = yes_bias(model, corpus, options, split, yes_no_probes, seed, folder / "probes")
        results = _replace(results, probes=probes)
    results = _replace(results, seconds=round(time.perf_counter() - clock, 2))
    write_json(folder / "results.json", results)
    write_reports(folder, results, questions)
    return results


def _first_results(
    run: Run, selection: Selection, task_rows: Sequence[TaskRecords], config: dict[str, Any]
) -> Results:
    """The results before any task is done."""
    names = {task.row.name for task in task_rows}
    return Results(
        model=run.model.name, settings=dict(run.model.settings), config=config,
        versions=versions(), mixture=selection.name, mixture_hash=content_hash(task_rows),
        started=datetime.now(UTC).isoformat(timespec="seconds"), seconds=0.0, tasks=[], macros=[],
        left_out={n: f"no records in split {run.split}" for n in selection.tasks if n not in names},
    )  # fmt: skip


def _walk(
    run: Run,
    task_rows: Sequence[TaskRecords],
    results: Results,
    questions: dict[str, Sequence[SampleQuestion]],
) -> Results:
    """Runs all tasks and collects questions of each; after each the results so far are written."""
    scores: list[TaskScore] = []
    faults: list[str] = []
    for task in task_rows:
        run.progress.add(task.row.name, 0)
        outcome = run_task(run, task)
        scores.append(outcome.score)
        questions[task.row.name] = outcome.questions
        faults += [str(fault) for fault in outcome.faults]
        results = _replace(
            results,
            tasks=[s.result for s in scores],
            macros=macros([s.result for s in scores]),
            gold=faults,
        )
        write_json(run.out / "results.json", results)
    return results


def _hearing(run: Run, task_rows: Sequence[TaskRecords], count: int) -> Hearing | None:
    """The proof of hearing, on as many tasks as possible; stored, so that a resume skips it."""
    if not count:
        return None
    path = run.out / "hearing.json"
    if path.exists():
        return read_json(path, Hearing)
    try:
        hearing = prove_hearing(run.model, _spread(run, task_rows, count), run.batch_size)
    except EndpointError:
        raise
    except Exception as error:  # an error of the model is reported with its tasks
        return Hearing(asked=0, same_without=0, same_shuffled=0, note=f"failed: {error}")
    if hearing.proven is False:
        _LOG.warning("%s: %s", run.model.name, DEAF)
    write_json(path, hearing)
    return hearing


def _spread(run: Run, task_rows: Sequence[TaskRecords], count: int) -> list[Prompt]:
    """Up to `count` prompts that read audio and write text, taken from the tasks in turn."""
    fit = [t for t in task_rows if "audio" in t.row.reads and not t.row.answer_kind.is_audio]
    depth = max((len(task.rows) for task in fit), default=0)
    places = [(task, n) for n in range(depth) for task in fit if n < len(task.rows)]
    return [
        prompt
        for task, n in places[:count]
        for prompt in make_prompts(
            run.maker, run.corpus, task.row, run.split, [task.rows[n]], run.seed
        )
    ]


def _replace(results: Results, **changes: Any) -> Results:
    return msgspec.structs.replace(results, **changes)
