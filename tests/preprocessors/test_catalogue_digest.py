"""Digests by which a store notices that the catalogue or a pool has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks.catalogue import InputPiece, Major, TaskRow
from audioflan_tasks.catalogue.question import AnswerPattern, PlainQuestion
from audioflan_tasks.preprocessors import question, templates
from audioflan_tasks.preprocessors.catalogue_digest import catalogue_digest, file_digest

DIGESTS = catalogue_digest, file_digest
POOL = """
task = "animal_naming"
[[instruction]]
ask = "Name the animal that is heard."
mood = "command"
[inputs]
first = [""]
[answer]
lead_ins = [""]
"""
INSTRUCTION = """
[[instruction]]
ask = "Which animal is heard?"
mood = "question"
"""


def task_row(**changes: Any) -> TaskRow:
    fields: dict[str, Any] = {
        "minor": "Animal Naming",
        "group": Major("Animals", "audio", "understanding", 0),
        "definition": "Names the animal that is heard.",
        "inputs": (InputPiece("first", "audio"),),
        "writes": ("text",),
        "answer": "label",
        "metrics": ("accuracy",),
        "labels": ("dog", "cat"),
    }
    return TaskRow(**(fields | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"answer": "caption"},
        {"labels": ("dog", "cow")},
        {"slots": ("place",)},
        {"writes": ("audio",)},
        {"inputs": (InputPiece("first", "text"),)},
        {"custom_id": "animals"},
        {"question": PlainQuestion(asks="which animal")},
        {"answer_patterns": (AnswerPattern("animal", "[a-z]+"),)},
    ],
)
def test_digests_change_with_every_column_that_facts_depend_on(changes: dict[str, Any]) -> None:
    for digest in DIGESTS:
        assert digest(task_row(**changes)) != digest(task_row())


def test_digests_do_not_change_with_other_columns() -> None:
    other = task_row(definition="Says which animal is heard.", metrics=("f1",), note="a note")
    for digest in DIGESTS:
        assert digest(other) == digest(task_row())
        assert digest(None) == ""


@pytest.mark.parametrize(
    ("edit", "changed_digests"),
    [
        (lambda pool: pool, []),
        (lambda pool: pool + "# the end", [file_digest]),
        (lambda pool: pool.replace('[""]', '["", "Answer: "]'), [file_digest]),
        (lambda pool: pool.replace("[inputs]", INSTRUCTION + "[inputs]"), [*DIGESTS]),
    ],
    ids=["nothing", "comment", "lead-in", "instruction"],
)
def test_digests_of_a_pool_that_is_edited(
    edit: Callable[[str], str], changed_digests: list[object], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(templates, "_package_pools", lambda: tmp_path)
    row = task_row(question=PlainQuestion(asks="which animal"))

    def digests(pool: str) -> list[str]:
        (tmp_path / "animal_naming.toml").write_text(pool, "utf-8")
        # A pool is read once a process.
        for function in (templates._read, question.pool_wordings, *DIGESTS):
            function.cache_clear()
        return [digest(row) for digest in DIGESTS]

    pairs = zip(DIGESTS, digests(POOL), digests(edit(POOL)), strict=True)
    assert [digest for digest, before, after in pairs if before != after] == changed_digests
