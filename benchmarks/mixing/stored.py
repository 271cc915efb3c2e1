"""Works as a user has them: tasks, a corpus, and a store of it; beside it its examples' ready ids.

A and B have tasks of their own with a pool each, D and E the 80 tasks of the catalogue (`real`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import real
from data import TEMPLATES, names, payloads
from written import RATE, open_written

__all__ = ["build", "opened"]


def build(folder: Path, work: str, tasks: int) -> None:
    """Writes pools, records, a store, and the ids of all examples (`peers.pretok`)."""
    import audioflan_tasks as af

    tree = folder / "tree"
    if work in real.WORKS:
        real.write_corpus(tree, work, tasks)
    else:
        _write_corpus(tree, work, tasks, _tasks(folder, work, tasks))
    open_written()
    af.build_store(tree, folder / "store", tokenizer="written")
    _write_ids(folder, *opened(folder, work, tasks))


def opened(folder: Path, work: str, tasks: int) -> tuple[Any, Any]:
    """The mixture and the corpus."""
    import audioflan_tasks as af
    from audioflan_tasks.corpus import Corpus
    from audioflan_tasks.mixtures import mixture, temperature

    open_written()
    af.settings.tokenizer = "written"
    named = ("all",) if work in real.WORKS else _tasks(folder, work, tasks)
    return mixture(*named, policy=temperature(3)), Corpus(folder / "store")


def _write_ids(folder: Path, mix: Any, corpus: Any) -> None:
    """Inputs and targets of every row once, and where they lie."""
    import audioflan_tasks as af

    table: list[tuple[int, int, int, int]] = []
    start = 0
    with (folder / "ids.u16").open("wb") as flat:
        for batch in af.batches(mix, corpus=corpus, batch_size=64, seed=1, num_epochs=1):
            columns = [batch[name].tolist() for name in ("inputs_length", "targets_length", "task")]
            for row, (inputs, targets, task) in enumerate(zip(*columns, strict=True)):
                flat.write(batch["inputs"][row, :inputs].astype(np.uint16).tobytes())
                flat.write(batch["targets"][row, :targets].astype(np.uint16).tobytes())
                table.append((start, inputs, targets, task))
                start += inputs + targets
    rows = np.array(table, np.int64)
    # The last batch may have rows without an example.
    np.save(folder / "table.npy", rows[rows[:, 3] >= 0])


def _tasks(folder: Path, work: str, tasks: int) -> list[str]:
    """Registers tasks; a pool has the templates' words."""
    from audioflan_tasks import catalogue
    from audioflan_tasks.catalogue import InputPiece, Major, TaskRow

    piece = InputPiece("given", "text" if work == "A" else "audio")
    asks = dict.fromkeys(ask.strip() for ask, _ in TEMPLATES)
    leads = dict.fromkeys(lead.lstrip() for _, lead in TEMPLATES)
    (folder / "pools").mkdir(parents=True, exist_ok=True)
    rows = []
    for name in names(tasks):
        pool = folder / "pools" / f"{name}.toml"
        if not pool.exists():
            said = "".join(f'[[instruction]]\nask = "{a}"\nmood = "command"\n' for a in asks)
            ends = json.dumps(["", *leads])
            pool.write_text(
                f'task = "{name}"\n{said}[inputs]\ngiven = [""]\n[answer]\nlead_ins = {ends}\n'
            )
        rows.append(
            TaskRow(
                minor=name, group=Major("Benchmark", "speech", "understanding", 0),
                definition="A task of the benchmark.", inputs=(piece,), writes=("text",),
                answer="caption", metrics=("rouge_l",), pool=str(pool),
            )
        )  # fmt: skip
    catalogue.add(*rows)
    return [row.id for row in rows]


def _write_corpus(tree: Path, work: str, tasks: int, ids: list[str]) -> None:
    (tree / "audio").mkdir(parents=True)
    with (tree / "records.jsonl").open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(one) + "\n" for one in _records(tree, work, tasks, ids))


def _records(tree: Path, work: str, tasks: int, ids: list[str]) -> Iterator[dict[str, Any]]:
    import soundfile

    from audioflan_tasks.records.instance import path_id

    for task, (name, rows) in zip(ids, payloads(work, tasks), strict=True):
        for number, data in enumerate(rows):
            record: dict[str, Any] = {
                "instruction": "Say what it is.", "uuid": f"{name}-{number:08d}",
                "split": ["train"],
                "task_type": {"major": ["Benchmark"], "minor": [task], "U/G": ["understanding"],
                              "unseen": False},
                "domain": "speech", "source": ["benchmark"], "other": None,
            }  # fmt: skip
            if work == "A":
                found = json.loads(data)
                yield {**record, "input": found["input"], "output": found["output"]}
                continue
            path = f"audio/{name}.{number}.wav"
            codes = np.frombuffer(data, np.uint16).astype(np.int16)
            soundfile.write(tree / path, codes, RATE, subtype="PCM_16")
            span = f"<|SOA|>{path_id(path, None, None)}<|EOA|>"
            yield {**record, "input": span, "output": "rain", "audio_path": [path]}
