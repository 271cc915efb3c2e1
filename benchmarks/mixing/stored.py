"""The works as a user has them: tasks of their own with pools, a corpus, and a store of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from data import BOOKS, CODES, TEMPLATES, names, payloads
from numpy.typing import NDArray

__all__ = ["build", "opened"]

RATE = BOOKS * 50


class Written:
    """A tokenizer whose codes are the samples: what is stored are the very codes of work B."""

    name = fingerprint = "written"
    sample_rate, frame_rate = RATE, 50.0
    codebook_sizes = (CODES,) * BOOKS

    def encode(self, wave: NDArray[np.float32]) -> NDArray[np.uint16]:
        return np.round(wave * 2**15).astype(np.uint16).reshape(-1, BOOKS)

    def decode(self, codes: NDArray[Any]) -> NDArray[np.float32]:
        return codes.reshape(-1).astype(np.float32) / np.float32(2**15)


def build(folder: Path, work: str, tasks: int) -> None:
    """Writes pools, records and a store."""
    import audioflan_tasks as af

    ids = _tasks(folder, work, tasks)
    tree = folder / "tree"
    (tree / "audio").mkdir(parents=True)
    with (tree / "records.jsonl").open("w", encoding="utf-8") as lines:
        for record in _records(tree, work, tasks, ids):
            lines.write(json.dumps(record) + "\n")
    af.build_store(tree, folder / "store", tokenizer="written")


def opened(folder: Path, work: str, tasks: int) -> tuple[Any, Any]:
    """The mixture and the corpus."""
    import audioflan_tasks as af
    from audioflan_tasks.corpus import Corpus
    from audioflan_tasks.mixtures import mixture, temperature

    ids = _tasks(folder, work, tasks)
    af.settings.tokenizer = "written"
    return mixture(*ids, policy=temperature(3)), Corpus(folder / "store")


def _tasks(folder: Path, work: str, tasks: int) -> list[str]:
    """Registers tokenizer and tasks; a pool has the templates' words."""
    from audioflan_tasks import catalogue
    from audioflan_tasks.catalogue import InputPiece, Major, TaskRow
    from audioflan_tasks.tokens import registry

    if "written" not in registry.tokenizer_names():
        registry.register_tokenizer("written", Written)
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
