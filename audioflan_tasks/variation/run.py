"""A run: pools or records of some tasks, and the files that come of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import SettingsError, reason_of
from audioflan_tasks.plain_files import read_plain_text
from audioflan_tasks.records import Instance
from audioflan_tasks.variation.attempts import RewriteSource, Tally
from audioflan_tasks.variation.pools import PoolOutcome, PoolUnit, reviewed
from audioflan_tasks.variation.records import RecordBatch, RecordOutcome, reviewed_records
from audioflan_tasks.variation.run_files import (
    QueuedRewrite,
    Review,
    pool_file,
    pool_text,
    read_lines,
    write_lines,
)
from audioflan_tasks.whole_files import write_whole

__all__ = ["QUEUE", "REVIEWS", "RunReport", "record_batches", "vary_pools", "vary_records"]

QUEUE, REVIEWS, REPORT = "queue.jsonl", "reviews.jsonl", "report.json"
# Batches that are asked before their answers are written.
_WINDOW = 4
# Called with the number of units that are done.
Progress = Callable[[int], None]
Reviews = Mapping[str, Review]
Unit = TypeVar("Unit", PoolUnit, RecordBatch)
Outcome = TypeVar("Outcome", PoolOutcome, RecordOutcome)


class _TaskCounts(msgspec.Struct, frozen=True):
    """Counts of a task, as `report.json` has them."""

    attempts: int
    accepted: int
    queued: int
    rules: dict[str, int]
    overruled: dict[str, int] = {}


class _ReportFile(msgspec.Struct, frozen=True):
    """What `report.json` holds."""

    prompt: str
    tokens: dict[str, tuple[int, int]]
    tasks: dict[str, _TaskCounts]


@dataclass(slots=True)
class RunReport:
    """Counts of a run by task, and tokens by model."""

    tasks: dict[str, Tally] = field(default_factory=dict)
    tokens: dict[str, tuple[int, int]] = field(default_factory=dict)
    prompt: str = ""

    def add(self, task: str, tally: Tally) -> None:
        """Counts what came of a unit of a task."""
        self.tasks.setdefault(task, Tally()).add(tally)

    @property
    def total(self) -> Tally:
        """All tasks together."""
        total = Tally()
        for tally in self.tasks.values():
            total.add(tally)
        return total

    def cost(self, prices: tuple[float, float]) -> float:
        """What all tokens cost at prices for a million tokens read and written."""
        pairs = self.tokens.values()
        return (
            sum(tokens_in * prices[0] + tokens_out * prices[1] for tokens_in, tokens_out in pairs)
            / 1e6
        )

    def write(self, folder: Path) -> None:
        """Writes `report.json`."""
        content = {
            "prompt": self.prompt,
            "tokens": {model: list(pair) for model, pair in self.tokens.items()},
            "tasks": {
                task: {
                    "attempts": tally.attempts,
                    "accepted": tally.accepted_count,
                    "queued": tally.queued_count,
                    "rules": dict(sorted(tally.rules.items())),
                    "overruled": dict(sorted(tally.overruled.items())),
                }
                for task, tally in sorted(self.tasks.items())
            },
        }
        write_whole(folder / REPORT, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def vary_pools(
    units: Sequence[PoolUnit],
    folder: Path,
    sources: Sequence[RewriteSource],
    workers: int = 1,
    progress: Progress = lambda unit_count: None,
) -> RunReport:
    """Varies pools and writes what was accepted; units run at the same time.

    Raises:
      VariationError: a model gives no answer; what is there is kept.
    """

    def keep(unit: PoolUnit, outcome: PoolOutcome, reviews: Reviews) -> PoolOutcome:
        outcome = reviewed(outcome, unit.row, unit.language, reviews)
        words = outcome.pool(unit.hand_written)
        if words is not None:
            write_whole(pool_file(folder, unit.row.id, unit.language), pool_text(words))
        return outcome

    outcomes = _outcomes(units, PoolUnit.run, workers)
    return _report(outcomes, folder, sources, progress, keep)


def vary_records(
    batches: Iterable[RecordBatch],
    folder: Path,
    sources: Sequence[RewriteSource],
    workers: int = 1,
    progress: Progress = lambda unit_count: None,
) -> RunReport:
    """Varies records and writes those that were accepted, batch by batch.

    Raises:
      VariationError: a model gives no answer; what is there is kept.
    """
    begun_files = set[Path]()

    def keep(batch: RecordBatch, outcome: RecordOutcome, reviews: Reviews) -> RecordOutcome:
        outcome = reviewed_records(outcome, reviews)
        _append(folder / "records" / f"{batch.row.id}.jsonl", outcome.records, begun_files)
        return outcome

    outcomes = _outcomes(batches, RecordBatch.run, workers)
    return _report(outcomes, folder, sources, progress, keep)


def _report(
    outcomes: Iterable[tuple[Unit, Outcome]],
    folder: Path,
    sources: Sequence[RewriteSource],
    progress: Progress,
    keep: Callable[[Unit, Outcome, Reviews], Outcome],
) -> RunReport:
    """Counts the outcomes of units; `keep` adds what a person decided and writes what is valid."""
    reviews = {review.key: review for review in read_lines(folder / REVIEWS, Review)}
    report, queue = RunReport(prompt=sources[-1].prompts.name), dict[str, QueuedRewrite]()
    for number, (unit, outcome) in enumerate(outcomes, 1):
        report.add(unit.row.id, outcome.tally)
        # A model may give the same bad rewrite twice; a person sees it once.
        queue |= {item.key: item for item in keep(unit, outcome, reviews).queue}
        progress(number)
    models = [source.model for source in sources]
    models += [source.judge.model for source in sources if source.judge is not None]
    names = dict.fromkeys(model.name for model in models)
    report.tokens = {name: sources[0].log.tokens(name) for name in names}
    write_lines(folder / QUEUE, queue.values())
    report.write(folder)
    return report


def record_batches(
    instances: Iterable[Instance],
    row: TaskRow,
    asker: RewriteSource,
    size: int,
    part: tuple[int, int],
) -> Iterator[RecordBatch]:
    """Records of a task in batches, of which every n-th is one of this part: (number from 0, n)."""
    iterator = iter(instances)
    number = 0
    while members := list(islice(iterator, size)):
        if number % part[1] == part[0]:
            yield RecordBatch(row, members, asker)
        number += 1


def _outcomes(
    units: Iterable[Unit], run: Callable[[Unit], Outcome], workers: int
) -> Iterator[tuple[Unit, Outcome]]:
    """Units with what comes of them, in their order, some at the same time."""
    iterator = iter(units)
    with ThreadPoolExecutor(workers) as executor:
        while window := list(islice(iterator, workers * _WINDOW)):
            yield from zip(window, executor.map(run, window), strict=True)


def _append(file: Path, records: Iterable[Mapping[str, Any]], begun_files: set[Path]) -> None:
    """Adds records to a file, which the first of a run begin anew."""
    mode = "a" if file in begun_files else "w"
    begun_files.add(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open(mode, encoding="utf-8") as stream:
        for record in records:
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")


def read_report(folder: Path) -> dict[str, Any]:
    """The content of `report.json` of a run's folder; {} where there is none.

    Raises:
      SettingsError: it is not what a run writes.
    """
    file = folder / REPORT
    try:
        content = msgspec.json.decode(read_plain_text(file), type=_ReportFile)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{file}: not what audioflan vary writes ({reason_of(error)})"
        ) from error
    fields: dict[str, Any] = msgspec.to_builtins(content)
    return fields
