"""`audioflan benchmark NAME PATH --out FOLDER`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from audioflan_tasks.cli.importing import pairs_of, write_source
from audioflan_tasks.cli.output import print_table
from audioflan_tasks.metrics.benchmark_rules import BENCHMARKS
from audioflan_tasks.recipes.benchmarks import (
    Suite,
    Survey,
    benchmark_corpus,
    suite,
    suites,
    survey_of,
)
from audioflan_tasks.runners import Runner

__all__ = ["import_benchmark", "list_benchmarks"]


def list_benchmarks() -> None:
    """Prints the benchmarks that can be read."""
    rows = [(each.name, each.title, each.licence, each.homepage) for each in suites().values()]
    print_table(("benchmark", "title", "licence", "homepage"), rows)


def import_benchmark(
    name: str,
    path: Path,
    out: Path | None,
    *,
    task_map: Sequence[str],
    tasks: str,
    audio: str,
    sample_rate: int | None,
    runner: AbstractContextManager[Runner],
) -> None:
    """Lists the kinds of a benchmark's items, or writes those that ask one of the tasks."""
    kinds = pairs_of(task_map, "--map", "KIND=TASK, such as Counting=sound_event_recognition")
    named_suite = suite(name).with_tasks(kinds)
    if out is None:
        _print_survey(named_suite, survey_of(named_suite, path))
    else:
        corpus = benchmark_corpus(name, path, tasks=kinds)
        write_source(corpus, out, tasks, "", audio, sample_rate, runner)
        survey = survey_of(named_suite, path)
        _print_next(out, sum(survey.left_out.values()))


def _print_survey(named_suite: Suite, survey: Survey) -> None:
    reasons: Mapping[str, list[str]] = {kind: [] for kind, _ in survey.left_out}
    for (kind, reason), count in survey.left_out.items():
        reasons[kind].append(f"{count} {reason}")
    rows = [
        (kind, named_suite.task_of(kind), str(survey.usable[kind]),
         "; ".join((["nearly the same question"] if named_suite.is_near(kind) else [])
                   + reasons.get(kind, [])))
        for kind in sorted({*survey.usable, *reasons})
    ]  # fmt: skip
    print_table(("kind", "task", "items", "note"), rows)
    rule = BENCHMARKS[named_suite.name]
    print(f"its own rule: {rule.words}")
    for fault in rule.faults:
        print(f"known fault: {fault}")
    print(f"licence: {named_suite.licence}")
    print("--out FOLDER writes the items that have a task, --map KIND=TASK gives a kind one")


def _print_next(out: Path, left_out_count: int) -> None:
    if left_out_count:
        print(f"left out {left_out_count} items (without --out each kind is listed, and why)")
    print("the records are unseen: no mixture trains on them, audioflan evaluate asks them:")
    print(f"AUDIOFLAN_INSTRUCTIONS=keep audioflan evaluate MODEL audioflan_all --root {out}")
