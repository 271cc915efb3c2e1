"""Section 3 as one HTML page with plots: Table 2, Figure 2, Figure 3, counts and corpora."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from audioflan_tasks.evaluation.reporting.charts import Dot, dot_plot
from audioflan_tasks.evaluation.reporting.html import html_table, whole_page
from audioflan_tasks.statistics.formatting import (
    ATTRIBUTE_HEADER,
    MAJOR_HEADER,
    PART_HEADER,
    attribute_rows,
    dataset_rows,
    major_rows,
    notes,
    part_rows,
)
from audioflan_tasks.statistics.tables import Statistics, TreeNode

__all__ = ["page"]

_KEY = (
    '<p class="key soft"><i></i>here<span class="m-paper"></span>the paper '
    "(arXiv 2502.16584); shares in percent</p>"
)


def page(statistics: Statistics) -> str:
    """The page; it needs no other file and no script."""
    body = [
        "<h1>Instances by task, corpus and attribute</h1>",
        f'<p class="soft">{escape(statistics.source)}: {statistics.instances:,} instances</p>',
        *(f"<p>{escape(note)}</p>" for note in notes(statistics)),
        "<h2>Tasks and instances (Table 2)</h2>", _KEY, _major_plot(statistics),
        html_table(MAJOR_HEADER, major_rows(statistics)),
        "<h2>The tree of tasks (Figure 2)</h2>", _tree(statistics.tree),
        "<h2>Attributes by domain (Figure 3)</h2>", _KEY, *_attribute_plots(statistics),
        html_table(ATTRIBUTE_HEADER, attribute_rows(statistics)),
        "<h2>By category and domain (section 3)</h2>",
        html_table(PART_HEADER, part_rows(statistics)),
        "<h2>Corpora</h2>",
        html_table(("corpus", "instances"), dataset_rows(statistics)),
    ]  # fmt: skip
    return whole_page(f"Statistics of {statistics.source}", body)


def _major_plot(statistics: Statistics) -> str:
    lines = [line for line in statistics.majors if line.modality]
    dots = [
        _dot(f"{line.name} ({line.domain})", 100 * (line.share or 0.0), 100 * line.paper_share)
        for line in lines
    ]
    return _plot("Share of instances by major task", dots)


def _attribute_plots(statistics: Statistics) -> Iterator[str]:
    for domain in dict.fromkeys(share.domain for share in statistics.attributes):
        dots = [
            _dot(share.name if not share.part_of else f"{share.name} ({share.part_of})",
                 share.share, share.paper)
            for share in statistics.attributes
            if share.domain == domain
        ]  # fmt: skip
        yield f"<h3>{escape(domain)}</h3>"
        yield _plot(f"Attributes of the domain of {domain}", dots)


def _dot(name: str, share: float, paper: float | None) -> Dot:
    marks = [] if paper is None else [("paper", paper)]
    return Dot(name, share, None, None, marks, note=f"{name}: {share:.2f} %")


def _plot(title: str, dots: list[Dot]) -> str:
    values = [value for dot in dots for value in (dot.value or 0.0, *(v for _, v in dot.marks))]
    return dot_plot(title, dots, 0, max([1.0, *values]))


def _tree(node: TreeNode) -> str:
    """The node and what it divides into, opened and closed by a click; tasks are leaves."""
    title = f'{escape(node.name)} <span class="soft">{node.instances:,}</span>'
    if not node.children:
        return title
    inner = "".join(f"<li>{_tree(child)}</li>" for child in node.children)
    return f"<details open><summary>{title}</summary><ul>{inner}</ul></details>"
