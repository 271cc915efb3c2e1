"""The folds of a model as Markdown and as an HTML page: each fold, and all tasks of a width."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.evaluation.fold_results import FoldScore, FoldsResults
from audioflan_tasks.evaluation.reporting.charts import Dot, dot_plot
from audioflan_tasks.evaluation.reporting.formatting import baseline_mean, macro_text
from audioflan_tasks.evaluation.reporting.html import MARKS, html_table, whole_page
from audioflan_tasks.evaluation.reporting.markdown import SCALE, table
from audioflan_tasks.evaluation.results import Results

__all__ = ["folds_html", "folds_markdown"]

_ALL = "all tasks"


@dataclass(frozen=True, slots=True)
class _FoldLine:
    """A fold, or all folds of a width."""

    name: str
    tasks: int
    training_tasks: str
    run: Results
    failed: Sequence[str]


def folds_markdown(
    results: FoldsResults, runs: Mapping[str, Sequence[Results]], wholes: Mapping[str, Results]
) -> str:
    """The folds as Markdown.

    Args:
      results: the summaries of the folds by width.
      runs: the runs of the same folds.
      wholes: for each width all its folds as one run.
    """
    parts = [f"# {_title(results)}", ""]
    for width, folds in results.widths.items():
        parts += [f"## Width `{width}`", "", *(f"- {line}" for line in _head(wholes[width])), ""]
        parts += [_fold_table(folds, runs[width], wholes[width]), ""]
    parts += [f"- {note}" for note in _notes(results.arguments)]
    return "\n".join(parts) + "\n"


def folds_html(
    results: FoldsResults, runs: Mapping[str, Sequence[Results]], wholes: Mapping[str, Results]
) -> str:
    """The folds as one HTML page; arguments as of `folds_markdown`."""
    title = _title(results)
    body = [f"<h1>{escape(title)}</h1>"]
    for width, folds in results.widths.items():
        lines = list(_lines(folds, runs[width], wholes[width]))
        names = _baseline_names(wholes[width])
        reports = [(_ALL, width), *((fold.name, f"{width}/{fold.name}") for fold in folds)]
        links = ", ".join(f'<a href="{path}/report.html">{name}</a>' for name, path in reports)
        body += [
            f"<h2>Width {width}</h2>",
            *(f"<p>{escape(line)}</p>" for line in _head(wholes[width])),
            f'<p class="key soft"><i></i>{escape(wholes[width].model)}{_key(names)}</p>',
            dot_plot(f"Folds of width {width}", [_dot(line, names) for line in lines], 0, 100,
                     "not listening", "best"),
            html_table(_header(names), [_row(line, names) for line in lines]),
            f'<p class="soft">Reports: {links}</p>',
        ]  # fmt: skip
    body += [f'<p class="soft">{escape(note)}</p>' for note in _notes(results.arguments)]
    return whole_page(title, body)


def _title(results: FoldsResults) -> str:
    # A model that has no name of its own for each fold is still another one in each.
    return f"Folds of {results.models.removesuffix(' {fold}') or 'a model'}"


def _fold_table(folds: Sequence[FoldScore], runs: Sequence[Results], whole: Results) -> str:
    """All folds of a width and their tasks together as a Markdown table."""
    names = _baseline_names(whole)
    return table(_header(names), [_row(line, names) for line in _lines(folds, runs, whole)])


def _lines(
    folds: Sequence[FoldScore], runs: Sequence[Results], whole: Results
) -> Iterator[_FoldLine]:
    count, failed = sum(len(fold.tasks) for fold in folds), [t for f in folds for t in f.failed]
    yield _FoldLine(_ALL, count, "", whole, failed)
    for fold, run in zip(folds, runs, strict=True):
        yield _FoldLine(fold.name, len(fold.tasks), str(fold.training_tasks), run, fold.failed)


def _header(names: Sequence[str]) -> tuple[str, ...]:
    return ("held out", "tasks", "trained on", "score", "95 % interval", *names, "failed")


def _row(line: _FoldLine, names: Sequence[str]) -> tuple[str, ...]:
    whole = line.run.macro()
    score, interval = ("", "") if whole is None else macro_text(whole)
    means = (baseline_mean(line.run.tasks, name) for name in names)
    cells = ("" if mean is None else mean.text for mean in means)
    return (line.name, str(line.tasks), line.training_tasks, score, interval, *cells,
            ", ".join(task.removeprefix(PREFIX) for task in line.failed))  # fmt: skip


def _dot(line: _FoldLine, names: Sequence[str]) -> Dot:
    whole = line.run.macro()
    means = ((name, baseline_mean(line.run.tasks, name)) for name in names if name in MARKS)
    marks = [(name, mean.value) for name, mean in means if mean is not None]
    value, low, high = (None,) * 3 if whole is None else (whole.value, whole.low, whole.high)
    return Dot(f"{line.name} ({line.tasks})", value, low, high, marks)


def _key(names: Sequence[str]) -> str:
    return "".join(f'<span class="m-{name}"></span>{name}' for name in names if name in MARKS)


def _baseline_names(whole: Results) -> list[str]:
    return list(dict.fromkeys(name for task in whole.tasks for name in task.baselines))


def _head(whole: Results) -> Iterator[str]:
    """The headline of a width, and the worst case beside it."""
    for title, group, name in (
        ("headline", "all", "all"), ("worst case, failed tasks as 0", "worst case", "worst case"),
    ):  # fmt: skip
        macro = whole.macro(group, name)
        if macro is not None:
            value, interval = macro_text(macro)
            yield f"{title}: {value} of 100 ({interval}), mean of {macro.tasks} tasks"


def _notes(arguments: Mapping[str, Any]) -> Iterator[str]:
    yield (
        'Each fold measures the tasks of one cluster. "trained on" counts the tasks that share '
        "no cluster, inverse or twin with them. Baselines: mean over the tasks that count, in "
        "brackets over how many where fewer. Each fold has a folder with its own reports."
    )
    yield SCALE
    if arguments.get("limit"):
        yield f"At most {arguments['limit']} questions of a task."
