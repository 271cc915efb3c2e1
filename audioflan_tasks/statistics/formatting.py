"""The tables of section 3 as text: for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Iterator

from audioflan_tasks.statistics.tables import (
    AttributeShare,
    MajorLine,
    PartLine,
    Statistics,
    TreeNode,
)

__all__ = ["ATTRIBUTE_HEADER", "MAJOR_HEADER", "PART_HEADER", "TREE_HEADER", "attribute_rows",
           "dataset_rows", "major_rows", "notes", "part_rows", "tree_rows"]  # fmt: skip

MAJOR_HEADER = (
    "domain", "major task", "minor tasks", "instances", "share", "paper: instances",
    "paper: share", "input/output", "U/G",
)  # fmt: skip
PART_HEADER = (
    "category", "domain", "major tasks", "minor tasks", "datasets", "instances",
    "paper: major tasks", "paper: minor tasks", "paper: datasets", "paper: instances",
)  # fmt: skip
TREE_HEADER = ("part", "instances")
ATTRIBUTE_HEADER = ("domain", "attribute", "occurrences", "share", "paper: share")
_INDENT = "  "


def major_rows(statistics: Statistics) -> list[tuple[str, ...]]:
    """Table 2 with the paper's numbers."""
    return [_major_row(line) for line in statistics.majors]


def part_rows(statistics: Statistics) -> list[tuple[str, ...]]:
    """Section 3's counts of tasks, datasets and instances."""
    return [_part_row(line) for line in statistics.parts]


def tree_rows(statistics: Statistics) -> list[tuple[str, ...]]:
    """Figure 2, a line a node, indented by its depth."""
    return [
        (f"{_INDENT * depth}{node.name}", f"{node.instances:,}")
        for depth, node in _walk(statistics.tree, 0)
    ]


def attribute_rows(statistics: Statistics) -> list[tuple[str, ...]]:
    """Figure 3."""
    return [_attribute_row(share) for share in statistics.attributes]


def dataset_rows(statistics: Statistics) -> list[tuple[str, ...]]:
    """Corpora with their instances; "unknown" are those of no corpus that is known."""
    return [(name or "unknown", f"{n:,}") for name, n in statistics.datasets.items()]


def notes(statistics: Statistics) -> Iterator[str]:
    """What a reader of the numbers must know, as sentences."""
    if statistics.without_task:
        yield f"{statistics.without_task:,} instances are of no known task: not counted"
    if statistics.lost_lines:
        yield f"{statistics.lost_lines:,} lines give no record (audioflan check says why)"


def _walk(node: TreeNode, depth: int) -> Iterator[tuple[int, TreeNode]]:
    yield depth, node
    for child in node.children:
        yield from _walk(child, depth + 1)


def _major_row(line: MajorLine) -> tuple[str, ...]:
    minors = str(line.minors) if line.minors == line.all_minors else (
        f"{line.minors} of {line.all_minors}"
    )  # fmt: skip
    return (
        line.domain, line.name, minors, f"{line.instances:,}", _percent(line.share),
        f"{line.paper_instances:,}", _percent(line.paper_share), line.modality,
        line.category[:1].upper(),
    )  # fmt: skip


def _part_row(line: PartLine) -> tuple[str, ...]:
    counts = (
        line.majors, line.minors, line.datasets, line.instances, line.paper_majors,
        line.paper_minors, line.paper_datasets, line.paper_instances,
    )  # fmt: skip
    return (line.category or "all", line.domain or "all", *(f"{count:,}" for count in counts))


def _attribute_row(share: AttributeShare) -> tuple[str, ...]:
    paper = "" if share.paper is None else f"{share.paper:.1f} %"
    name = f"{_INDENT}{share.name}" if share.part_of else share.name
    return (share.domain, name, f"{share.occurrences:,}", f"{share.share:.1f} %", paper)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f} %"
