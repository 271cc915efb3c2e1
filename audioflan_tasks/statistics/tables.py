"""Table 2, Figure 2, Figure 3 and the counts of section 3, from counts of instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.statistics.counts import InstanceCounts
from audioflan_tasks.statistics.paper import PAPER_ATTRIBUTES, PAPER_PARTS

__all__ = [
    "OTHER_ATTRIBUTES", "AttributeShare", "MajorLine", "PartLine", "Statistics", "TreeNode",
    "statistics_of",
]  # fmt: skip

# What Figure 3 puts together within the domain of audio: all but its three largest attributes.
OTHER_ATTRIBUTES = "others"
_LARGEST_OF_AUDIO = ("scene", "event", "speech")


@dataclass(frozen=True, slots=True)
class MajorLine:
    """A line of Table 2, or a total of it (`name` "Total").

    `minors` have instances, of `all_minors` in the catalogue; shares are of all instances.
    `modality` is what it reads and writes.
    """

    domain: str
    name: str
    minors: int
    all_minors: int
    instances: int
    share: float | None
    paper_instances: int
    paper_share: float
    modality: str
    category: str


@dataclass(frozen=True, slots=True)
class PartLine:
    """Section 3's counts of a category, or of a domain in it; "" stands for all."""

    category: str
    domain: str
    majors: int
    minors: int
    datasets: int
    instances: int
    paper_majors: int
    paper_minors: int
    paper_datasets: int
    paper_instances: int


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A node of Figure 2: a name, its instances, and what it divides into."""

    name: str
    instances: int
    children: tuple[TreeNode, ...] = ()


@dataclass(frozen=True, slots=True)
class AttributeShare:
    """An attribute's share of all occurrences of attributes in a domain, in percent.

    `part_of` is "others" for those that Figure 3 shows together. `paper` is None where the text
    has no number.
    """

    domain: str
    name: str
    occurrences: int
    share: float
    paper: float | None
    part_of: str = ""


@dataclass(frozen=True, slots=True)
class Statistics:
    """All of section 3, for some counts of instances; `source` says of what."""

    source: str
    instances: int
    without_task: int
    lost_lines: int
    majors: Sequence[MajorLine]
    parts: Sequence[PartLine]
    tree: TreeNode
    attributes: Sequence[AttributeShare]
    datasets: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return asdict(self)


def statistics_of(counts: InstanceCounts, source: str) -> Statistics:
    """The tables of section 3. Datasets are corpora by the catalogue's names."""
    by_task = counts.by_task
    rows = catalogue.tasks()
    corpora = Counter[str]()
    for (_, corpus), count in counts.instances.items():
        corpora[corpus] += count
    return Statistics(
        source=source,
        instances=sum(by_task.values()),
        without_task=counts.without_task,
        lost_lines=counts.lost_lines,
        majors=tuple(_major_lines(rows, by_task)),
        parts=tuple(_part_lines(rows, counts)),
        tree=_tree("Audio-FLAN", rows, by_task, ("paper_category", "domain", "major", "minor")),
        attributes=tuple(_attribute_shares(counts)),
        datasets=dict(corpora.most_common()),
    )


def _grouped(rows: Iterable[TaskRow], fact: str) -> dict[str, list[TaskRow]]:
    """The rows by a fact of theirs, in the order in which its values come."""
    groups: dict[str, list[TaskRow]] = {}
    for row in rows:
        groups.setdefault(getattr(row, fact), []).append(row)
    return groups


def _major_lines(rows: Sequence[TaskRow], by_task: Counter[str]) -> Iterator[MajorLine]:
    whole = sum(by_task.values())
    paper_whole = sum(group.paper_instances for group in {row.group: None for row in rows})

    def line(domain: str, name: str, members: Sequence[TaskRow]) -> MajorLine:
        groups = dict.fromkeys(row.group for row in members)
        instances = sum(by_task[row.id] for row in members)
        paper_instances = sum(group.paper_instances for group in groups)
        is_total = name == "Total"
        return MajorLine(
            domain, name, sum(by_task[row.id] > 0 for row in members), len(members), instances,
            instances / whole if whole else None, paper_instances, paper_instances / paper_whole,
            "" if is_total else _modality(members),
            "" if is_total else members[0].paper_category,
        )  # fmt: skip

    for domain, of_domain in _grouped(rows, "domain").items():
        for name, of_major in _grouped(of_domain, "major").items():
            yield line(domain, name, of_major)
        yield line(domain, "Total", of_domain)
    yield line("", "Total", rows)


def _modality(rows: Iterable[TaskRow]) -> str:
    """What a major task reads and writes, such as (audio, text)/audio."""

    def kinds(sides: Iterable[Sequence[str]]) -> str:
        names = sorted({kind for side in sides for kind in side})
        return names[0] if len(names) == 1 else f"({', '.join(names)})"

    members = list(rows)
    return f"{kinds(row.reads for row in members)}/{kinds(row.writes for row in members)}"


def _part_lines(rows: Sequence[TaskRow], counts: InstanceCounts) -> Iterator[PartLine]:
    by_task = counts.by_task
    for (category, domain), paper in PAPER_PARTS.items():
        tasks = {
            row.id: row
            for row in rows
            if by_task[row.id]
            and category in ("", row.paper_category)
            and domain in ("", row.domain)
        }
        datasets = {corpus for (task, corpus) in counts.instances if task in tasks and corpus}
        yield PartLine(
            category, domain, len({row.group for row in tasks.values()}), len(tasks),
            len(datasets), sum(by_task[task] for task in tasks), paper.majors, paper.minors,
            paper.datasets, paper.instances,
        )  # fmt: skip


def _tree(
    name: str, rows: Sequence[TaskRow], by_task: Counter[str], levels: Sequence[str]
) -> TreeNode:
    """The rows by the facts in `levels`, outermost first, without what has no instances."""
    members = [row for row in rows if by_task[row.id]]
    groups = _grouped(members, levels[0]) if levels else {}
    children = tuple(_tree(key, group, by_task, levels[1:]) for key, group in groups.items())
    return TreeNode(name, sum(by_task[row.id] for row in members), children)


def _attribute_shares(counts: InstanceCounts) -> Iterator[AttributeShare]:
    """The attributes of each domain, the most frequent first; an instance may have several."""
    for domain in PAPER_ATTRIBUTES:
        occurrences = _occurrences(counts, domain)
        parts = {name: OTHER_ATTRIBUTES for name in occurrences if domain == "audio"}
        parts |= dict.fromkeys(_LARGEST_OF_AUDIO, "")
        other_count = sum(count for name, count in occurrences.items() if parts.get(name))
        lines = [(OTHER_ATTRIBUTES, other_count)] if domain == "audio" and occurrences else []
        whole = sum(occurrences.values())
        for name, count in [*lines, *occurrences.most_common()]:
            yield AttributeShare(
                domain, name, count, 100 * count / whole if whole else 0.0,
                PAPER_ATTRIBUTES[domain].get(name), parts.get(name, ""),
            )  # fmt: skip


def _occurrences(counts: InstanceCounts, domain: str) -> Counter[str]:
    """Instances by attribute: those of their task, and what their own answers name."""
    by_task = counts.by_task
    occurrences = Counter[str]()
    for row in catalogue.tasks():
        if row.domain == domain and by_task[row.id]:
            occurrences.update(dict.fromkeys(row.attributes, by_task[row.id]))
    for (task, attribute), count in counts.sounds.items():
        row = catalogue.get(task)
        if row.domain == domain and attribute not in row.attributes:
            occurrences[attribute] += count
    return occurrences
