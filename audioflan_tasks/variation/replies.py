"""From the text of a reply to the rewrites that it holds, or to what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from audioflan_tasks.variation.judgement import Objection

__all__ = [
    "ReplyError",
    "read_reply",
    "read_verdicts",
    "read_wordings",
    "reply_schema",
    "verdicts_schema",
    "wordings_schema",
]

_FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
_REASONING = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_REWRITES, _VERDICTS = "rewrites", "verdicts"
# Of a verdict: what differs, and whether that is nothing.
_DIFFERENCE, _SAME = "difference", "same"
# Of what a reply has instead; the model is told it with the next request.
_LONGEST_PLACE = 300


class ReplyError(Exception):
    """A reply of which nothing can be used; `objection` says why."""

    def __init__(self, rule: str, place: str) -> None:
        super().__init__(f"{rule}: {place}")
        self.objection = Objection(rule, place[:_LONGEST_PLACE])


def reply_schema(ids: Sequence[int], fields: Sequence[str]) -> Mapping[str, Any]:
    """The JSON Schema of what `read_reply` reads."""
    return _list_schema(_REWRITES, ids, {name: {"type": "string"} for name in fields})


def verdicts_schema(ids: Sequence[int]) -> Mapping[str, Any]:
    """The JSON Schema of what `read_verdicts` reads; a model says why before it says whether."""
    fields = {_DIFFERENCE: {"type": "string"}, _SAME: {"type": "boolean"}}
    return _list_schema(_VERDICTS, ids, fields)


def _list_schema(key: str, ids: Sequence[int], fields: Mapping[str, Any]) -> Mapping[str, Any]:
    item = _object({"id": {"type": "integer", "enum": list(ids)}, **fields})
    items = {"type": "array", "items": item, "minItems": len(ids), "maxItems": len(ids)}
    return _object({key: items})


def wordings_schema(pieces: Sequence[str]) -> Mapping[str, Any]:
    """The JSON Schema of what `read_wordings` reads."""
    texts = {"type": "array", "items": {"type": "string"}}
    return _object({"labels": _object(dict.fromkeys(pieces, texts)), "lead_ins": texts})


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """An object that has these properties and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def read_reply(
    text: str, ids: Sequence[int], fields: Sequence[str], *, is_cut: bool = False
) -> dict[int, Mapping[str, str]]:
    """The rewrites of a reply by the numbers of what they rewrite.

    `is_cut` says that the server stopped it for its length.

    Raises:
      ReplyError: it is no JSON list of as many objects as were asked for, one for each number,
        each with these fields as text and no other.
    """
    items = _items(_content(text, is_cut), _REWRITES, ids)
    return {number: _fields(item, fields) for number, item in items.items()}


def read_verdicts(
    text: str, ids: Sequence[int], *, is_cut: bool = False
) -> dict[int, tuple[bool, str]]:
    """Whether a rewrite asks the same, and what differs ("" in one that does), by number.

    Raises:
      ReplyError: it is no JSON list of one verdict for each number.
    """
    items = _items(_content(text, is_cut), _VERDICTS, ids)
    return {number: _verdict(item) for number, item in items.items()}


def _verdict(item: Mapping[str, Any]) -> tuple[bool, str]:
    is_same, difference = item.get(_SAME), item.get(_DIFFERENCE, "")
    if not isinstance(is_same, bool) or not isinstance(difference, str):
        raise ReplyError("fields", f"{sorted(map(str, item))}: {_SAME} must be true or false")
    return is_same, "" if is_same else difference[:_LONGEST_PLACE] or "asks for something else"


def read_wordings(text: str, pieces: Sequence[str], *, is_cut: bool = False) -> Mapping[str, Any]:
    """Labels by input piece, and lead-ins, of a reply that was asked for them.

    Raises:
      ReplyError: it is no JSON object of lists of text, or lists of labels differ in length.
    """
    content = _content(text, is_cut)
    if not isinstance(content, dict) or set(content) != {"labels", "lead_ins"}:
        raise ReplyError("fields", "expected labels and lead_ins")
    labels = content["labels"]
    lists = [*labels.values(), content["lead_ins"]] if isinstance(labels, dict) else [None]
    are_texts = all(isinstance(x, list) and all(isinstance(t, str) for t in x) for x in lists)
    if not are_texts or set(labels) != set(pieces):
        raise ReplyError("fields", f"expected lists of text for {', '.join(pieces)} and lead_ins")
    if len({len(names) for names in labels.values()}) > 1:
        raise ReplyError("count", "as many labels for each piece")
    return content


def _content(text: str, is_cut: bool) -> Any:
    body = _REASONING.sub("", text).strip()
    fence = _FENCE.match(body)
    body = fence[1] if fence else body
    try:
        content = json.loads(body)
        # Half a surrogate pair is no text that a file can hold.
        json.dumps(content, ensure_ascii=False).encode()
        return content
    except (ValueError, RecursionError) as error:
        if is_cut:
            raise ReplyError("cut", f"after {len(text)} characters") from None
        if not re.search(r"[\[{]", body):
            raise ReplyError("refusal", body[:80]) from None
        raise ReplyError("json", str(error)[:80]) from None


def _items(content: Any, key: str, ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """The objects of a list, one for each number in their order."""
    # A server that is held to a schema gives an object.
    if isinstance(content, dict) and set(content) == {key}:
        content = content[key]
    if not isinstance(content, list):
        raise ReplyError("json", f"{type(content).__name__} instead of a list")
    if len(content) != len(ids):
        raise ReplyError("count", f"{len(content)} instead of {len(ids)}")
    numbers = [item.get("id") if isinstance(item, Mapping) else None for item in content]
    if numbers != list(ids):
        raise ReplyError("ids", f"{numbers} instead of {list(ids)}")
    return dict(zip(ids, content, strict=True))


def _fields(item: Any, fields: Sequence[str]) -> Mapping[str, str]:
    if set(item) != {"id", *fields} or not all(isinstance(item[name], str) for name in fields):
        raise ReplyError("fields", f"{sorted(map(str, item))} instead of {['id', *fields]}")
    return {name: item[name] for name in fields}
