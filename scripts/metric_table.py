"""Writes the two tables of docs/metrics.md from the fact sheets of the metrics.

With `--check` nothing is written, and the exit status is 1 if the file is not up to date.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

from generated_page import between, write_or_check

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from audioflan_tasks import catalogue  # noqa: E402
from audioflan_tasks.catalogue import TaskRow  # noqa: E402
from audioflan_tasks.metrics import (  # noqa: E402
    METRICS,
    MetricInfo,
    metric,
    metrics_on_scores,
)

TARGET = ROOT / "docs" / "metrics.md"


def main() -> int:
    """Writes the file, or says whether it is up to date."""
    before = TARGET.read_text(encoding="utf-8")
    return write_or_check(TARGET, between("tasks", _tasks(), between("metrics", _sheets(), before)))


def _tasks() -> str:
    rows = ["| task | answer | metrics, primary first | library, source of the first | asked for |"]
    rows.append("|---|---|---|---|---|")
    rows += [_task(row) for row in catalogue.tasks()]
    return "\n".join(rows) + "\n"


def _task(row: TaskRow) -> str:
    names = ", ".join(f"{n} {_sign(metric(n))}" for n in row.metrics)
    first = metric(row.metrics[0])
    scored = [f"{n} (scores)" for n in metrics_on_scores(row)]
    asked = ", ".join((*scored, *row.optional_metrics))
    return (
        f"| {row.minor} | {row.answer} | {names} | {first.library}: {first.reference} | {asked} |"
    )


def _sheets() -> str:
    rows = ["| metric | unit | range | best | of a failed answer | at chance | library | source |"]
    rows.append("|---|---|---|---|---|---|---|---|")
    for info in METRICS.values():
        where = info.library + (f", extra `{info.extra}`" if info.extra else "")
        needs = "".join(f"; needs {n}" for n in info.needs)
        rows.append(
            f"| {info.name} {_sign(info)} | {info.unit} "
            f"| {_number(info.low)} to {_number(info.high)} | {_number(info.best)} "
            f"| {info.on_empty} | {info.chance} | {where}{needs} | {info.reference} |"
        )
    return "\n".join(rows) + "\n"


def _sign(info: MetricInfo) -> str:
    return "↑" if info.better == "higher" else "↓"


def _number(value: float) -> str:
    return "∞" if math.isinf(value) else f"{value:g}"


if __name__ == "__main__":
    raise SystemExit(main())
