"""The release's layout, written from the logs of a run: metadata, lists, and what was skipped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.preprocessors.simulate.runs.plan import SimulationRun
from audioflan_tasks.whole_files import WholeFiles

__all__ = ["Outcome", "chunk_log", "finish"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run has made; `skipped` names a file and a reason for each job that gave nothing."""

    clips: int
    records: dict[str, int]
    skipped: int
    reasons: tuple[tuple[str, str], ...]
    skipped_list: Path


_SHOWN = 5


def chunk_log(plan: SimulationRun, chunk: int) -> Path:
    """The log of a finished chunk."""
    return plan.home / f"{chunk:06d}.jsonl"


def finish(plan: SimulationRun) -> Outcome:
    """Writes metadata, list and skips; each file appears when it is complete."""
    clips, skipped, records = 0, 0, Counter[str]()
    reasons: list[tuple[str, str]] = []
    with WholeFiles() as files:
        lists = files.open(plan.out / "scp_files" / plan.domain / f"{plan.name}.scp")
        skip_list = files.open(plan.home / "skipped.tsv")
        for entry in _log_entries(plan):
            if "skipped" in entry:
                skipped += 1
                file, reason = (" ".join(entry[key].split()) for key in ("file", "skipped"))
                skip_list.write(f"{entry['job']}\t{file}\t{reason}\n")
                if len(reasons) < _SHOWN:
                    reasons.append((file, reason))
                continue
            for audio_id, path in entry["clips"]:
                lists.write(f"{audio_id} {path}\n")
                clips += 1
            for task, record in entry["records"]:
                out = files.open(_metadata(plan, task))
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
                records[task] += 1
    return Outcome(clips, dict(records), skipped, tuple(reasons), plan.home / "skipped.tsv")


def _log_entries(plan: SimulationRun) -> Iterator[dict[str, Any]]:
    for chunk in range(plan.chunks):
        with chunk_log(plan, chunk).open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def _metadata(plan: SimulationRun, task: str) -> Path:
    row = catalogue.get(task)
    part = "test" if plan.split == "test" else "train_dev"
    folder = plan.out / "metadata" / row.domain / row.paper_category / part / plan.name
    return folder / "jsonl" / f"{task}.jsonl"
