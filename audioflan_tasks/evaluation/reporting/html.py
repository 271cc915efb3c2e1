"""The report of a run as one HTML file with plots, without scripts or external files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.evaluation.reporting.charts import Dot, dot_plot
from audioflan_tasks.evaluation.reporting.formatting import COLUMNS, findings, row_of, summary
from audioflan_tasks.evaluation.reporting.markdown import (
    SCALE,
    benchmark_rows,
    judge_rows,
    probe_rows,
    robust_rows,
)
from audioflan_tasks.evaluation.reporting.question_cards import question_sections
from audioflan_tasks.evaluation.results import Macro, Results, TaskResult
from audioflan_tasks.evaluation.sample_questions import SampleQuestion

__all__ = ["MARKS", "STYLE", "html_table", "page", "whole_page"]

# Colours of the baselines that are marked in plots.
MARKS = {
    "random": "#d1495b", "majority": "#edae49", "copy": "#00798c", "roundtrip": "#5a8f29",
    "blind": "#7b2d8b", "shuffled": "#8d6e63", "paper": "#d1495b",
}  # fmt: skip
STYLE = """
:root {
  color-scheme: light dark;
  --ink: #1d2733; --soft: #5a6875; --line: #d7dde3; --paper: #fff; --dot: #1b5e9c;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ebf0; --soft: #9aa7b3; --line: #37424d; --paper: #14191f; --dot: #6fb1ec }
}
body {
  font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  margin: 2rem auto; max-width: 1240px; padding: 0 1rem;
}
h1 { font-size: 1.6rem; margin-bottom: .2rem }
h2 { font-size: 1.15rem; margin-top: 2.2rem }
.big { font-size: 2.6rem; font-weight: 650 }
.soft { color: var(--soft) }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums }
th, td {
  padding: .22rem .45rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top;
}
th { color: var(--soft); font-weight: 600 }
tr.pale td { color: var(--soft) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .6rem 0 }
dt { color: var(--soft) }
dd { margin: 0; overflow-wrap: anywhere }
.plot { width: 100%; max-width: 860px; height: auto }
.plot text { font-size: 11px; fill: var(--ink) }
.plot .tick { text-anchor: middle; fill: var(--soft); font-size: 10px }
.plot .name { text-anchor: end }
.plot .axis { stroke: var(--line) }
.plot .zero { stroke: var(--soft) }
.plot .dot { fill: var(--dot) }
.plot .bar { stroke: var(--dot); stroke-width: 2.5; opacity: .55 }
.plot .pale { opacity: .45 }
.key span {
  display: inline-block; width: 4px; height: 12px; margin: 0 .35rem 0 1rem;
  vertical-align: -1px;
}
.key i {
  display: inline-block; width: 9px; height: 9px; border-radius: 5px;
  background: var(--dot); margin-right: .35rem;
}
"""


def page(results: Results, questions: Mapping[str, Sequence[SampleQuestion]]) -> str:
    """The report as one HTML page, with sample questions of the tasks."""
    tasks = results.tasks
    body = [
        f"<h1>{escape(results.model)}</h1>",
        f'<p class="soft">{escape(results.mixture)}</p>', _head(results),
        _pairs(summary(results)),
        "<h2>Findings</h2>", _list(findings(results)),
        "<h2>By domain, category and major task</h2>",
        _plot("Macro scores", [_macro(m) for m in results.macros]),
        "<h2>Task by task</h2>", _key(results),
        _plot("Tasks", [_task(t) for t in results.tasks]),
        f'<p class="soft">{escape(SCALE)}</p>',
        "<h2>Numbers</h2>",
        html_table(COLUMNS, [row_of(t) for t in tasks], [not t.headline for t in tasks]),
    ]  # fmt: skip
    for title, rows in (("Robustness", robust_rows(results)), ("Judge", judge_rows(results)),
                        ("Scores by the benchmarks' own rules", benchmark_rows(results)),
                        ("Yes-bias and hallucination", probe_rows(results))):  # fmt: skip
        if rows:
            body += [f"<h2>{title}</h2>", html_table(rows[0], rows[1:])]
    body += question_sections(results, questions)
    versions = ", ".join(f"{k} {v}" for k, v in results.versions.items())
    body += ["<h2>Versions</h2>", f'<p class="soft">{escape(versions)}</p>']
    return whole_page(f"{results.model} on {results.mixture}", body)


def _head(results: Results) -> str:
    """The headline, with the worst case beside it."""
    whole, worst = results.macro(), results.macro("worst case", "worst case")
    if whole is None or worst is None:
        return '<p class="soft">no task has a score that may stand in a headline</p>'
    return (
        f'<p><span class="big">{whole.value:.1f}</span> '
        f'<span class="soft">of 100 ({whole.low:.1f} to {whole.high:.1f}), mean of '
        f"{whole.tasks} tasks; {worst.value:.1f} ({worst.low:.1f} to {worst.high:.1f}) of "
        f"{worst.tasks} where failed tasks count 0</span></p>"
    )


def whole_page(title: str, body: Iterable[str]) -> str:
    """An HTML page with the style of the reports."""
    marks = "".join(
        f".plot .m-{name} {{ fill: {colour} }} .key .m-{name} {{ background: {colour} }}\n"
        for name, colour in MARKS.items()
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}{marks}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def html_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], pale: Sequence[bool] = ()
) -> str:
    """A table without its empty columns; `pale` says which rows are pale."""
    pale_rows = list(pale) or [False] * len(rows)
    full = [n for n in range(len(header)) if not rows or any(row[n] for row in rows)]
    lines = "".join(
        f"<tr{' class=pale' if soft else ''}>"
        + "".join(f"<td>{_breakable(row[n])}</td>" for n in full)
        + "</tr>"
        for row, soft in zip(rows, pale_rows, strict=True)
    )
    top = "".join(f"<th>{escape(header[n])}</th>" for n in full)
    table = f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def _breakable(text: str) -> str:
    """HTML of a cell: names break behind an underscore, a mark stays with its word."""
    whole = text.replace(" ↑", "\xa0↑").replace(" ↓", "\xa0↓").replace(" of ", "\xa0of\xa0")
    return escape(whole).replace("_", "_<wbr>")


def _pairs(rows: Iterable[tuple[str, str]]) -> str:
    items = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in rows)
    return f"<dl>{items}</dl>"


def _plot(title: str, rows: Sequence[Dot]) -> str:
    """A plot from 0 to 100."""
    return dot_plot(title, rows, 0, 100, "not listening", "best")


def _macro(m: Macro) -> Dot:
    name = m.name if m.group != "all" else "all tasks"
    return Dot(f"{name} ({m.tasks})", m.value, m.low, m.high, note=f"{m.group} {m.name}")


def _task(t: TaskResult) -> Dot:
    marks = [
        (name, b.normalised)
        for name, b in t.baselines.items()
        if name in MARKS and b.normalised is not None
    ]
    name, first = t.task.removeprefix(PREFIX), t.primary
    note = t.reason if first is None else f"{name}: {first.name} {first.value:.4g} {first.unit}"
    return Dot(
        name if first else f"{name} (failed)", t.normalised, t.normalised_low, t.normalised_high,
        marks, not t.headline, note,
    )  # fmt: skip


def _key(results: Results) -> str:
    names = [n for n in MARKS if any(n in t.baselines for t in results.tasks)]
    marks = "".join(f'<span class="m-{n}"></span>{n}' for n in names)
    return (
        f'<p class="key soft"><i></i>{escape(results.model)}{marks}; pale: not in the headline</p>'
    )


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else '<p class="soft">none</p>'
