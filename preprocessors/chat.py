"""Chat form: rendered examples as turns of a system, a user and an assistant.

A chat template is Jinja, as Hugging Face tokenizers bring it (`chat_template`), or the
plain one of this package. What a turn says never passes through the template: it is
rendered around marks, so that spans, roles and escaping stay exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from audioflan_tasks.errors import MissingExtraError, TemplateError
from audioflan_tasks.preprocessors.render import Rendered, Role, Segment
from audioflan_tasks.tokens.text_protocol import ChatFormat

__all__ = ["PLAIN", "Turn", "chat_segments", "messages", "turns"]

Speaker = Literal["system", "user", "assistant"]

PLAIN = (
    "{% for message in messages %}{{ message['role'] | capitalize }}: {{ message['content'] }}\n"
    "{% endfor %}"
)

_MARK = re.compile("\ue000(\\d+)\ue001")


class Turn(NamedTuple):
    """What one speaker says, in order."""

    speaker: Speaker
    segments: tuple[Segment, ...]


def turns(rendered: Sequence[Rendered], system: str = "") -> tuple[Turn, ...]:
    """Questions and answers in turn; audio that was heard before is not given again.

    With several examples of one clip only the first question holds the clip; later ones
    are their instruction alone.
    """
    found = [Turn("system", (Segment("text", system, "instruction"),))] if system else []
    heard: set[str] = set()
    for one in rendered:
        asked = tuple(_new(one.inputs, heard))
        heard |= {s.value for s in (*one.inputs, *one.targets) if s.kind == "audio"}
        found += [Turn("user", asked), Turn("assistant", one.targets)]
    return tuple(found)


def _new(segments: Sequence[Segment], heard: set[str]) -> Iterator[Segment]:
    """The segments without audio heard before, its label, and the line break after it."""
    known = [segment.kind == "audio" and segment.value in heard for segment in segments]
    for at, segment in enumerate(segments):
        words = segment.role == "input" and segment.kind == "text"
        label = words and known[at + 1 : at + 2] == [True]
        ends = words and segment.value == "\n" and at > 0 and known[at - 1]
        if not (known[at] or label or ends):
            yield segment


def messages(dialogue: Sequence[Turn]) -> list[dict[str, Any]]:
    """The dialogue as plain JSON: role, and content parts of type text or audio."""
    return [
        {
            "role": turn.speaker,
            "content": [
                {"type": "text", "text": s.value}
                if s.kind == "text"
                else {"type": "audio", "audio_id": s.value}
                for s in turn.segments
            ],
        }
        for turn in dialogue
    ]


def chat_segments(dialogue: Sequence[Turn], form: ChatFormat) -> tuple[Segment, ...]:
    """The dialogue as segments; pieces of the template are of kind `markup`.

    A form without a template is written with `PLAIN`.

    What follows an assistant's words up to the first special token is part of the answer,
    so that a model learns to end its turn.

    Raises:
      TemplateError: the template fails, or leaves a turn out or says it twice.
      MissingExtraError: Jinja is not installed.
    """
    marked = [
        {"role": turn.speaker, "content": f"\ue000{number}\ue001"}
        for number, turn in enumerate(dialogue)
    ]
    text = _written(form.template or PLAIN, {**form.values, "messages": marked})
    pieces = _MARK.split(text)
    said = [int(number) for number in pieces[1::2]]
    if said != list(range(len(dialogue))):
        raise TemplateError(
            f"chat template: expected turns 0 to {len(dialogue) - 1} in order and once each, "
            f"it wrote {said}; does it need another system message or strict alternation?"
        )
    found = _markup(pieces[0], "instruction")
    for turn, after in zip(dialogue, pieces[2::2], strict=True):
        found += turn.segments
        end = _end_of_turn(after, form.special_tokens) if turn.speaker == "assistant" else 0
        found += _markup(after[:end], "answer") + _markup(after[end:], "instruction")
    return tuple(found)


def _markup(text: str, role: Role) -> list[Segment]:
    return [Segment("markup", text, role)] if text else []


def _end_of_turn(text: str, special_tokens: Sequence[str]) -> int:
    """Where the first special token ends; the first line break, where there is none."""
    ends = [at + len(token) for token in special_tokens if (at := text.find(token)) >= 0]
    return min(ends) if ends else text.find("\n") + 1


def _written(template: str, variables: Mapping[str, Any]) -> str:
    try:
        from jinja2 import TemplateError as JinjaError
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError as error:
        raise MissingExtraError("jinja2", "hf", "chat templates") from error

    def raise_exception(message: str) -> None:
        raise TemplateError(f"chat template: {message}")

    # The environment in which transformers renders chat templates.
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = raise_exception
    variables = {"add_generation_prompt": False, "tools": None, **variables}
    try:
        return environment.from_string(template).render(variables)
    except JinjaError as error:
        raise TemplateError(f"chat template: {error}") from error
