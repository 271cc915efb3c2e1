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


def sentence(made: Comparison) -> str:
    """The outcome in words."""
    if made.overall is None:
        return f"{made.other} against {made.base}: no task in common that could be compared"
    return (
        f"{made.other} against {made.base}: {made.overall:+.2f} points "
        f"({number(made.overall_low)} to {number(made.overall_high)}, p {number(made.overall_p)}); "
        f"{len(made.significant)} of {len(made.tasks)} tasks differ after Holm's correction"
    )


def rows_of(made: Comparison) -> list[tuple[str, ...]]:
    """Tasks under `HEADER`, the largest gain first."""
    return [_row(d) for d in _sorted(made)]


def comparison_markdown(made: Sequence[Comparison]) -> str:
    """All comparisons as text."""
    parts = ["# Comparison", ""]
    for one in made:
        parts += [f"{sentence(one)}.", "", table(HEADER, rows_of(one)), ""]
        parts += [f"- left out: {task}: {why}" for task, why in one.left_out.items()]
    return "\n".join(parts) + "\n"


def comparison_page(made: Sequence[Comparison]) -> str:
    """All comparisons as one HTML page."""
    body = ["<h1>Comparison</h1>"]
    for one in made:
        rows = [_dot(d) for d in _sorted(one)]
        if one.overall is not None:
            total = Dot("mean of headline tasks", one.overall, one.overall_low, one.overall_high)
            rows.insert(0, total)
        ends = [abs(v) for r in rows for v in (r.low, r.high, r.value) if v is not None]
        reach = max([10.0, *ends])
        reach = min(100.0, float(-(-reach // 10) * 10))
        body += [
            f"<p>{escape(sentence(one))}</p>",
            dot_plot("Gain in points of the normalised scale", rows, -reach, reach, "same"),
            html_table(HEADER, rows_of(one), [d.p_holm >= 0.05 for d in _sorted(one)]),
        ]
        if one.left_out:
            names = "; ".join(f"{t.removeprefix(PREFIX)}: {w}" for t, w in one.left_out.items())
            body.append(f'<p class="soft">left out: {escape(names)}</p>')
    return whole_page("Comparison", body)


def _sorted(made: Comparison) -> list[Difference]:
    return sorted(made.tasks, key=lambda d: (d.gain is None, -(d.gain or 0.0), d.task))


def _row(d: Difference) -> tuple[str, ...]:
    return (
        d.task.removeprefix(PREFIX), d.metric, number(d.base), number(d.other),
        "" if d.gain is None else f"{d.gain:+.3g}", f"{number(d.low)} to {number(d.high)}",
        number(d.p), number(d.p_holm), str(d.examples), d.test,
    )  # fmt: skip


def _dot(d: Difference) -> Dot:
    name = d.task.removeprefix(PREFIX)
    note = f"{name}: {d.metric} {d.base:.4g} to {d.other:.4g}, p {d.p:.3g} (Holm {d.p_holm:.3g})"
    return Dot(name, d.gain, d.low, d.high, pale=d.p_holm >= 0.05, note=note)
