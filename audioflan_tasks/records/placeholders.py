"""Ids for the spans of records that name files: `<|SOA|><AUDIO><|EOA|>` with `audio_path`."""

from __future__ import annotations

from collections.abc import Sequence

from audioflan_tasks.records.spans import PLACEHOLDER, span

__all__ = ["fill_placeholders", "has_placeholder"]

_HOLE = span(PLACEHOLDER)


def has_placeholder(text: str) -> bool:
    """Whether a span waits for its id."""
    return _HOLE in text


def fill_placeholders(text: str, answer: str, ids: Sequence[str]) -> tuple[str, str]:
    """The input and the output with ids in their placeholders, in order.

    Those of the output are the last ones. Ids beyond the placeholders go to the last of the
    input, or of the output if the input has none. Without enough ids the last stay as they are.
    """
    in_answer = min(answer.count(_HOLE), len(ids)) if has_placeholder(text) else len(ids)
    # The input comes first where there are too few.
    in_answer = min(in_answer, max(len(ids) - text.count(_HOLE), 0))
    cut = len(ids) - in_answer
    return _filled(text, ids[:cut]), _filled(answer, ids[cut:])


def _filled(text: str, ids: Sequence[str]) -> str:
    count = text.count(_HOLE)
    for number in range(count):
        mine = ids[number:] if number == count - 1 else ids[number : number + 1]
        if mine:
            text = text.replace(_HOLE, "\n".join(map(span, mine)), 1)
    return text
