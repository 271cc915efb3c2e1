"""`audioflan evaluate MODEL MIXTURE --out FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from audioflan_tasks.cli.evaluate_folds import run_folds
from audioflan_tasks.cli.options import Report
from audioflan_tasks.cli.output import print_table
from audioflan_tasks.cli.progress import progress_display
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.evaluation import Results, evaluate
from audioflan_tasks.evaluation.models import EndpointModel
from audioflan_tasks.evaluation.probes.judge import Judge
from audioflan_tasks.evaluation.reporting.formatting import COLUMNS, findings, number, row_of
from audioflan_tasks.evaluation.reporting.paper import TEMPLATE_DRAWS, AuditDigest, paper
from audioflan_tasks.evaluation.setup import QuestionCount
from audioflan_tasks.evaluation.spec import arguments, model_of
from audioflan_tasks.mixtures import mixture_named
from audioflan_tasks.remote import is_address

__all__ = ["measured_names", "run"]

# What fits a terminal of 80 columns; report.html has all.
_HEADER = ("task", "metric", "value", "95 % interval", "0-100", "unparsed", "n")
_COLUMNS = tuple(COLUMNS.index(name) for name in _HEADER)


def run(
    model: str,
    mixture: str,
    out: Path,
    model_args: str,
    judge: str,
    judge_args: str,
    root: Path | None,
    report: Report,
    trained_on: str,
    folds: str = "",
    **options: Any,
) -> int:
    """Runs the evaluation with a progress bar; 0 if every task has a score, else 1.

    With `folds`, the mixtures are the folds of these widths.
    """
    if trained_on and report is not Report.PAPER:
        raise SettingsError("--trained-on is for the report of a paper; give --report paper too")
    if folds and report is Report.PAPER:
        raise SettingsError("--report paper is of one mixture; leave out --folds")
    for name in ("tasks", "baselines", "robustness", "metrics"):
        options[name] = tuple(filter(None, (part.strip() for part in options[name].split(","))))
    if folds:
        options["judge"] = _judge(judge, judge_args)
        return run_folds(model, model_args, folds, out, root, **options)
    if report is Report.PAPER:
        options["robustness"] = (*options["robustness"], *TEMPLATE_DRAWS)
    named_model = model_of(model, arguments(model_args), options["seed"])
    options["judge"] = _judge(judge, judge_args)
    corpus = None if root is None else Corpus(root)
    results = _with_progress(named_model, mixture, out, corpus=corpus, **options)
    if report is Report.PAPER:
        digest = _audited(trained_on, mixture, options["split"], corpus)
        (out / "paper.md").write_text(paper(results, digest), encoding="utf-8")
    _print(results, out)
    return 0 if all(task.status == "scored" for task in results.tasks) else 1


def _audited(train: str, mixture: str, split: str, corpus: Corpus | None) -> AuditDigest | None:
    """What the training data shares with the mixture; None without training data."""
    if not train:
        return None
    from audioflan_tasks.evaluation.leakage import audit

    name = train.partition("@")[0]
    hold_out = None if is_address(name) or Path(name).exists() else mixture_named(name).hold_out
    leaks = audit(train, f"{mixture}@{split}", corpus=corpus).leaks
    return AuditDigest.of(
        train, f"{mixture}@{split}", {leak.kind: leak.eval for leak in leaks},
        [leak.kind for leak in leaks if leak.allowed],
        width=hold_out.width if hold_out else "",
    )  # fmt: skip


def measured_names(names: list[str], tasks: str, folds: str = "") -> tuple[str, str, str]:
    """Model, mixture and tasks of a command line.

    `names` are `--model`, MODEL and MIXTURE, "" where one was not given: with `--model` the
    first argument is the mixture. Without a mixture, `--tasks` says what is evaluated, as
    users of lm-evaluation-harness write it.
    """
    names = [name for name in names if name]
    if not names:
        raise SettingsError("which model? give MODEL, such as openai:NAME, or random")
    if len(names) > 2:
        raise SettingsError(f"two models, {names[0]} and {names[1]}; give MODEL or --model")
    if folds and len(names) == 2:
        raise SettingsError(f"--folds {folds} measures all tasks; leave {names[1]} out, or --folds")
    if folds:
        return names[0], "", tasks
    if len(names) == 2:
        return names[0], names[1], tasks
    if tasks and "," not in tasks:
        return names[0], tasks, ""
    return names[0], "audioflan_all" if tasks else "audioflan_unseen", tasks


def _judge(text: str, judge_args: str) -> Judge | None:
    if not text:
        return None
    kind, _, name = text.partition(":")
    if kind != "openai" or not name:
        raise SettingsError(f"--judge {text!r}: expected openai:NAME")
    model = model_of(text, arguments(judge_args))
    assert isinstance(model, EndpointModel)
    return Judge(model)


def _with_progress(model: Any, mixture: str, out: Path, **options: Any) -> Results:
    with progress_display() as display:

        def show(count: QuestionCount) -> None:
            task = f"task {count.task_number} of {count.tasks}, {count.task}"
            display.update("questions", count.done, count.questions, task)

        return evaluate(model, mixture, out, progress=show, **options)


def _print(results: Results, out: Path) -> None:
    rows = [tuple(row_of(task)[column] for column in _COLUMNS) for task in results.tasks]
    print_table(_HEADER, rows)
    for macro in results.macros:
        if macro.group != "major":
            span = f"{number(macro.low)} to {number(macro.high)}"
            print(f"{macro.name}\t{number(macro.value)} ({span}), {macro.tasks} tasks")
    for line in findings(results):
        print(f"note: {line}", file=sys.stderr)
    print(f"wrote {out / 'report.html'}")
