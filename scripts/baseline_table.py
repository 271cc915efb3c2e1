"""Evaluates every baseline on the whole bundled test split and writes the table of
docs/evaluation.md: `python scripts/baseline_table.py [--out FOLDER] [--limit N] [--print]`.

The model is `nearest`, which hears, so that `blind` and `shuffled` mean something. With a
folder the run is kept and resumed; with `--print` the table goes to the screen alone.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from audioflan_tasks.evaluation import Results, evaluate  # noqa: E402
from audioflan_tasks.evaluation.models import NearestModel  # noqa: E402
from audioflan_tasks.evaluation.results import TaskResult  # noqa: E402
from audioflan_tasks.evaluation.setup import QuestionCount  # noqa: E402

TARGET = ROOT / "docs" / "evaluation.md"
BASELINES = ("random", "majority", "copy", "roundtrip", "blind", "shuffled", "oracle")
GROUPS: tuple[tuple[str, Callable[[TaskResult], str]], ...] = (
    ("domain", lambda task: task.domain),
    ("category", lambda task: task.category),
    ("all", lambda task: "all"),
)


def main() -> int:
    """Runs, says how long it took, and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="folder of the run; a temporary one if not given")
    parser.add_argument("--limit", type=float, help="questions per task")
    parser.add_argument("--print", action="store_true", help="leave the file alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        started, load = time.perf_counter(), os.getloadavg()[0]
        results = evaluate(
            NearestModel(), "audioflan_all", options.out or Path(scratch), limit=options.limit,
            baselines=BASELINES, progress=_show,
        )  # fmt: skip
        seconds = time.perf_counter() - started
    print(f"{seconds:.0f} s, load {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end")
    text = "\n".join(_tables(results)) + "\n"
    if options.print:
        print(text)
    else:
        TARGET.write_text(_between(text, TARGET.read_text(encoding="utf-8")), encoding="utf-8")
        print(f"wrote {TARGET}")
    return len(results.failed)


def _show(count: QuestionCount) -> None:
    if sys.stderr.isatty():
        print(f"{count.task}: {count.done} of {count.questions}", end="\r", file=sys.stderr)


def _tables(results: Results) -> Iterator[str]:
    columns = ("nearest", *BASELINES)
    headline = [task for task in results.tasks if task.headline]
    answered = sum(task.answered for task in results.tasks)
    yield (
        f"{len(results.tasks)} tasks, {answered} questions, seed {results.config['seed']}; means "
        f"over the {len(headline)} tasks that count, in brackets over how many where fewer:"
    )
    yield from ("", f"| | tasks | {' | '.join(columns)} |", "|---|---|" + "---|" * len(columns))
    for _, key in GROUPS:
        for name in dict.fromkeys(map(key, headline)):
            members = [task for task in headline if key(task) == name]
            cells = (_mean(members, column) for column in columns)
            yield f"| {name} | {len(members)} | {' | '.join(cells)} |"
    yield from ("", "Task by task (grade W in brackets: never in a mean):", "")
    yield f"| task | metric | n | chance | {' | '.join(columns)} |"
    yield "|---|---|---|---|" + "---|" * len(columns)
    yield from map(_row, results.tasks)


def _row(task: TaskResult) -> str:
    name, first = task.task.removeprefix("audioflan_"), task.primary
    if first is None:
        return f"| {name} | failed: {task.reason} |"
    scores = (_number(_score(task, column)) for column in ("nearest", *BASELINES))
    shown = name if task.headline else f"({name})"
    chance = "" if task.chance is None else f"{task.chance:.3g} {task.chance_by}"
    return f"| {shown} | {first.name} | {task.answered} | {chance} | {' | '.join(scores)} |"


def _mean(tasks: Sequence[TaskResult], column: str) -> str:
    known = [value for task in tasks if (value := _score(task, column)) is not None]
    if not known:
        return ""
    part = "" if len(known) == len(tasks) else f" ({len(known)})"
    return _number(sum(known) / len(known)) + part


def _score(task: TaskResult, column: str) -> float | None:
    if column == "nearest":
        return task.normalised
    found = task.baselines.get(column)
    return None if found is None else found.normalised


def _number(value: float | None) -> str:
    return "" if value is None else f"{round(value) + 0:d}"


def _between(table: str, text: str) -> str:
    begin, end = "<!-- baselines: begin -->\n", "<!-- baselines: end -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    return pattern.sub(lambda _: begin + table + end, text)


if __name__ == "__main__":
    sys.exit(main())
