"""Works D and E as a user has them: the 80 tasks of the catalogue, with options and slots.

Records are those of the demo corpus, repeated; their audio ids name clips of codes alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from data import BOOKS, CODES, counts_of
from written import RATE

from audioflan_tasks.records import Instance

__all__ = ["WORKS", "write_corpus"]

WORKS = "DE"

# Fewest and most frames of a clip, at 50 a second.
_FRAMES = {"D": (4, 8), "E": (250, 500)}


def write_corpus(tree: Path, work: str, tasks: int) -> None:
    """Writes records and clips."""
    records = _records()
    if len(records) != tasks:
        raise ValueError(f"works D and E have {len(records)} tasks, not {tasks}")
    for home in ("clips", "metadata", "scp_files"):
        (tree / home).mkdir(parents=True)
    _write_clips(tree, work, records)
    with (tree / "metadata" / "train.jsonl").open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record) + "\n" for record in _repeated(records, work))


def _records() -> dict[str, list[Instance]]:
    """The demo's records by task, in the order of the mixture."""
    from audioflan_tasks.catalogue import PREFIX
    from audioflan_tasks.corpus import Corpus
    from audioflan_tasks.demo import demo_root
    from audioflan_tasks.mixtures import mixture

    names = [task.removeprefix(PREFIX) for task in mixture("all").tasks]
    records: dict[str, list[Instance]] = {task: [] for task in names}
    for record in Corpus(demo_root()).instances():
        records[record.task].append(record)
    return records


def _write_clips(tree: Path, work: str, records: dict[str, list[Instance]]) -> None:
    """A clip of random codes for each audio id, and the list that names them."""
    import soundfile

    rng = np.random.default_rng(ord(work))
    ids = sorted({name for task in records.values() for one in task for name in one.audio_ids})
    with (tree / "scp_files" / "wav.scp").open("w", encoding="utf-8") as lines:
        for number, name in enumerate(ids):
            codes = rng.integers(0, CODES, (int(rng.integers(*_FRAMES[work])), BOOKS), np.int16)
            soundfile.write(tree / f"clips/{number}.wav", codes.reshape(-1), RATE, subtype="PCM_16")
            lines.write(f"{name} clips/{number}.wav\n")


def _repeated(records: dict[str, list[Instance]], work: str) -> Iterator[dict[str, Any]]:
    """As many records of each task as it has in the other works."""
    for task, count in zip(records.values(), counts_of(len(records), work), strict=True):
        for number in range(count):
            record = task[number % len(task)]
            yield record.replace(uuid=f"{record.uuid}-{number}", split="train").record()
