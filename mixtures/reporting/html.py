"""A report as one HTML page that needs nothing else, or as a PNG."""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Mapping, Sequence

from audioflan_tasks.errors import MissingExtraError
from audioflan_tasks.mixtures.spec.report import MixtureReport, ReportLine

__all__ = ["as_html", "write_png"]

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; color: #222;
  padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2.2rem }
table { border-collapse: collapse; width: 100% }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid #e4e4e4;
  font-variant-numeric: tabular-nums; white-space: nowrap }
th:first-child, td:first-child { text-align: left }
th { font-weight: 600; border-bottom: 2px solid #bbb }
td.bars { width: 34% ; padding-right: 0 }
.bar { height: .55rem; border-radius: 2px; margin: 2px 0; min-width: 1px }
.before { background: #b9c2cc } .after { background: #1f6f8b }
.note { color: #a33 } .key span { display: inline-block; width: .9rem; height: .6rem;
  margin: 0 .3rem 0 1rem; border-radius: 2px }
"""

_TITLES = {"domain": "Domains", "category": "Categories", "major": "Major tasks", "task": "Tasks"}


def as_html(title: str, report: MixtureReport) -> str:
    """The whole page; bars of share by size above bars of share in the mixture."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{html.escape(title)}</h1><p>{report.steps:,} examples of the stream.</p>",
        '<p class="key"><span class="before"></span>by size<span class="after"></span>'
        "in the mixture</p>",
    ]
    parts += [f'<p class="note">{html.escape(note)}</p>' for note in report.notes()]
    for level, lines in report.levels.items():
        parts += [f"<h2>{_TITLES[level]}</h2>", _table(lines)]
    return "".join([*parts, "</body></html>\n"])


def _table(lines: Sequence[ReportLine]) -> str:
    # Lengths may not be known: their columns are left out then.
    columns = [name for name in _COLUMNS if any(_COLUMNS[name](line) for line in lines)]
    heads = ("name", *columns, "by size and in the mixture")
    largest = max(max(line.size_share or 0.0, line.share) for line in lines)
    rows = "".join(_table_row(line, columns, largest) for line in lines)
    return f"<table><tr>{''.join(f'<th>{h}</th>' for h in heads)}</tr>{rows}</table>"


def _table_row(line: ReportLine, columns: Sequence[str], largest: float) -> str:
    bars = "".join(
        f'<div class="bar {kind}" style="width:{100 * value / largest:.2f}%"></div>'
        for kind, value in (("before", line.size_share or 0.0), ("after", line.share))
    )
    note = f' <span class="note">{line.notes}</span>' if line.notes else ""
    numbers = "".join(f"<td>{_COLUMNS[name](line)}</td>" for name in columns)
    return f'<tr><td>{html.escape(line.name)}{note}</td>{numbers}<td class="bars">{bars}</td></tr>'


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.2f} %"


_COLUMNS: Mapping[str, Callable[[ReportLine], str]] = {
    "instances": lambda line: "" if line.instances is None else f"{line.instances:,}",
    "rate": lambda line: f"{line.rate:.4g}",
    "by size": lambda line: _percent(line.size_share),
    "share": lambda line: _percent(line.share),
    "tokens": lambda line: _percent(line.tokens),
    "seconds": lambda line: _percent(line.seconds),
    "epochs": lambda line: "" if line.epochs is None else f"{line.epochs:.3g}",
    "hours": lambda line: "" if line.hours is None else f"{line.hours:,.1f}",
}


def write_png(title: str, report: MixtureReport, path: str | os.PathLike[str]) -> None:
    """Bars of domains, categories and major tasks as a PNG.

    Raises:
      MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("matplotlib", "plots", "drawing a report") from None
    levels = [report.levels[name] for name in ("domain", "category", "major")]
    heights = [len(lines) + 1.5 for lines in levels]
    figure = Figure(figsize=(9, 0.34 * sum(heights) + 1), layout="constrained")
    axes = figure.subplots(len(levels), 1, gridspec_kw={"height_ratios": heights})
    for axis, lines in zip(axes, levels, strict=True):
        places = range(len(lines))
        size_shares = [100 * (line.size_share or 0) for line in lines]
        axis.barh([p - 0.19 for p in places], size_shares, 0.36,
                  color="#b9c2cc", label="by size")  # fmt: skip
        axis.barh([p + 0.19 for p in places], [100 * line.share for line in lines], 0.36,
                  color="#1f6f8b", label="in the mixture")  # fmt: skip
        axis.set_yticks(list(places), [line.name for line in lines])
        axis.invert_yaxis()
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_title(f"{title}, {report.steps:,} examples", loc="left")
    axes[0].legend(frameon=False)
    axes[-1].set_xlabel("share of examples, %")
    figure.savefig(path, dpi=120)
