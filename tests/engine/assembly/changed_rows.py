"""A user's task whose row changes after a store was built of its records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audioflan_tasks.catalogue import InputPiece, Major, TaskRow, lookup

TASK = "animal_naming"
NAME = f"audioflan_{TASK}"
ROWS = 30

_POOL = """
task = "animal_naming"
[[instruction]]
ask = "Name the animal that is meant."
mood = "command"
[[instruction]]
ask = "Which animal is meant? Options: {options}"
mood = "question"
[inputs]
text = ["", "text: "]
[answer]
lead_ins = ["", "Animal: "]
"""


def as_caption(folder: Path) -> TaskRow:
    """The row at first: any answer, so no instruction lists options."""
    return TaskRow(
        minor="Animal Naming",
        group=Major("Animals", "audio", "understanding", 0),
        definition="Names the animal that a sentence is about.",
        inputs=(InputPiece("text", "text"),),
        writes=("text",),
        answer="caption",
        metrics=("accuracy",),
        pool=str(folder / "animal_naming.toml"),
    )


def as_label(folder: Path) -> TaskRow:
    """The row after its change: one of two labels."""
    return as_caption(folder).model_copy(update={"answer": "label", "labels": ("dog", "cat")})


def write_corpus(folder: Path) -> Path:
    """Thirty records, two thirds of which name one of the labels, and the task's pool."""
    (folder / "animal_naming.toml").write_text(_POOL, "utf-8")
    answers = ("dog", "cat", "a whale")
    file = folder / "records" / "rows.jsonl"
    file.parent.mkdir()
    lines = [
        json.dumps({
            "instruction": "Name it.", "input": f"It was number {n}.", "output": answers[n % 3],
            "uuid": f"animal-{n}", "split": ["train"], "domain": "audio", "source": [],
            "other": None, "task_type": {"minor": ["Animal Naming"], "major": ["Animals"],
                                         "U/G": ["understanding"], "unseen": False},
        })
        for n in range(ROWS)
    ]  # fmt: skip
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file.parent


def install(row: TaskRow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes it the only task that was added, in place of an earlier row."""
    monkeypatch.setattr(lookup, "_user_rows", {row.id: row})
