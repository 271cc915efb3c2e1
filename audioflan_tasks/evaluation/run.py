"""A model walked through a mixture, task by task."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.errors import HearingError
from audioflan_tasks.evaluation.baselines import BASELINES
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.one_task import OF_THE_MODEL, run_task
from audioflan_tasks.evaluation.probes.audio_dependence import Hearing, prove_hearing
from audioflan_tasks.evaluation.probes.judge import Judge
from audioflan_tasks.evaluation.probes.robustness import VARIATIONS
from audioflan_tasks.evaluation.probes.yes_bias import yes_bias
from audioflan_tasks.evaluation.prompt import Prompt, make_prompts, read_as
from audioflan_tasks.evaluation.reporting.write import write_reports
from audioflan_tasks.evaluation.results import Results, write_json
from audioflan_tasks.evaluation.scoring.macros import macros
from audioflan_tasks.evaluation.scoring.task import Scored
from audioflan_tasks.evaluation.selection import (
    Measured,
    Selection,
    content_hash,
    measured,
    select,
)
from audioflan_tasks.evaluation.setup import (
    Run,
    as_model,
    config_of,
    known_names,
    open_folder,
    versions,
)
from audioflan_tasks.mixtures import Mix, Split

__all__ = ["DEFAULT_BASELINES", "evaluate"]

DEFAULT_BASELINES = ("random", "majority", "copy")


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
    judge: Judge | None = None,
    bootstrap_iters: int = 1000,
    log_samples: bool = True,
    progress: Callable[[str, int], None] = lambda task, count: None,
) -> Results:
    """Asks a model every question of a mixture and scores the answers.

    Args:
      model: a `Model` (see `evaluation.models`) or a function from `Prompt` to text, to
        (samples, rate), or to None.
      mixture: its name, a task or group, `fold:2`, a `Mix`, or the `Split` of `hold_out`.
      out: folder of the run. Answers that are there are not asked again.
      corpus: where records and audio are; default the settings' (the demo corpus if unset).
      tasks: of the mixture only these.
      limit: questions per task: a number, or a share below 1.
      num_fewshot: solved training examples before each question.
      batch_size, workers: questions at a time, and batches at the same time; neither
        changes what is asked, so a run may be resumed with others.
      seed: of templates, options, limit, baselines and resamples.
      baselines: of `random`, `majority`, `copy`, `roundtrip`, `oracle`, and `blind` and
        `shuffled`, which ask the model again.
      robustness: of `options`, `paraphrase`, `level`, `noise`; each asks the model again.
      proof_of_hearing: questions for that check; 0 leaves it out.
      yes_no_probes: yes/no questions on present and absent sounds; 0 leaves them out.
      judge: a second opinion on open answers, reported apart.
      bootstrap_iters: resamples of the intervals.
      log_samples: writes every question with gold and answer.
      progress: is told the task and how many of its questions are done.

    Returns:
      The results, which are in `out` as results.json, report.md, report.html and in
      lm-evaluation-harness's layout as well.

    Raises:
      UnknownNameError: no such mixture, task, baseline or variation.
      EvaluationError: nothing to ask, or `out` holds a run that asked something else.
      HearingError: the answers do not depend on the audio.
    """
    clock = time.perf_counter()
    asked, folder = as_model(model), Path(out)
    named = known_names(baselines, (*BASELINES, *OF_THE_MODEL), "baseline")
    variations = known_names(robustness, VARIATIONS, "variation")
    corpus = corpus or open_corpus()
    chosen = select(mixture, tasks)
    found = measured(corpus, chosen, split, limit, seed)
    config = config_of(
        split=split, limit=limit, num_fewshot=num_fewshot, batch_size=batch_size,
        workers=workers, seed=seed, bootstrap_iters=bootstrap_iters,
    )  # fmt: skip
    open_folder(folder, asked, chosen.name, config)
    with read_as(num_fewshot):
        run = Run(
            asked, corpus, ExampleMaker(corpus), folder, split, seed, max(1, batch_size),
            max(1, workers), bootstrap_iters, named, variations, log_samples, judge, progress,
        )  # fmt: skip
        results = _begun(run, chosen, found, config)
        results = _replace(results, hearing=_hearing(run, found, proof_of_hearing))
        results = _walk(run, found, results)
        if yes_no_probes:
            probes = yes_bias(asked, corpus, split, yes_no_probes, seed, folder / "probes")
            results = _replace(results, probes=probes)
    results = _replace(results, seconds=round(time.perf_counter() - clock, 2))
    write_json(folder / "results.json", results)
    write_reports(folder, results)
    return results


def _begun(
    run: Run, chosen: Selection, found: Sequence[Measured], config: dict[str, Any]
) -> Results:
    """The results before a question is asked."""
    have = {one.row.name for one in found}
    return Results(
        model=run.model.name, settings=dict(run.model.settings), config=config,
        versions=versions(), mixture=chosen.name, mixture_hash=content_hash(found),
        started=datetime.now(UTC).isoformat(timespec="seconds"), seconds=0.0, tasks=[], macros=[],
        left_out={n: f"no records in split {run.split}" for n in chosen.tasks if n not in have},
    )  # fmt: skip


def _walk(run: Run, found: Sequence[Measured], results: Results) -> Results:
    """Task by task; after each, what is known so far is on disk."""
    scored: list[Scored] = []
    faults: list[str] = []
    for one in found:
        run.progress(one.row.name, 0)
        done, bad = run_task(run, one)
        scored.append(done)
        faults += [str(fault) for fault in bad]
        results = _replace(
            results, tasks=[s.result for s in scored], macros=macros(scored), gold=faults
        )
        write_json(run.out / "results.json", results)
    return results


def _hearing(run: Run, found: Sequence[Measured], count: int) -> Hearing | None:
    """The check on questions of as many tasks as possible; kept, so that resuming is free."""
    if not count:
        return None
    kept = run.out / "hearing.json"
    if kept.exists():
        return msgspec.json.decode(kept.read_bytes(), type=Hearing)
    try:
        heard = prove_hearing(run.model, _spread(run, found, count), run.batch_size)
    except HearingError:
        raise
    except Exception as error:  # the model's own failure belongs to the tasks
        return Hearing(asked=0, same_without=0, same_shuffled=0, note=f"failed: {error}")
    write_json(kept, heard)
    return heard


def _spread(run: Run, found: Sequence[Measured], count: int) -> list[Prompt]:
    """Up to `count` prompts that read audio and write text: the first of each task, the second…"""
    fit = [one for one in found if "audio" in one.row.reads and one.row.answer != "audio"]
    depth = max((len(one.rows) for one in fit), default=0)
    places = [(one, at) for at in range(depth) for one in fit if at < len(one.rows)]
    return [
        prompt
        for one, at in places[:count]
        for prompt in make_prompts(
            run.maker, run.corpus, one.row, run.split, [one.rows[at]], run.seed
        )
    ]


def _replace(results: Results, **changes: Any) -> Results:
    return msgspec.structs.replace(results, **changes)
