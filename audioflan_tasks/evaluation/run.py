"""A model walked through a mixture, task by task."""

from __future__ import annotations

import platform
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

import msgspec

from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.errors import EvaluationError, HearingError, UnknownNameError
from audioflan_tasks.evaluation.answers import AnswerFile, Reply
from audioflan_tasks.evaluation.baselines import BASELINES, Blind, Shuffled, baseline, copies
from audioflan_tasks.evaluation.gold import Fault, gold_faults
from audioflan_tasks.evaluation.hearing import Hearing, prove_hearing
from audioflan_tasks.evaluation.judge import Judge, judged
from audioflan_tasks.evaluation.macros import macros
from audioflan_tasks.evaluation.models.function import FunctionModel
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.prompt import Prompt, make_prompts, read_as
from audioflan_tasks.evaluation.report import write_reports
from audioflan_tasks.evaluation.results import Baselined, Results, TaskResult, write_json
from audioflan_tasks.evaluation.robustness import VARIATIONS, robustness
from audioflan_tasks.evaluation.runner import ask
from audioflan_tasks.evaluation.samples import write_samples
from audioflan_tasks.evaluation.scored import Scored, baselined, score_task
from audioflan_tasks.evaluation.scoring import REFERENCE_RATE, Scorer
from audioflan_tasks.evaluation.selection import Measured, content_hash, measured, select
from audioflan_tasks.evaluation.yes_bias import yes_bias
from audioflan_tasks.mixtures import Mix, Split

__all__ = ["DEFAULT_BASELINES", "evaluate"]

DEFAULT_BASELINES = ("random", "majority", "copy")
_OF_THE_MODEL = ("blind", "shuffled")
_PACKAGES = (
    "audioflan_tasks", "numpy", "jiwer", "sacrebleu", "mir_eval", "scikit-learn", "rouge-score",
    "pystoi", "fast-bss-eval", "pyannote.metrics", "mel-cepstral-distance", "transformers", "torch",
)  # fmt: skip


@dataclass(frozen=True)
class _Run:
    """Everything that stays the same over the tasks of a run."""

    model: Model
    corpus: Corpus
    maker: ExampleMaker
    out: Path
    split: str
    seed: int
    batch_size: int
    workers: int
    resamples: int
    baselines: tuple[str, ...]
    variations: tuple[str, ...]
    log_samples: bool
    judge: Judge | None
    progress: Callable[[str, int], None]
    singles: dict[str, dict[str, float]] = field(default_factory=dict)


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
    started, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.perf_counter()
    asked = _as_model(model)
    names = _known(baselines, (*BASELINES, *_OF_THE_MODEL), "baseline")
    variations = _known(robustness, VARIATIONS, "variation")
    corpus = corpus or open_corpus()
    chosen = select(mixture, tasks)
    found = measured(corpus, chosen, split, limit, seed)
    config = _config(split, limit, num_fewshot, batch_size, workers, seed, bootstrap_iters)
    folder = Path(out)
    digest = content_hash(found)
    _open(folder, asked, chosen.name, config)
    with read_as(num_fewshot):
        run = _Run(
            asked, corpus, ExampleMaker(corpus), folder, split, seed, max(1, batch_size),
            max(1, workers), bootstrap_iters, names, variations, log_samples, judge, progress,
        )  # fmt: skip
        results = Results(
            model=asked.name, settings=dict(asked.settings), config=config, versions=_versions(),
            mixture=chosen.name, mixture_hash=digest, started=started, seconds=0.0, tasks=[],
            macros=[], left_out=_left_out(chosen.tasks, found, split),
        )  # fmt: skip
        heard = _hearing(run, found, proof_of_hearing)
        results = _walk(run, found, msgspec.structs.replace(results, hearing=heard))
        if yes_no_probes:
            probes = yes_bias(asked, corpus, split, yes_no_probes, seed, folder / "probes")
            results = msgspec.structs.replace(results, probes=probes)
    results = msgspec.structs.replace(results, seconds=round(time.perf_counter() - clock, 2))
    write_json(folder / "results.json", results)
    write_reports(folder, results)
    return results


def _walk(run: _Run, found: Sequence[Measured], results: Results) -> Results:
    """Task by task; after each, what is known so far is on disk."""
    scored: list[Scored] = []
    faults: list[str] = []
    for one in found:
        run.progress(one.row.name, 0)
        done, bad = _task(run, one)
        scored.append(done)
        faults += [str(fault) for fault in bad]
        results = msgspec.structs.replace(
            results, tasks=[s.result for s in scored], macros=macros(scored), gold=faults
        )
        write_json(run.out / "results.json", results)
    return results


def _task(run: _Run, one: Measured) -> tuple[Scored, list[Fault]]:
    """One task; whatever goes wrong in it is its own failure."""
    clock = time.perf_counter()
    faults: list[Fault] = []
    try:
        prompts = list(make_prompts(run.maker, run.corpus, one.row, run.split, one.rows, run.seed))
        faults = gold_faults(Scorer(one.row, prompts))
        fatal = [str(f) for f in faults if f.fatal]
        if fatal:
            return _failed(one, f"gold check: {'; '.join(fatal)}"), faults
        replies = _replies(run, run.model, prompts, run.out / "answers")
        scored = score_task(one.row, prompts, replies, resamples=run.resamples, seed=run.seed)
        result = scored.result
        if result.status != "failed":
            result = _beside(run, prompts, replies, scored)
        if run.log_samples:
            write_samples(run.out / "samples", one.row, prompts, replies, scored)
    except (KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:  # a task's failure must not cost the others
        (run.out / "failures").mkdir(parents=True, exist_ok=True)
        log = run.out / "failures" / f"{one.row.id}.txt"
        log.write_text(traceback.format_exc(), encoding="utf-8")
        return _failed(one, f"{type(error).__name__}: {error} (see {log.name})"), faults
    seconds = round(time.perf_counter() - clock, 3)
    result = msgspec.structs.replace(result, seconds=seconds)
    return Scored(result, scored.replicates, scored.singles, scored.anchors), faults


def _beside(
    run: _Run, prompts: Sequence[Prompt], replies: Sequence[Reply | None], scored: Scored
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
    run: _Run, prompts: Sequence[Prompt], scored: Scored
) -> Iterator[tuple[str, Baselined]]:
    for name in run.baselines:
        asked: Model
        if name in _OF_THE_MODEL:
            if not run.model.hears or "audio" not in prompts[0].row.reads:
                continue
            asked = Blind(run.model) if name == "blind" else Shuffled(run.model, run.seed)
        else:
            row = prompts[0].row
            if not BASELINES[name].applies(row):
                continue
            if name == "random" and row.answer == "audio" and not copies(row) and scored.anchors:
                # These are the very guesses of the anchor; comparing audio again is slow.
                yield name, Baselined(value=scored.anchors.chance, normalised=0.0)
                continue
            asked = baseline(name, run.seed)
        folder = run.out / "baselines" / name
        found = baselined(scored, prompts, _replies(run, asked, prompts, folder))
        if found is not None:
            yield name, found


def _replies(
    run: _Run, model: Model, prompts: Sequence[Prompt], folder: Path
) -> list[Reply | None]:
    task = prompts[0].row
    with AnswerFile(folder, task.id) as file:
        own = model is run.model
        ask(
            model, prompts, file, batch_size=run.batch_size, workers=run.workers,
            progress=(lambda n: run.progress(task.name, n)) if own else (lambda n: None),
        )  # fmt: skip
        return [file.reply(p.key) for p in prompts]


def _hearing(run: _Run, found: Sequence[Measured], count: int) -> Hearing | None:
    """The check on questions of as many tasks as possible; kept, so that resuming is free."""
    if not count:
        return None
    kept = run.out / "hearing.json"
    if kept.exists():
        return msgspec.json.decode(kept.read_bytes(), type=Hearing)
    fit = [one for one in found if "audio" in one.row.reads and one.row.answer != "audio"]
    prompts: list[Prompt] = []
    for at in range(max((len(one.rows) for one in fit), default=0)):
        rows = [(one, one.rows[at]) for one in fit if at < len(one.rows)]
        for one, row in rows[: count - len(prompts)]:
            prompts += make_prompts(run.maker, run.corpus, one.row, run.split, [row], run.seed)
        if len(prompts) >= count:
            break
    try:
        heard = prove_hearing(run.model, prompts, run.batch_size)
    except HearingError:
        raise
    except Exception as error:  # the model's own failure belongs to the tasks
        return Hearing(asked=0, same_without=0, same_shuffled=0, note=f"failed: {error}")
    write_json(kept, heard)
    return heard


def _open(folder: Path, model: Model, mixture: str, config: Mapping[str, Any]) -> None:
    """Makes the folder, or checks that the run in it asked the same.

    Raises:
      EvaluationError: it did not.
    """
    fixed = {k: v for k, v in config.items() if k not in ("limit", "batch_size", "workers")}
    fixed.pop("bootstrap_iters", None)
    wanted = {"model": model.name, "settings": dict(model.settings), **fixed}
    plain = msgspec.json.decode(msgspec.json.encode(wanted))
    path = folder / "run.json"
    if path.exists():
        have = msgspec.json.decode(path.read_bytes())
        other = [k for k in plain if have.get(k) != plain[k]]
        if other:
            raise EvaluationError(
                f"{folder}: holds a run with {other[0]}={have.get(other[0])!r}, not "
                f"{plain[other[0]]!r}; resume with the same, or use a new folder"
            )
    write_json(path, {**plain, "mixture": mixture})


def _config(
    split: str, limit: float | None, num_fewshot: int, batch_size: int, workers: int, seed: int,
    bootstrap_iters: int,
) -> dict[str, Any]:  # fmt: skip
    return {
        "split": split, "limit": limit, "num_fewshot": num_fewshot, "batch_size": batch_size,
        "workers": workers, "seed": seed, "bootstrap_iters": bootstrap_iters,
        "instructions": settings.instructions, "languages": list(settings.languages),
        "reference_rate": REFERENCE_RATE, "tokenizer": settings.tokenizer,
    }  # fmt: skip


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _left_out(names: Sequence[str], found: Sequence[Measured], split: str) -> dict[str, str]:
    have = {one.row.name for one in found}
    return {name: f"no records in split {split}" for name in names if name not in have}


def _failed(one: Measured, reason: str) -> Scored:
    import numpy as np

    row = one.row
    result = TaskResult(
        task=row.name, domain=row.domain, major=row.major, category=row.paper_category,
        status="failed", reason=reason, examples=len(one.rows),
    )  # fmt: skip
    return Scored(result, np.zeros(0), {}, None)


def _as_model(model: Model | Callable[[Prompt], Any]) -> Model:
    if hasattr(model, "answer") and hasattr(model, "settings"):
        return cast("Model", model)
    if callable(model):
        return FunctionModel(model)
    raise EvaluationError(f"expected a model or a function, got {type(model).__name__}")


def _known(names: Iterable[str], known: Iterable[str], kind: str) -> tuple[str, ...]:
    found, have = tuple(dict.fromkeys(names)), tuple(known)
    for name in found:
        if name not in have:
            raise UnknownNameError(kind, name, have)
    return found
