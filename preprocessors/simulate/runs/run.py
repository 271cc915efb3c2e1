"""Running a plan: by any runner, so that it can be killed at any time and goes on.

Jobs are done in chunks. A finished job is a line in the log of its chunk, written after its
clips; a job without a line is done again, with the same result. Metadata and lists are
written from the logs when all chunks are done.
"""

from __future__ import annotations

import json
import pickle
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from audioflan_tasks.claimed_files import sole_claim
from audioflan_tasks.errors import AudioError, SettingsError
from audioflan_tasks.plain_files import read_plain_text
from audioflan_tasks.preprocessors.simulate.runs.job import BAD_SOUND, do_job
from audioflan_tasks.preprocessors.simulate.runs.layout import Outcome, chunk_log, finish
from audioflan_tasks.preprocessors.simulate.runs.plan import SimulationRun
from audioflan_tasks.runners import LocalRunner, Runner, WorkerDiedError
from audioflan_tasks.whole_files import naming_file, open_named, write_whole

__all__ = ["Outcome", "run"]

Progress = Callable[[int, int, int], None]

_PLAN = ".plan-"


@dataclass(frozen=True, slots=True)
class _ChunkCounts:
    jobs: int
    skipped: int


def run(
    plan: SimulationRun,
    workers: int = 1,
    progress: Progress | None = None,
    runner: Runner | None = None,
) -> Outcome:
    """Does every job that is not done yet, then writes metadata and lists.

    The result does not depend on `workers`, nor on how often the run was broken off.
    `progress(done, skipped, all)` is called after each chunk; `runner` does the chunks instead of
    `workers` processes.

    Raises:
      SettingsError: a run of that name with other settings or files is there.
      FileWriteError: a clip cannot be written; call again to go on.
      AudioError: a process died; likewise.
    """
    with _claim(plan), ExitStack() as stack:
        _check_settings(plan)
        todo = [n for n in range(plan.chunks) if not chunk_log(plan, n).exists()]
        job_count = plan.jobs - sum(_size(plan, n) for n in todo)
        skip_count = 0

        def count(number: int, chunk: _ChunkCounts) -> None:
            nonlocal job_count, skip_count
            job_count, skip_count = job_count + chunk.jobs, skip_count + chunk.skipped
            if progress is not None:
                progress(job_count, skip_count, plan.jobs)

        chunk_runner = runner or stack.enter_context(LocalRunner(max(1, workers)))
        path = stack.enter_context(_plan_file(plan))
        try:
            chunk_runner.run(_do, [(path, number) for number in todo], count)
        except WorkerDiedError as error:
            raise AudioError(
                f"{plan.out}: a process of the run died (out of memory?); the same command goes on "
                "where it stopped"
            ) from error
        return finish(plan)


@contextmanager
def _plan_file(plan: SimulationRun) -> Iterator[str]:
    """The plan as a file in its folder: with its lists of sounds it is too large for each unit."""
    for leftover in plan.home.glob(f"{_PLAN}*"):
        leftover.unlink()
    path = plan.home / f"{_PLAN}{secrets.token_hex(4)}"
    with naming_file(path):
        path.write_bytes(pickle.dumps(plan))
    try:
        yield str(path)
    finally:
        path.unlink(missing_ok=True)


@lru_cache(maxsize=1)
def _read_plan(path: str) -> SimulationRun:
    plan: SimulationRun = pickle.loads(Path(path).read_bytes())
    return plan


def _do(path: str, number: int) -> _ChunkCounts:
    return _do_chunk(_read_plan(path), number)


def _size(plan: SimulationRun, chunk: int) -> int:
    return min(plan.jobs, (chunk + 1) * plan.chunk) - chunk * plan.chunk


def _do_chunk(plan: SimulationRun, chunk: int) -> _ChunkCounts:
    """Does the jobs of a chunk that its unfinished log lacks."""
    log = chunk_log(plan, chunk)
    part = log.with_suffix(".part")
    first = chunk * plan.chunk
    lines = _intact(plan, part)
    if part.exists():
        # A line that was cut off must not run into the next one.
        write_whole(part, "".join(f"{line}\n" for line in lines.values()))
    with open_named(part, "a") as file:
        for number in range(first, first + _size(plan, chunk)):
            if number not in lines:
                lines[number] = json.dumps(_do_or_skip(plan, number))
                file.write(f"{lines[number]}\n")
                file.flush()
    part.replace(log)
    return _ChunkCounts(len(lines), sum('"skipped"' in line[:40] for line in lines.values()))


def _intact(plan: SimulationRun, part: Path) -> dict[int, str]:
    """Lines of an unfinished log by job, those whose clips are there."""
    lines = {}
    if part.exists():
        for line in part.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                entry: dict[str, Any] = json.loads(line)
                paths = [plan.out / path for _, path in entry.get("clips", ())]
            except (ValueError, AttributeError):
                # It was cut off.
                continue
            if all(path.is_file() for path in paths):
                lines[int(entry["job"])] = line
    return lines


def _do_or_skip(plan: SimulationRun, number: int) -> dict[str, Any]:
    try:
        return do_job(plan, number)
    except BAD_SOUND as error:
        name = plan.files[number // plan.times].name if plan.files else ""
        return {"job": number, "skipped": f"{error}", "file": name}


def _json_object(path: Path) -> dict[str, Any]:
    """The object of a JSON file; an empty one where it is damaged."""
    try:
        value = json.loads(read_plain_text(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _check_settings(plan: SimulationRun) -> None:
    """Writes the settings of the run, or compares them with those of the run that is resumed."""
    path, settings = plan.home / "run.json", plan.settings()
    if not path.exists():
        write_whole(path, json.dumps(settings, indent=1) + "\n")
        return
    previous = _json_object(path)
    # What a killed process was writing; whole files have names without a dot.
    for leftover in (plan.out / "audio_files" / plan.domain / plan.name).glob("*/.*"):
        leftover.unlink(missing_ok=True)
    differ = [key for key in settings if previous.get(key) != json.loads(json.dumps(settings[key]))]
    if differ:
        raise SettingsError(
            f"{plan.home}: a run of that name with other {', '.join(differ)} is there; give "
            "another name (--name) or folder (--out), or remove it"
        )


@contextmanager
def _claim(plan: SimulationRun) -> Iterator[None]:
    """One run of a name at a time."""
    refusal = f"{plan.home}: another process is at this run; wait for it"
    with ExitStack() as stack:
        with naming_file(plan.home):
            stack.enter_context(sole_claim(plan.home / "lock", refusal))
        yield
