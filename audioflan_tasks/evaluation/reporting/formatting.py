"""Numbers, table rows and findings as text, the same in all reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.evaluation.results import DEAF, Macro, MetricResult, Results, TaskResult

__all__ = [
    "COLUMNS",
    "BaselineMean",
    "baseline_mean",
    "findings",
    "macro_text",
    "metric_name",
    "number",
    "row_of",
    "summary",
]  # fmt: skip

COLUMNS = (
    "task", "metric", "value", "95 % interval", "0-100", "chance", "best", "random", "majority",
    "copy", "roundtrip", "blind", "shuffled", "unparsed", "n", "detectable", "grade",
)  # fmt: skip
_ROUNDING_ERROR = 1e-12
_BASELINES = ("random", "majority", "copy", "roundtrip", "blind", "shuffled")


def number(value: float | None, digits: int = 3) -> str:
    """A number in few characters; an empty string for None and NaN, and 0 for a rounding error."""
    if value is None or value != value:
        return ""
    if abs(value) < _ROUNDING_ERROR:
        return "0"
    return f"{value:.{digits}g}" if abs(value) < 1000 else f"{value:,.0f}"


def metric_name(metric: MetricResult) -> str:
    """A metric with the arrow of what is better."""
    return f"{metric.name} {'↑' if metric.better == 'higher' else '↓'}"


def row_of(result: TaskResult) -> tuple[str, ...]:
    """The table row of a task, with columns `COLUMNS`; a failed task has its reason as value."""
    first = result.primary
    name = result.task.removeprefix(PREFIX)
    if first is None:
        return (name, "", f"failed: {result.reason[:90]}", *([""] * (len(COLUMNS) - 3)))
    baselines = (result.baselines.get(b) for b in _BASELINES)
    return (
        name,
        metric_name(first),
        number(first.value),
        f"{number(first.low)} to {number(first.high)}",
        number(result.normalised),
        f"{number(result.chance)} ({result.chance_by})" if result.chance_by else "",
        number(result.best),
        *("" if b is None else number(b.value) for b in baselines),
        f"{100 * result.unparsed:.0f} %",
        f"{result.answered}" + (f" of {result.examples}" if result.errors else ""),
        number(result.least_detectable),
        " ".join(result.grades) + ("" if result.headline else " *"),
    )


class BaselineMean(NamedTuple):
    """The mean score of a baseline over tasks, and how it stands in a table."""

    value: float
    text: str


def baseline_mean(tasks: Sequence[TaskResult], name: str) -> BaselineMean | None:
    """The mean over the tasks that count and have the baseline; None where there are none.

    The text says in brackets over how many, where it is not all that count.
    """
    counted = [task for task in tasks if task.headline]
    scores = [task.baselines[name].normalised or 0.0 for task in counted if name in task.baselines]
    if not scores:
        return None
    value = sum(scores) / len(scores)
    part = "" if len(scores) == len(counted) else f" ({len(scores)})"
    return BaselineMean(value, f"{value:.0f}{part}")


def macro_text(macro: Macro) -> tuple[str, str]:
    """A mean and its interval in whole points."""
    return f"{macro.value:.0f}", f"{macro.low:.0f} to {macro.high:.0f}"


def summary(results: Results) -> tuple[tuple[str, str], ...]:
    """The setup of a run as pairs of name and value."""
    config, options = results.config, results.config.get("options", {})
    num_scored = sum(t.status != "failed" for t in results.tasks)
    return (
        ("model", results.model),
        ("headline", _mean(results.macro())),
        ("worst case, failed tasks as 0", _mean(results.macro("worst case", "worst case"))),
        ("mixture", f"{results.mixture} (records {results.mixture_hash})"),
        ("split", f"{config.get('split')}, limit {number(config.get('limit'), 6) or 'none'}"),
        ("examples before each question", str(config.get("num_fewshot"))),
        ("seed", str(config.get("seed"))),
        (
            "instructions",
            f"{options.get('instructions')}, {', '.join(options.get('languages', []))}",
        ),
        ("settings", ", ".join(f"{k}={v}" for k, v in results.settings.items()) or "none"),
        (
            "tasks",
            f"{num_scored} scored, {len(results.failed)} failed, {len(results.left_out)} left out",
        ),
        ("questions", f"{sum(t.answered for t in results.tasks):,} answered"),
        ("started", f"{results.started}, {results.seconds:,.0f} s"),
    )


def _mean(macro: Macro | None) -> str:
    if macro is None:
        return "none"
    interval = f"{number(macro.low)} to {number(macro.high)}"
    return f"{number(macro.value)} of 100 (95 % interval {interval}), mean of {macro.tasks} tasks"


def findings(results: Results) -> Iterator[str]:
    """Failures, warnings and other facts that a reader of the scores must know, as sentences."""
    if results.hearing is not None and results.hearing.proven is False:
        yield f"the model does not hear: {DEAF}"
    for task in results.failed:
        yield f"{task.task}: failed: {task.reason}"
    for task in results.tasks:
        name = task.task.removeprefix(PREFIX)
        if task.status == "incomplete":
            yield f"{name}: {task.reason}; not in the headline, run again to complete it"
        elif task.status == "scored" and task.reason:
            yield f"{name}: {task.reason}"
        if task.one_answer:
            yield (
                f"{name}: one answer ({task.top_answer!r}) to {100 * task.top_share:.0f} % of the "
                f"questions, right for {100 * task.top_gold_share:.0f} %"
            )
    yield from (f"gold: {fault}" for fault in results.gold)
    yield from _benchmark_faults(results)
    hearing = results.hearing
    if hearing is not None:
        if hearing.proven is None:
            yield f"hearing not proven: {hearing.note or f'{hearing.asked} questions are too few'}"
        elif hearing.proven:
            yield (
                f"hearing: of {hearing.asked} answers {hearing.same_without} stayed the same "
                f"without audio and {hearing.same_shuffled} with other audio"
            )
    worst = [t.task.removeprefix(PREFIX) for t in results.tasks if "W" in t.grades]
    if worst:
        yield f"grade W, never in a headline (*): {', '.join(worst)}"
    for reason in dict.fromkeys(results.left_out.values()):
        names = [task for task, why in results.left_out.items() if why == reason]
        yield f"left out, {reason}: {', '.join(name.removeprefix(PREFIX) for name in names)}"


def _benchmark_faults(results: Results) -> Iterator[str]:
    """Known faults of the benchmarks that questions are of, each benchmark once."""
    benchmarks = {name: b for task in results.tasks for name, b in task.benchmarks.items()}
    for name, benchmark in benchmarks.items():
        yield from (f"{name}, known fault: {fault}" for fault in benchmark.faults)
