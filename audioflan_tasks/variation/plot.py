"""A scatter plot as SVG, with nothing but text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

__all__ = ["Point", "scatter"]

_WIDTH, _HEIGHT, _MARGIN = 640, 420, 56
_COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b")
_TICKS = 5


class Point(NamedTuple):
    """A place in the plot."""

    x: float
    y: float


def scatter(points: Mapping[str, Sequence[tuple[float, float]]], axes: tuple[str, str]) -> str:
    """A page of points in one colour for each name; `axes` are the words of x and y."""
    xs, ys = zip(*(point for group in points.values() for point in group), strict=True)
    scale = _Scale(_span(xs), _span(ys))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        *_grid(scale),
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 12}">{escape(axes[0])}</text>',
        f'<text x="8" y="20">{escape(axes[1])}</text>',
    ]
    for number, (name, group) in enumerate(points.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        places = (scale.place(Point(*point)) for point in group)
        parts += (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}" fill-opacity="0.6"/>'
            for x, y in places
        )
        y = 20 + 16 * number
        parts.append(f'<text x="{_WIDTH - 150}" y="{y}" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


class _Scale(NamedTuple):
    """Ends of both axes."""

    x: tuple[float, float]
    y: tuple[float, float]

    def place(self, point: Point) -> Point:
        """Where a point stands on the page."""
        x = _MARGIN + (point.x - self.x[0]) / (self.x[1] - self.x[0]) * (_WIDTH - 2 * _MARGIN)
        y = _MARGIN + (self.y[1] - point.y) / (self.y[1] - self.y[0]) * (_HEIGHT - 2 * _MARGIN)
        return Point(x, y)


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = (high - low) * 0.05 or 1.0
    return low - room, high + room


def _grid(scale: _Scale) -> list[str]:
    lines = []
    for number in range(_TICKS):
        share = number / (_TICKS - 1)
        x = scale.x[0] + share * (scale.x[1] - scale.x[0])
        y = scale.y[0] + share * (scale.y[1] - scale.y[0])
        place = scale.place(Point(x, y))
        lines += [
            f'<line x1="{place.x:.1f}" y1="{_MARGIN}" x2="{place.x:.1f}" '
            f'y2="{_HEIGHT - _MARGIN}" stroke="#ddd"/>',
            f'<line x1="{_MARGIN}" y1="{place.y:.1f}" x2="{_WIDTH - _MARGIN}" '
            f'y2="{place.y:.1f}" stroke="#ddd"/>',
            f'<text x="{place.x - 12:.1f}" y="{_HEIGHT - _MARGIN + 16}">{x:.2f}</text>',
            f'<text x="8" y="{place.y + 4:.1f}">{y:.1f}</text>',
        ]
    return lines
