"""A corpus whose records keep their own words for every reason that there is, and odd ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.records.instance import path_id
from audioflan_tasks.records.spans import audio_ids, span
from audioflan_tasks.store import build_store

CLIPS = 6
ODD = 4

_PATHS = {path_id(f"clip{n}.wav", None, None): f"clip{n}.wav" for n in range(CLIPS)}
CLIP_IDS = tuple(_PATHS)
_INSTRUCTIONS = ("", "Do what is asked.", "请写出答案：", "Is it <|SOA|>?", " ", "Two\nlines: here")
_BITS = (
    "hello there", "你好，世界", "audio: ", "text: ", "Transcription: ", "\n", " ", ".",
    "speaker1: 0.5-3.2s; speaker2: 4s", "The accent is Shandong", "<|EOA|>", "SOA|", "label:",
)  # fmt: skip


def build_own_store(folder: Path, rows: Iterable[TaskRow]) -> Path:
    """A store of twelve such records of each task, in the split train.

    Some have spans that are none of the clips: they are kept without codes.
    """
    rng = np.random.default_rng(5)
    tree = folder / "tree"
    tree.mkdir()
    for number, path in enumerate(_PATHS.values()):
        noise = rng.standard_normal(3_200 * (number + 1)) * 0.1
        soundfile.write(tree / path, noise, 16_000)
    lines = [
        json.dumps(record, ensure_ascii=False) for row in rows for record in _records_of(row, rng)
    ]
    (tree / "rows.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    build_store(tree, folder / "store", tokenizer="loudness", policy="keep")
    return folder / "store"


def _records_of(row: TaskRow, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    fields = [(_INSTRUCTIONS[1], *_fitting(row), True), (_INSTRUCTIONS[0], *_fitting(row), False)]
    # Pieces that do not fit: none, one too many, another kind on either side.
    source, output = _fitting(row)
    fields += [(_INSTRUCTIONS[1], "", output, True), (_INSTRUCTIONS[2], source, "", True)]
    fields += [("Ask.", f"{source}\ntext: more\n{span(CLIP_IDS[4])}", output, True)]
    fields += [("Ask.", source, f"{output} and {span(CLIP_IDS[5])}{span(CLIP_IDS[5])}", False)]
    fields += [("Ask.", "text: one\nnotes: two", "speaker 1: 0-1s\nspeaker 2: 1-2s", True)]
    fields += [("Ask.", f"{source}\n{span('nowhere')}", f"{output}.", True)]
    for _ in range(ODD):
        instruction = _INSTRUCTIONS[int(rng.integers(len(_INSTRUCTIONS)))]
        fields.append((instruction, _odd(rng), _odd(rng), bool(rng.integers(2))))
    for number, (instruction, text, answer, has_slots) in enumerate(fields):
        slots = dict.fromkeys(row.slots, "a") if has_slots else {}
        spans = dict.fromkeys((*audio_ids(text), *audio_ids(answer)))
        yield {
            "instruction": instruction, "input": text, "output": answer,
            "uuid": f"{row.id}-{number}" if number % 5 else "", "split": ["train"],
            "task_type": {"major": [row.major], "minor": [row.minor],
                          "U/G": [row.paper_category], "unseen": False},
            "domain": row.domain, "source": ["own"], "other": {"slots": slots},
            "audio_path": [_PATHS.get(i, i) for i in spans],
        }  # fmt: skip


def _fitting(row: TaskRow) -> tuple[str, str]:
    """Input and output as the task wants them."""
    values = (
        span(CLIP_IDS[number]) if piece.kind == "audio" else f"{piece.name}: number {number}"
        for number, piece in enumerate(row.inputs)
    )
    output = f"audio: {span(CLIP_IDS[3])}" if row.writes[0] == "audio" else "answer: " + row.id
    return "\n".join(values), output


def _odd(rng: np.random.Generator) -> str:
    bits = [*_BITS, *map(span, CLIP_IDS)]
    return "".join(bits[n] for n in rng.integers(len(bits), size=rng.integers(6)))
