"""Replies of models, right and wrong ones."""

from __future__ import annotations

import json

import pytest

from audioflan_tasks.variation.replies import (
    ReplyError,
    read_reply,
    read_wordings,
    reply_schema,
    wordings_schema,
)

GOOD = [{"id": 1, "instruction": "a"}, {"id": 2, "instruction": "b"}]


def read(text: str, *, is_cut: bool = False) -> dict[int, str]:
    items = read_reply(text, (1, 2), ("instruction",), is_cut=is_cut)
    return {number: fields["instruction"] for number, fields in items.items()}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(GOOD),
        json.dumps({"rewrites": GOOD}),
        f"```json\n{json.dumps(GOOD)}\n```",
        f"<think>[1, 2]</think>\n{json.dumps(GOOD)}",
    ],
)
def test_a_list_in_any_wrapping(text: str) -> None:
    assert read(text) == {1: "a", 2: "b"}


def test_a_server_is_told_what_is_read() -> None:
    rewrite = {
        "type": "object",
        "properties": {"id": {"type": "integer", "enum": [2, 5]}, "output": {"type": "string"}},
        "required": ["id", "output"],
        "additionalProperties": False,
    }
    assert reply_schema((2, 5), ("output",)) == {
        "type": "object",
        "properties": {
            "rewrites": {"type": "array", "items": rewrite, "minItems": 2, "maxItems": 2}
        },
        "required": ["rewrites"],
        "additionalProperties": False,
    }
    schema = wordings_schema(("first", "second"))
    assert schema["required"] == ["labels", "lead_ins"]
    assert schema["properties"]["labels"]["required"] == ["first", "second"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("I am sorry, but no.", "refusal"),
        ("", "refusal"),
        (json.dumps(GOOD)[:-2], "json"),
        ("[" * 100_000, "json"),
        ('{"a": 1}', "json"),
        ("3", "json"),
        (json.dumps(GOOD[:1]), "count"),
        (json.dumps([*GOOD, GOOD[0]]), "count"),
        (json.dumps(GOOD[::-1]), "ids"),
        (json.dumps([1, 2]), "ids"),
        (json.dumps([{"id": 1}, {"id": 2}]), "fields"),
        (json.dumps([{**item, "note": "x"} for item in GOOD]), "fields"),
        (json.dumps([{**item, "instruction": None} for item in GOOD]), "fields"),
    ],
)
def test_what_cannot_be_used_names_its_rule(text: str, rule: str) -> None:
    with pytest.raises(ReplyError) as error:
        read(text)
    assert error.value.objection.rule == rule


def test_a_reply_that_was_cut_off_is_not_called_broken() -> None:
    with pytest.raises(ReplyError, match=r"^cut: "):
        read(json.dumps(GOOD)[:-5], is_cut=True)


def test_wordings() -> None:
    content = {"labels": {"a": ["x: "], "b": ["y: "]}, "lead_ins": ["Answer: "]}
    assert read_wordings(json.dumps(content), ("a", "b")) == content
    for wrong in (
        {**content, "lead_ins": "Answer: "},
        {**content, "labels": {"a": ["x: "]}},
        {**content, "labels": {"a": ["x: "], "b": []}},
        {"labels": content["labels"]},
    ):
        with pytest.raises(ReplyError):
            read_wordings(json.dumps(wrong), ("a", "b"))
