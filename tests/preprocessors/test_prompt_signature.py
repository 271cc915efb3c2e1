"""What of a record decides the words around it, and what of a task's row decides that."""

from __future__ import annotations

from typing import Any

import pytest

from audioflan_tasks.catalogue import InputPiece, Major, TaskRow
from audioflan_tasks.preprocessors.piece_order import LabelledPiece
from audioflan_tasks.preprocessors.prompt_signature import (
    PromptFacts,
    prompt_facts,
)
from audioflan_tasks.records import Instance
from audioflan_tasks.records.spans import span


def task_row(**changes: Any) -> TaskRow:
    fields: dict[str, Any] = {
        "minor": "Animal Naming",
        "group": Major("Animals", "audio", "understanding", 0),
        "definition": "Names the animal that is heard.",
        "inputs": (InputPiece("first", "audio"), InputPiece("question", "text")),
        "writes": ("text",),
        "answer": "label",
        "metrics": ("accuracy",),
        "labels": ("dog", "cat"),
    }
    return TaskRow(**(fields | changes))


def facts_of(row: TaskRow, **fields: Any) -> PromptFacts:
    record: dict[str, Any] = {
        "instruction": "", "input": f"audio: {span('a1')}\nwhich one", "output": "cat"
    }  # fmt: skip
    instance = Instance(**(record | fields))
    return prompt_facts(row, instance, instance.input_pieces, instance.output_pieces)


def test_facts_of_a_record() -> None:
    facts = facts_of(task_row(slots=("place",)), other={"slots": {"place": "a farm"}})
    assert facts == PromptFacts(
        task="animal_naming",
        slots=(("place", "a farm"),),
        options=("cat", "dog"),
        inputs=(LabelledPiece("audio", "audio"), LabelledPiece("", "text")),
        answer="text",
        spans_in_text=False,
    )


def test_values_do_not_matter() -> None:
    other = facts_of(task_row(), input=f"audio: {span('b2')}\nwho is it", output="dog", uuid="u")
    assert other == facts_of(task_row())


@pytest.mark.parametrize(
    ("fields", "options"),
    [
        ({"output": "a whale"}, ()),
        ({"other": {"options": ["cow", "cat", "cow"]}}, ("cat", "cow")),
        ({"output": "cow", "other": {"options": ["cow", "cat"]}}, ("cat", "cow")),
        ({"other": {"options": ["cow", "pig"]}}, ("cat", "dog")),
    ],
)
def test_options_are_listed_where_the_answer_is_one_of_them(
    fields: dict[str, Any], options: tuple[str, ...]
) -> None:
    assert facts_of(task_row(), **fields).options == options


def test_captions_list_no_options() -> None:
    assert facts_of(task_row(answer="caption")).options == ()


def test_an_output_that_does_not_fit_has_no_answer() -> None:
    row = task_row(answer="audio", writes=("audio",), labels=())
    assert facts_of(row, output="no audio").answer is None
    assert facts_of(row, output=span("a2")).answer == "audio"


def test_a_text_that_looks_like_several_pieces_is_one() -> None:
    row = task_row(inputs=(InputPiece("text", "text"),))
    assert not facts_of(row, input="lyrics: la\nnotes: C4").spans_in_text
    facts = facts_of(row, input=f"hello {span('a1')} there")
    assert facts.spans_in_text
    assert facts.inputs == (LabelledPiece("", "text"),)
    assert not facts_of(task_row(), input=f"{span('a1')} there").spans_in_text
