"""The report of a run as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.evaluation.reporting.formatting import (
    COLUMNS,
    findings,
    metric_name,
    number,
    row_of,
    summary,
)
from audioflan_tasks.evaluation.results import Results, TaskResult

__all__ = [
    "SCALE", "benchmark_rows", "judge_rows", "markdown", "probe_rows", "robust_rows", "table",
]  # fmt: skip

SCALE = (
    "0-100 is the task's first metric between the best of all who do not listen (0: guesses, the "
    "most frequent answer, all options, the input, noise, silence) and its best value (100). The "
    "worst case counts 0 for tasks that failed. Intervals are 95 % intervals over examples; "
    "detectable is the least difference on that scale that two such runs would show in 80 of 100 "
    "cases."
)


def markdown(results: Results) -> str:
    """The report of a run as Markdown."""
    parts = [f"# {results.model} on {results.mixture}", ""]
    parts += [f"- {name}: {value}" for name, value in summary(results)]
    parts += ["", "## Macro scores (0-100, every task counts the same)", ""]
    parts.append(
        table(
            ("group", "name", "score", "95 % interval", "tasks"),
            [
                (
                    m.group,
                    m.name,
                    number(m.value),
                    f"{number(m.low)} to {number(m.high)}",
                    str(m.tasks),
                )
                for m in results.macros
            ],
        )
    )
    parts += ["", SCALE, "", "## Findings", ""]
    parts += [f"- {line}" for line in findings(results)] or ["- none"]
    parts += ["", "## Tasks", "", table(COLUMNS, [row_of(t) for t in results.tasks])]
    for title, rows in (("Robustness", robust_rows(results)), ("Judge", judge_rows(results)),
                        ("Scores by the benchmarks' own rules", benchmark_rows(results)),
                        ("Yes-bias and hallucination", probe_rows(results))):  # fmt: skip
        if rows:
            parts += ["", f"## {title}", "", table(rows[0], rows[1:])]
    further_metrics = [(_short(t), m) for t in results.tasks for m in t.metrics[1:]]
    if further_metrics:
        parts += ["", "## Further metrics", ""]
        parts.append(
            table(
                ("task", "metric", "value", "95 % interval", "unit", "library"),
                [
                    (task, m.name, number(m.value), f"{number(m.low)} to {number(m.high)}", m.unit,
                     m.library)
                    for task, m in further_metrics
                ],
            )
        )  # fmt: skip
    parts += ["", "## Versions", ""]
    parts.append(", ".join(f"{k} {v}" for k, v in results.versions.items()))
    return "\n".join(parts) + "\n"


def _short(task: TaskResult) -> str:
    return task.task.removeprefix(PREFIX)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; pipes in cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in row) + " |"
        for row in lines
    )


def robust_rows(results: Results) -> list[tuple[str, ...]]:
    rows = [
        (_short(t), name, number(v["value"]), number(v["normalised"]), str(v["questions"]))
        for t in results.tasks
        for name, v in t.robustness.items()
        if name != "spread"
    ]
    rows += [
        (_short(t), "spread", "", f"{number(s['low'])} to {number(s['high'])}", "")
        for t in results.tasks
        if (s := t.robustness.get("spread"))
    ]
    header = ("task", "variation", "value", "0-100", "questions")
    return [header, *sorted(rows)] if rows else []


def judge_rows(results: Results) -> list[tuple[str, ...]]:
    rows = [
        (_short(t), str(j["model"]), f"v{j['prompt_version']}", number(j["correct"]),
         number(j["agreement_with_parser"]), str(j["judged"]))
        for t in results.tasks
        if (j := t.judge)
    ]  # fmt: skip
    header = ("task", "judge", "prompt", "correct", "agreement with parser", "judged")
    return [header, *rows] if rows else []


def probe_rows(results: Results) -> list[tuple[str, ...]]:
    header = ("subject", "questions", "yes rate", "accuracy", "if present", "if absent",
              "unparsed", "unsupported mentions")  # fmt: skip
    keys = ("questions", "yes_rate", "accuracy", "accuracy_present", "accuracy_absent",
            "unparsed", "unsupported")  # fmt: skip
    rows = [(name, *(number(v.get(k)) for k in keys)) for name, v in results.probes.items()]
    return [header, *rows] if rows else []


def benchmark_rows(results: Results) -> list[tuple[str, ...]]:
    rows = [
        (_short(t), name, b.rule, number(b.value), f"{b.counted} of {b.questions}",
         metric_name(t.metrics[0]), number(t.metrics[0].value))
        for t in results.tasks
        for name, b in t.benchmarks.items()
    ]  # fmt: skip
    header = (
        "task",
        "benchmark",
        "its own rule",
        "by its rule",
        "counted",
        "our metric",
        "by ours",
    )
    return [header, *rows] if rows else []
