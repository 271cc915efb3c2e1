"""A comparison as Markdown and as an HTML page with a plot."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.evaluation.compare import Comparison, Difference
from audioflan_tasks.evaluation.reporting.charts import Dot, dot_plot
from audioflan_tasks.evaluation.reporting.formatting import number
from audioflan_tasks.evaluation.reporting.html import html_table, whole_page
from audioflan_tasks.evaluation.reporting.markdown import table

__all__ = ["HEADER", "comparison_markdown", "comparison_page", "rows_of", "sentence"]

HEADER = ("task", "metric", "base", "other", "gain (0-100)", "95 % interval", "p", "p (Holm)",
          "examples", "test")  # fmt: skip


def sentence(comparison: Comparison) -> str:
    """The outcome of a comparison as a sentence."""
    names = f"{comparison.other} against {comparison.base}"
    if comparison.overall is None:
        return f"{names}: no task in common that could be compared"
    low, high = number(comparison.overall_low), number(comparison.overall_high)
    return (
        f"{names}: {comparison.overall:+.2f} points "
        f"({low} to {high}, p {number(comparison.overall_p)}); "
        f"{len(comparison.significant)} of {len(comparison.tasks)} tasks differ after Holm's "
        "correction"
    )


def rows_of(comparison: Comparison) -> list[tuple[str, ...]]:
    """The rows of a table with columns `HEADER`, the largest gain first."""
    return [_row(d) for d in _by_gain(comparison)]


def comparison_markdown(comparisons: Sequence[Comparison]) -> str:
    """All comparisons as Markdown."""
    parts = ["# Comparison", ""]
    for comparison in comparisons:
        parts += [f"{sentence(comparison)}.", "", table(HEADER, rows_of(comparison)), ""]
        parts += [f"- left out: {task}: {reason}" for task, reason in comparison.left_out.items()]
    return "\n".join(parts) + "\n"


def comparison_page(comparisons: Sequence[Comparison]) -> str:
    """All comparisons as one HTML page."""
    body = ["<h1>Comparison</h1>"]
    for comparison in comparisons:
        differences = _by_gain(comparison)
        rows = [_dot(d) for d in differences]
        pale = [d.p_holm >= 0.05 for d in differences]
        if comparison.overall is not None:
            rows.insert(0, _overall_dot(comparison))
        ends = [abs(v) for r in rows for v in (r.low, r.high, r.value) if v is not None]
        reach = max([10.0, *ends])
        reach = min(100.0, float(-(-reach // 10) * 10))
        body += [
            f"<p>{escape(sentence(comparison))}</p>",
            dot_plot("Gain in points of the normalised scale", rows, -reach, reach, "same"),
            html_table(HEADER, rows_of(comparison), pale),
        ]
        if comparison.left_out:
            reasons = (f"{t.removeprefix(PREFIX)}: {w}" for t, w in comparison.left_out.items())
            body.append(f'<p class="soft">left out: {escape("; ".join(reasons))}</p>')
    return whole_page("Comparison", body)


def _by_gain(comparison: Comparison) -> list[Difference]:
    return sorted(comparison.tasks, key=lambda d: (d.gain is None, -(d.gain or 0.0), d.task))


def _row(d: Difference) -> tuple[str, ...]:
    return (
        d.task.removeprefix(PREFIX), d.metric, number(d.base), number(d.other),
        "" if d.gain is None else f"{d.gain:+.3g}", f"{number(d.low)} to {number(d.high)}",
        number(d.p), number(d.p_holm), str(d.examples), d.test,
    )  # fmt: skip


def _overall_dot(c: Comparison) -> Dot:
    return Dot("mean of headline tasks", c.overall, c.overall_low, c.overall_high)


def _dot(d: Difference) -> Dot:
    name = d.task.removeprefix(PREFIX)
    note = f"{name}: {d.metric} {d.base:.4g} to {d.other:.4g}, p {d.p:.3g} (Holm {d.p_holm:.3g})"
    return Dot(name, d.gain, d.low, d.high, pale=d.p_holm >= 0.05, note=note)
