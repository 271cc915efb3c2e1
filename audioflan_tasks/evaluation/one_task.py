"""One task of a run: ask the model, score the answers, add the baselines."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from audioflan_tasks.errors import EndpointError, FileWriteError
from audioflan_tasks.evaluation.answers import AnswerFile, Reply
from audioflan_tasks.evaluation.baselines import BASELINES, BlindModel, ShuffledModel, baseline
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.probes.judge import judge_answers
from audioflan_tasks.evaluation.probes.robustness import robustness
from audioflan_tasks.evaluation.prompt import Prompt, make_prompts
from audioflan_tasks.evaluation.results import BaselineResult, TaskResult
from audioflan_tasks.evaluation.runner import ask
from audioflan_tasks.evaluation.sample_questions import SampleQuestion, sample_questions
from audioflan_tasks.evaluation.samples import samples_of, write_samples
from audioflan_tasks.evaluation.scorer import Scorer
from audioflan_tasks.evaluation.scoring.benchmarks import benchmark_results
from audioflan_tasks.evaluation.scoring.gold_checks import GoldFault, gold_faults
from audioflan_tasks.evaluation.scoring.task import TaskScore, baseline_result, score_task
from audioflan_tasks.evaluation.selection import TaskRecords
from audioflan_tasks.evaluation.setup import Run
from audioflan_tasks.metrics import metrics_of
from audioflan_tasks.whole_files import write_whole

__all__ = ["OF_THE_MODEL", "TaskOutcome", "run_task"]

OF_THE_MODEL = ("blind", "shuffled")


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """The score of one task, faults of its gold answers, and questions for the report."""

    score: TaskScore
    faults: Sequence[GoldFault] = ()
    questions: Sequence[SampleQuestion] = ()


def run_task(run: Run, task: TaskRecords) -> TaskOutcome:
    """Asks the questions of one task and scores them; an error fails only this task.

    Raises:
      EndpointError: the server of the model does not answer, which is of no one task.
      FileWriteError: the run's folder cannot be written, which is of no one task either.
    """
    clock = time.perf_counter()
    try:
        outcome = _ask_and_score(run, task)
    except (EndpointError, FileWriteError):
        raise
    except Exception as error:  # the failure of one task must not stop the others
        log = run.out / "failures" / f"{task.row.id}.txt"
        write_whole(log, traceback.format_exc())
        return TaskOutcome(_failure(task, f"{type(error).__name__}: {error} (see {log.name})"))
    seconds = round(time.perf_counter() - clock, 3)
    result = msgspec.structs.replace(outcome.score.result, seconds=seconds)
    return replace(outcome, score=replace(outcome.score, result=result))


def _ask_and_score(run: Run, task: TaskRecords) -> TaskOutcome:
    prompts = list(make_prompts(run.maker, run.corpus, task.row, run.split, task.rows, run.seed))
    faults = gold_faults(Scorer(task.row, prompts))
    fatal = [str(f) for f in faults if f.fatal]
    if fatal:
        return TaskOutcome(_failure(task, f"gold check: {'; '.join(fatal)}"), faults)
    replies = _replies(run, run.model, prompts, run.out / "answers")
    score = score_task(task.row, prompts, replies, seed=run.seed, metrics=run.metrics)
    if score.result.status != "failed":
        score = replace(score, result=_with_comparisons(run, prompts, replies, score))
    if not run.log_samples:
        return TaskOutcome(score, faults)
    samples = samples_of(task.row, prompts, replies, score)
    write_samples(run.out / "samples", task.row.name, samples)
    questions = sample_questions(
        prompts, replies, samples, metrics_of(task.row)[0], run.seed, run.audio_space
    )
    return TaskOutcome(score, faults, questions)


def _with_comparisons(
    run: Run, prompts: Sequence[Prompt], replies: Sequence[Reply | None], score: TaskScore
) -> TaskResult:
    """The result with baselines, robustness, verdicts of the judge and benchmarks' own scores."""
    return msgspec.structs.replace(
        score.result,
        baselines=dict(_baselines(run, prompts, score)),
        robustness=robustness(
            run.variations, run.model, prompts, run.out / "variations", score,
            seed=run.seed, batch_size=run.batch_size, workers=run.workers,
        ),
        judge={} if run.judge is None else judge_answers(
            run.judge, prompts, replies, score, run.out / "judge"
        ),
        benchmarks=benchmark_results(prompts, replies),
    )  # fmt: skip


def _baselines(
    run: Run, prompts: Sequence[Prompt], score: TaskScore
) -> Iterator[tuple[str, BaselineResult]]:
    for name in run.baselines:
        baseline_model = _baseline(run, name, prompts[0])
        if baseline_model is None:
            continue
        replies = _replies(run, baseline_model, prompts, run.out / "baselines" / name)
        result = baseline_result(score, prompts, replies)
        if result is not None:
            yield name, result


def _baseline(run: Run, name: str, prompt: Prompt) -> Model | None:
    """The baseline as a model; None if it does not apply to the task."""
    if name not in OF_THE_MODEL:
        return baseline(name, run.seed) if BASELINES[name].applies(prompt.row) else None
    if not run.model.hears or "audio" not in prompt.row.reads:
        return None
    return BlindModel(run.model) if name == "blind" else ShuffledModel(run.model, run.seed)


def _replies(run: Run, model: Model, prompts: Sequence[Prompt], folder: Path) -> list[Reply | None]:
    task = prompts[0].row
    with AnswerFile(folder, task.id) as file:
        is_model = model is run.model
        ask(
            model, prompts, file, batch_size=run.batch_size, workers=run.workers,
            progress=(lambda n: run.progress.add(task.name, n)) if is_model else (lambda n: None),
        )  # fmt: skip
        return [file.reply(p.key) for p in prompts]


def _failure(task: TaskRecords, reason: str) -> TaskScore:
    row = task.row
    result = TaskResult(
        task=row.name, domain=row.domain, major=row.major, category=row.paper_category,
        status="failed", reason=reason, examples=len(task.rows),
        grades=dict(Counter(i.grade for _, i in task.rows if i.grade)),
    )  # fmt: skip
    return TaskScore(result, {}, None)
