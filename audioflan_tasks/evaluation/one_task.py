"""One task of a run: asked, scored, and set beside its baselines."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from audioflan_tasks.evaluation.answers import AnswerFile, Reply
from audioflan_tasks.evaluation.baselines import BASELINES, Blind, Shuffled, baseline
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.probes.judge import judged
from audioflan_tasks.evaluation.probes.robustness import robustness
from audioflan_tasks.evaluation.prompt import Prompt, make_prompts
from audioflan_tasks.evaluation.results import Baselined, TaskResult
from audioflan_tasks.evaluation.runner import ask
from audioflan_tasks.evaluation.samples import write_samples
from audioflan_tasks.evaluation.scorer import Scorer
from audioflan_tasks.evaluation.scoring.gold_checks import Fault, gold_faults
from audioflan_tasks.evaluation.scoring.task import Scored, baselined, score_task
from audioflan_tasks.evaluation.selection import Measured
from audioflan_tasks.evaluation.setup import Run

__all__ = ["OF_THE_MODEL", "run_task"]

OF_THE_MODEL = ("blind", "shuffled")


def run_task(run: Run, one: Measured) -> tuple[Scored, list[Fault]]:
    """One task with the faults of its gold answers; whatever goes wrong is its own failure."""
    clock = time.perf_counter()
    try:
        scored, faults = _asked(run, one)
    except Exception as error:  # a task's failure must not cost the others
        (run.out / "failures").mkdir(parents=True, exist_ok=True)
        log = run.out / "failures" / f"{one.row.id}.txt"
        log.write_text(traceback.format_exc(), encoding="utf-8")
        return _failed(one, f"{type(error).__name__}: {error} (see {log.name})"), []
    seconds = round(time.perf_counter() - clock, 3)
    return replace(scored, result=msgspec.structs.replace(scored.result, seconds=seconds)), faults


def _asked(run: Run, one: Measured) -> tuple[Scored, list[Fault]]:
    prompts = list(make_prompts(run.maker, run.corpus, one.row, run.split, one.rows, run.seed))
    faults = gold_faults(Scorer(one.row, prompts))
    fatal = [str(f) for f in faults if f.fatal]
    if fatal:
        return _failed(one, f"gold check: {'; '.join(fatal)}"), faults
    replies = _replies(run, run.model, prompts, run.out / "answers")
    scored = score_task(one.row, prompts, replies, resamples=run.resamples, seed=run.seed)
    if scored.result.status != "failed":
        scored = replace(scored, result=_beside(run, prompts, replies, scored))
    if run.log_samples:
        write_samples(run.out / "samples", one.row, prompts, replies, scored)
    return scored, faults


def _beside(
    run: Run, prompts: Sequence[Prompt], replies: Sequence[Reply | None], scored: Scored
) -> TaskResult:
    """The result with baselines, robustness and the judge's opinion."""
    return msgspec.structs.replace(
        scored.result,
        baselines=dict(_baselines(run, prompts, scored)),
        robustness=robustness(
            run.variations, run.model, prompts, run.out / "variations", scored,
            seed=run.seed, batch_size=run.batch_size, workers=run.workers,
        ),
        judge={} if run.judge is None else judged(
            run.judge, prompts, replies, scored, run.out / "judge"
        ),
    )  # fmt: skip


def _baselines(
    run: Run, prompts: Sequence[Prompt], scored: Scored
) -> Iterator[tuple[str, Baselined]]:
    for name in run.baselines:
        asked = _baseline(run, name, prompts[0])
        if asked is None:
            continue
        replies = _replies(run, asked, prompts, run.out / "baselines" / name)
        found = baselined(scored, prompts, replies)
        if found is not None:
            yield name, found


def _baseline(run: Run, name: str, prompt: Prompt) -> Model | None:
    """The baseline as a model; None where it makes no sense of the task."""
    if name not in OF_THE_MODEL:
        return baseline(name, run.seed) if BASELINES[name].applies(prompt.row) else None
    if not run.model.hears or "audio" not in prompt.row.reads:
        return None
    return Blind(run.model) if name == "blind" else Shuffled(run.model, run.seed)


def _replies(run: Run, model: Model, prompts: Sequence[Prompt], folder: Path) -> list[Reply | None]:
    task = prompts[0].row
    with AnswerFile(folder, task.id) as file:
        own = model is run.model
        ask(
            model, prompts, file, batch_size=run.batch_size, workers=run.workers,
            progress=(lambda n: run.progress(task.name, n)) if own else (lambda n: None),
        )  # fmt: skip
        return [file.reply(p.key) for p in prompts]


def _failed(one: Measured, reason: str) -> Scored:
    row = one.row
    result = TaskResult(
        task=row.name, domain=row.domain, major=row.major, category=row.paper_category,
        status="failed", reason=reason, examples=len(one.rows),
    )  # fmt: skip
    return Scored(result, np.zeros(0), {}, None)
