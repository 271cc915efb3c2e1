"""A report on a corpus: what is there, what was repaired, what is wrong, and where."""

from __future__ import annotations

import difflib
import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

from audioflan_tasks import catalogue
from audioflan_tasks.records.instance import Instance
from audioflan_tasks.records.repairs import (
    MEANINGS,
    PROBLEMS,
    Ledger,
    ProblemKind,
    Repair,
    RepairGroup,
    keep_example,
    keep_examples,
)
from audioflan_tasks.records.schema import MINIMAL_RECORD
from audioflan_tasks.records.spans import Markers
from audioflan_tasks.records.tree import LineRange, name_in, read_file

__all__ = [
    "AudioFault",
    "AudioProbe",
    "CorpusReport",
    "PartReport",
    "RecordTally",
    "add_part",
    "check_lines",
]


@dataclass(frozen=True, slots=True)
class AudioFault:
    """What is wrong with the audio of an id: missing, unreadable, unsafe or outside."""

    kind: str
    reason: str


AudioProbe = Callable[[str, Instance], AudioFault | None]


@dataclass(slots=True)
class CorpusReport:
    """Counts over a corpus, with examples as file:line.

    Categories are by the output: `generation` where it holds audio. `references`
    counts spans, so a clip used twice counts twice. With `skip_unknown` records of unknown
    tasks, or of two, are no error.
    """

    root: str
    files: int = 0
    ledger: Ledger = field(default_factory=Ledger)
    tasks: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    domains: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    references: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    fault_examples: dict[str, list[str]] = field(default_factory=dict)
    audio_checked: bool = False
    uuids_checked: int = 0
    skip_unknown: bool = False

    @property
    def records(self) -> int:
        """Records that were read."""
        return self.ledger.records

    @property
    def skipped(self) -> int:
        """Lines and files that gave nothing."""
        return sum(self.ledger.problems.values())

    @property
    def ok(self) -> bool:
        """No line skipped, no unknown task, no audio at fault, and at least one record."""
        skipped, unknown = self.skipped, bool(self.ledger.unknown)
        if self.skip_unknown:
            skipped, unknown = skipped - self.ledger.problems[ProblemKind.TASK_DISAGREES], False
        return self.records > 0 and not skipped and not self.faults and not unknown

    def merge(self, other: CorpusReport) -> None:
        """Adds the counts of another part of the corpus."""
        self.ledger.merge(other.ledger)
        self.tasks.update(other.tasks)
        self.splits.update(other.splits)
        self.domains.update(other.domains)
        self.categories.update(other.categories)
        self.references += other.references
        self.faults.update(other.faults)
        keep_examples(self.fault_examples, other.fault_examples)

    def as_dict(self) -> dict[str, Any]:
        """The whole report, ready for JSON."""
        ledger = self.ledger
        return {
            "root": self.root,
            "ok": self.ok,
            "files": self.files,
            "records": self.records,
            "skipped": self.skipped,
            "tasks": _ordered(self.tasks),
            "splits": _ordered(self.splits),
            "domains": _ordered(self.domains),
            "categories": _ordered(self.categories),
            "uuids_checked": self.uuids_checked,
            "repairs": {
                str(kind): {
                    "count": count,
                    "meaning": MEANINGS[kind],
                    "examples": ledger.repair_examples.get(kind, []),
                }
                for kind, count in ledger.repairs.most_common()
            },
            "answer_forms": self.answer_forms(),
            "unknown_tasks": self.unknown_tasks(),
            "problems": {
                str(kind): {
                    "count": count,
                    "meaning": PROBLEMS[kind],
                    "examples": [str(p) for p in ledger.problem_examples.get(kind, [])],
                }
                for kind, count in ledger.problems.most_common()
            },
            "audio": {
                "checked": self.audio_checked,
                "references": self.references,
                "faults": {
                    kind: {"count": count, "examples": self.fault_examples[kind]}
                    for kind, count in self.faults.most_common()
                },
            },
        }

    def lines(self) -> list[str]:
        """The report as text for a terminal, the worst last."""
        lines = [
            f"{self.root}: {self.records} records in {self.files} files, {self.skipped} skipped",
            f"splits: {_joined_counts(self.splits)}",
            f"domains: {_joined_counts(self.domains)}",
            f"categories: {_joined_counts(self.categories)}",
            f"tasks: {_joined_counts(self.tasks)}",
        ]
        ledger = self.ledger
        lines += ["repairs and notes:"] if ledger.repairs else ["repairs and notes: none"]
        lines += [self._group_line(group) for group in ledger.groups()]
        lines += [_form_line(row) for row in self.answer_forms()]
        lines += self._unknown_task_lines()
        for problem_kind, count in ledger.problems.most_common():
            lines.append(f"{count} {problem_kind}: {PROBLEMS[problem_kind]}")
            lines += [f"  {example}" for example in ledger.problem_examples[problem_kind]]
        for fault, count in self.faults.most_common():
            lines.append(f"{count} of {self.references} references to audio: {fault}")
            lines += [f"  {example}" for example in self.fault_examples[fault]]
        if self.audio_checked and not self.faults:
            lines.append(f"audio: all {self.references} references found and readable")
        lines.append("ok" if self.ok else "not ok")
        return lines

    def _group_line(self, group: RepairGroup) -> str:
        """One line for kinds that always occur together."""
        names = ", ".join(group.kinds)
        meanings = "; ".join(MEANINGS[kind] for kind in group.kinds)
        places = ", ".join(self.ledger.repair_examples.get(group.kinds[0], [])[:2])
        return f"  {group.count:>9} {names}: {meanings} ({places})"

    def _unknown_task_lines(self) -> list[str]:
        rows = self.unknown_tasks()
        lines = [
            (f"unknown task {row['minor']!r}" if row["minor"] else "no task")
            + f": {row['records']} records"
            + (f"; nearest: {', '.join(row['nearest'])}" if row["nearest"] else "")
            + f" ({', '.join(row['examples'][:2])})"
            for row in rows
        ]
        hint = (
            "a record names one of the tasks that `audioflan tasks` lists, or is left out with "
            f"--policy skip; the least that a record has: {MINIMAL_RECORD}"
        )
        return [*lines, hint] if lines else []

    def answer_forms(self) -> list[dict[str, Any]]:
        """Tasks with answers that look like another form, and how many of their records do."""
        return [
            {
                "task": task,
                "looks_like": form,
                "expected": catalogue.get(task).answer_kind.form,
                "answers": count,
                "records": self.tasks[task],
                "examples": self.ledger.form_examples[task, form],
            }
            for (task, form), count in self.ledger.forms.most_common()
        ]

    def unknown_tasks(self) -> list[dict[str, Any]]:
        """Names that no task has, most frequent first, each with the nearest known names."""
        minor_names = {row.minor.lower(): row.minor for row in catalogue.tasks()}
        rows = []
        for key, count in self.ledger.unknown.most_common():
            minor, major, domain = key
            plain = minor.lower().replace("_", " ")
            nearest = difflib.get_close_matches(plain, list(minor_names), n=3, cutoff=0.55)
            rows.append(
                {
                    "minor": minor,
                    "major": major,
                    "domain": domain,
                    "records": count,
                    "nearest": [minor_names[name] for name in nearest],
                    "examples": self.ledger.unknown_examples[key],
                }
            )
        return rows


class RecordTally(Protocol):
    """Counts of one's own over the records of a corpus, made in parts that are added up."""

    def count(self, instance: Instance) -> None:
        """Looks at a record."""

    def merge(self, other: Self) -> None:
        """Adds the counts of another part."""


@dataclass(frozen=True, slots=True)
class PartReport:
    """What was counted in some lines of the file `name`.

    `uuids` has 64 bits of a digest of each record's uuid, `lines` its line; both are empty where
    uuids are not compared.
    """

    name: str
    report: CorpusReport = field(default_factory=lambda: CorpusReport(""))
    tally: RecordTally | None = None
    uuids: array[int] = field(default_factory=lambda: array("Q"))
    lines: array[int] = field(default_factory=lambda: array("Q"))


def check_lines(
    path: Path,
    root: Path,
    lines: LineRange,
    *,
    probe: AudioProbe | None,
    markers: Markers | None,
    splits: Mapping[str, str],
    compare_uuids: bool,
    tally: RecordTally | None,
) -> PartReport:
    """Reads some lines of a file below `root` and reports.

    `probe` looks at the audio of an id; without, audio is not looked at.
    """
    part = PartReport(name_in(path, root), tally=tally)
    report = part.report
    instances = read_file(
        path, root=root, ledger=report.ledger, markers=markers, splits=splits, infer=False,
        lines=lines,
    )  # fmt: skip
    for instance in instances:
        _count(report, instance)
        if probe is not None:
            _probe(report, instance, probe)
        if compare_uuids:
            part.uuids.append(_key_of(instance.uuid))
            part.lines.append(int(instance.where.rpartition(":")[2]))
        if tally is not None:
            tally.count(instance)
    return part


def add_part(report: CorpusReport, part: PartReport, uuids: set[int]) -> None:
    """Adds the next part of a corpus; `uuids` are those of the parts before."""
    report.merge(part.report)
    report.uuids_checked += len(part.uuids)
    for key, line in zip(part.uuids, part.lines, strict=True):
        if key in uuids:
            report.ledger.repair([Repair.UUID_DUPLICATE], f"{part.name}:{line}")
        uuids.add(key)


def _key_of(uuid: str) -> int:
    digest = hashlib.blake2b(uuid.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest)


def _count(report: CorpusReport, instance: Instance) -> None:
    report.tasks[instance.task] += 1
    report.splits[instance.split] += 1
    report.domains[instance.domain] += 1
    report.categories[instance.category] += 1


def _probe(report: CorpusReport, instance: Instance, probe: AudioProbe) -> None:
    for audio_id in instance.audio_ids:
        report.references += 1
        fault = probe(audio_id, instance)
        if fault is not None:
            report.faults[fault.kind] += 1
            examples = report.fault_examples.setdefault(fault.kind, [])
            keep_example(examples, f"{instance.where}: {fault.reason}")


def _form_line(row: Mapping[str, Any]) -> str:
    return (
        f"answer form: {row['answers']} of {row['records']} answers of {row['task']} look like "
        f"{row['looks_like']}, expected {row['expected']} ({', '.join(row['examples'][:2])}); "
        "is this the right task?"
    )


def _joined_counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name or 'unknown'} {count}" for name, count in counts.most_common())


def _ordered(counts: Counter[str]) -> dict[str, int]:
    return dict(counts.most_common())
