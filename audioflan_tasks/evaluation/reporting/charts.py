"""Plots as inline SVG, without a plotting library, scripts or external files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Dot", "dot_plot"]

_ROW, _TOP, _LABEL, _WIDTH, _RIGHT = 18, 34, 300, 460, 60


@dataclass(frozen=True, slots=True)
class Dot:
    """One row of a plot: a value with its interval, and marks for other values."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    marks: Sequence[tuple[str, float]] = ()
    pale: bool = False
    note: str = ""


def dot_plot(
    title: str, rows: Sequence[Dot], low: float, high: float, zero: str = "", full: str = ""
) -> str:
    """A plot from `low` to `high`: values as dots with interval bars, marks as small ticks.

    `zero` and `full` are the labels of the grid lines at 0 and at `high`.
    """
    height = _TOP + _ROW * len(rows) + 24
    box = f"0 0 {_LABEL + _WIDTH + _RIGHT} {height}"

    def x(value: float) -> float:
        return _LABEL + _WIDTH * (min(max(value, low), high) - low) / (high - low)

    lines = [
        f'<svg viewBox="{box}" role="img" aria-label="{escape(title)}" class="plot">',
        f"<title>{escape(title)}</title>",
    ]
    for tick in sorted({low, low / 2, 0.0, high / 2, high}):
        word = {0.0: zero, high: full}.get(tick, "")
        lines.append(
            _line("axis zero" if tick == 0 else "axis", x(tick), x(tick), _TOP - 8, height - 20)
        )
        lines.append(_text("tick", x(tick), _TOP - 12, f"{tick:.4g} {word}"))
    for number, row in enumerate(rows):
        lines += _row(row, _TOP + _ROW * (number + 0.5), x)
    return "\n".join([*lines, "</svg>"])


def _row(row: Dot, y: float, x: Callable[[float], float]) -> Iterator[str]:
    css = "row pale" if row.pale else "row"
    yield f'<g class="{css}"><title>{escape(row.note or row.name)}</title>'
    yield _text("name", _LABEL - 8, y + 4, row.name)
    for kind, value in row.marks:
        box = f'x="{x(value) - 1.5:.1f}" y="{y - 6}" width="3" height="12"'
        yield f'<rect class="m-{escape(kind)}" {box}><title>{escape(kind)}</title></rect>'
    if row.value is not None:
        if row.low is not None and row.high is not None:
            yield _line("bar", x(row.low), x(row.high), y, y)
        yield f'<circle class="dot" cx="{x(row.value):.1f}" cy="{y}" r="4.5"/>'
        label = f"{row.value:.1f}"
        yield _text("value", _LABEL + _WIDTH + 8, y + 4, "0.0" if label == "-0.0" else label)
    yield "</g>"


def _line(css: str, x1: float, x2: float, y1: float, y2: float) -> str:
    return f'<line class="{css}" x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}"/>'


def _text(css: str, x: float, y: float, text: str) -> str:
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
