"""`audioflan evaluate MODEL MIXTURE --out DIR`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from audioflan_tasks.cli.output import print_table
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.evaluation import Results, evaluate
from audioflan_tasks.evaluation.models import EndpointModel
from audioflan_tasks.evaluation.probes.judge import Judge
from audioflan_tasks.evaluation.reporting.formatting import findings, number, row_of
from audioflan_tasks.evaluation.spec import arguments, model_of

__all__ = ["run"]

_SHOWN = (0, 1, 2, 3, 4, 13, 14)  # of wording.COLUMNS


def run(
    model: str,
    mixture: str,
    out: Path,
    model_args: str,
    judge: str,
    judge_args: str,
    root: Path | None,
    **options: Any,
) -> int:
    """Runs the evaluation with a progress bar; 0 if every task has a score, else 1."""
    for name in ("tasks", "baselines", "robustness"):
        options[name] = tuple(filter(None, (part.strip() for part in options[name].split(","))))
    asked = model_of(model, arguments(model_args), options["seed"])
    options["judge"] = _judge(judge, judge_args)
    corpus = None if root is None else Corpus(root)
    results = _with_progress(asked, mixture, out, corpus=corpus, **options)
    _print(results, out)
    return 1 if results.failed else 0


def _judge(text: str, judge_args: str) -> Judge | None:
    if not text:
        return None
    kind, _, name = text.partition(":")
    if kind != "openai" or not name:
        raise SettingsError(f"--judge {text!r}: expected openai:NAME")
    return Judge(EndpointModel(name, **arguments(judge_args)))


def _with_progress(model: Any, mixture: str, out: Path, **options: Any) -> Results:
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("questions", total=None)

        def advance(task: str, count: int) -> None:
            progress.update(bar, description=task, advance=count)

        return evaluate(model, mixture, out, progress=advance, **options)


def _print(results: Results, out: Path) -> None:
    header = ("task", "metric", "value", "95 % interval", "0-100", "unparsed", "n")
    rows = [tuple(row_of(task)[at] for at in _SHOWN) for task in results.tasks]
    print_table(header, rows)
    for macro in results.macros:
        if macro.group != "major":
            span = f"{number(macro.low)} to {number(macro.high)}"
            print(f"{macro.name}\t{number(macro.value)} ({span}), {macro.tasks} tasks")
    for line in findings(results):
        print(f"note: {line}", file=sys.stderr)
    print(f"wrote {out / 'report.html'}")
