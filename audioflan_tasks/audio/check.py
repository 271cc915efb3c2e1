"""The report on a corpus with its audio: every id resolved, every file's header read.

Files of records are read in parts, each a unit of work. Parts are added up in the order of the
corpus, so the report is the same whatever the runner.
"""

from __future__ import annotations

import copy
import os
import secrets
from collections.abc import Callable, Container, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from audioflan_tasks.audio.headers import HeaderProbe
from audioflan_tasks.audio.parts import RecordPart, record_parts
from audioflan_tasks.audio.resolve import AudioIndex, simulated_ids
from audioflan_tasks.records.check import (
    CorpusReport,
    PartReport,
    RecordTally,
    add_part,
    check_lines,
)
from audioflan_tasks.records.repairs import Problem, ProblemKind
from audioflan_tasks.records.settle import NO_SPLIT_NAMES
from audioflan_tasks.records.spans import Markers
from audioflan_tasks.records.tree import name_in, read_file, record_files
from audioflan_tasks.remote import shown_root
from audioflan_tasks.runners import LocalRunner, Runner, map_alone, map_items

__all__ = ["CorpusReport", "check"]

_ENDS_PROCESS = "ends the process that reads it"


@dataclass(frozen=True, slots=True)
class _CheckJob:
    """What all parts of a corpus have in common; plain values.

    `check` is a word for this check: workers may outlive it, and the next one sees files that have
    come since.
    """

    root: Path
    audio: bool
    known_ids: Callable[[Path], Container[str]]
    markers: Markers | None
    splits: Mapping[str, str]
    tally: RecordTally | None
    check: str


def check(
    root: str | os.PathLike[str],
    *,
    audio: bool = True,
    known_ids: Callable[[Path], Container[str]] = simulated_ids,
    markers: Markers | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    splits: Mapping[str, str] = NO_SPLIT_NAMES,
    skip_unknown: bool = False,
    tally: RecordTally | None = None,
    runner: Runner | None = None,
) -> CorpusReport:
    """Reads every record and the header of every audio file below `root`, and reports.

    A file at which worker processes die is in the report as unreadable.

    Args:
      root: a release tree, a folder of JSONL or one JSONL file.
      audio: whether to look at audio; else only records and lists are read.
      known_ids: gives the ids without a file that are fine nevertheless, from the corpus's folder.
      markers: the span markers where they are not SOA and EOA.
      progress: called with the number of parts that are read, and of all.
      splits: what unknown words for splits mean, such as {"trian": "train"}.
      skip_unknown: records of unknown tasks are no error.
      tally: counts of one's own, empty; each part counts in a copy, which is added to it.
      runner: what reads the parts; None reads them in this process.

    Raises:
      RecordError: there is nothing to read.
      RunnerError: worker processes go on dying.
    """
    base = Path(root)
    files = record_files(base)
    report = CorpusReport(
        shown_root(root), len(files), audio_checked=audio, skip_unknown=skip_unknown
    )
    AudioIndex(root, ledger=report.ledger).check_lists()
    job = _CheckJob(base, audio, known_ids, markers, dict(splits), tally, secrets.token_hex(4))
    uuids: set[int] = set()
    with nullcontext(runner) if runner else LocalRunner(1) as parts_runner:
        for part in _part_reports(
            job, record_parts(files, base, parts_runner), parts_runner, progress
        ):
            add_part(report, part, uuids)
            if tally is not None and part.tally is not None:
                tally.merge(part.tally)
    return report


def _part_reports(
    job: _CheckJob, parts: list[RecordPart], runner: Runner, progress: Callable[[int, int], None]
) -> list[PartReport]:
    count = 0

    def advance(increment: int) -> None:
        nonlocal count
        count += increment
        progress(count, len(parts))

    return map_items(
        runner, partial(_check_part, job, refused_files=()), parts, per_unit=1, advance=advance,
        death_result=partial(_lost_part, job, runner),
    )  # fmt: skip


def _check_part(job: _CheckJob, part: RecordPart, refused_files: tuple[Path, ...]) -> PartReport:
    """The report on a part; `refused_files` are audio files that are not opened."""
    probe = _probe_of(job.root, job.known_ids, job.check) if job.audio else None
    if probe is not None:
        probe.refuse(refused_files, _ENDS_PROCESS)
    return check_lines(
        part.path, job.root, part.lines, probe=None if probe is None else probe.fault,
        markers=job.markers, splits=job.splits, compare_uuids=part.compare_uuids,
        tally=copy.deepcopy(job.tally),
    )  # fmt: skip


@lru_cache(maxsize=1)
def _probe_of(
    root: Path, known_ids: Callable[[Path], Container[str]], check_word: str
) -> HeaderProbe:
    """The audio of a corpus; lists, folders and headers are read once in a process."""
    index = AudioIndex(root)
    return HeaderProbe(index, known_ids(index.root))


def _lost_part(job: _CheckJob, runner: Runner, part: RecordPart) -> PartReport:
    """The report on a part at which a process died: without the audio files at which it dies."""
    [paths] = map_alone(runner, partial(_audio_files, job), [part], death_result=lambda _: None)
    if paths is None:
        return _unreadable(job, part)
    survives = map_alone(runner, partial(_reads_header, job), paths, death_result=lambda _: False)
    refused_files = tuple(
        path for path, is_read in zip(paths, survives, strict=True) if not is_read
    )
    read_without = partial(_check_part, job, refused_files=refused_files)
    [report] = map_alone(runner, read_without, [part], death_result=partial(_unreadable, job))
    return report


def _audio_files(job: _CheckJob, part: RecordPart) -> list[Path] | None:
    """The audio files of a part that are looked at, each once."""
    if not job.audio:
        return []
    probe = _probe_of(job.root, job.known_ids, job.check)
    instances = read_file(
        part.path, root=job.root, markers=job.markers, splits=job.splits, infer=False,
        lines=part.lines,
    )  # fmt: skip
    return sorted({path for instance in instances for path in probe.paths(instance)})


def _reads_header(job: _CheckJob, path: Path) -> bool:
    _probe_of(job.root, job.known_ids, job.check).header(path)
    return True


def _unreadable(job: _CheckJob, part: RecordPart) -> PartReport:
    """The report on a part of which the records themselves end the process."""
    name = name_in(part.path, job.root)
    report = CorpusReport("")
    place = f"{name}:{part.lines.lines_before + 1}"
    size = part.lines.end - part.lines.start
    reason = f"one of the lines from here on, in {size:,} bytes, {_ENDS_PROCESS}"
    report.ledger.problem(Problem(place, ProblemKind.UNREADABLE, reason))
    return PartReport(name, report)
