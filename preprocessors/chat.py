"""Chat form: rendered examples as turns of a system, a user and an assistant.

A chat template is Jinja, as Hugging Face tokenizers bring it (`chat_template`), or the
plain one of this package. The content of a turn never passes through the template, which is
rendered around placeholders: so spans, roles and escaping stay exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from audioflan_tasks.errors import MissingExtraError, TemplateError
from audioflan_tasks.preprocessors.render import RenderedExample, Role, Segment
from audioflan_tasks.tokens.text_protocol import ChatFormat

__all__ = ["PLAIN", "Turn", "chat_segments", "messages", "turns"]

Speaker = Literal["system", "user", "assistant"]

PLAIN = (
    "{% for message in messages %}{{ message['role'] | capitalize }}: {{ message['content'] }}\n"
    "{% endfor %}"
)

_MARK = re.compile("\ue000([0-9]{1,9})\ue001")


@dataclass(frozen=True, slots=True)
class Turn:
    """The segments of one speaker's turn."""

    speaker: Speaker
    segments: tuple[Segment, ...]


def turns(rendered: Sequence[RenderedExample], system: str = "") -> tuple[Turn, ...]:
    """Questions and answers in turn; audio of an earlier turn is not repeated.

    With several examples of one clip only the first question holds the clip; later ones
    are their instruction alone.
    """
    dialogue = [Turn("system", (Segment("text", system, "instruction"),))] if system else []
    known_audio: set[str] = set()
    for example in rendered:
        question = tuple(_unheard_segments(example.inputs, known_audio))
        known_audio |= {s.value for s in (*example.inputs, *example.targets) if s.kind == "audio"}
        dialogue += [Turn("user", question), Turn("assistant", example.targets)]
    return tuple(dialogue)


def _unheard_segments(segments: Sequence[Segment], known_audio: set[str]) -> Iterator[Segment]:
    """The segments without audio of earlier turns, its label, and the line break after it."""
    is_known = [segment.kind == "audio" and segment.value in known_audio for segment in segments]
    for number, segment in enumerate(segments):
        is_text = segment.role == "input" and segment.kind == "text"
        is_label = is_text and is_known[number + 1 : number + 2] == [True]
        is_break = is_text and segment.value == "\n" and number > 0 and is_known[number - 1]
        if not (is_known[number] or is_label or is_break):
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

    Markup after an assistant's turn, up to the first special token, is part of the answer, so
    that a model learns to end its turn.

    Raises:
      TemplateError: the template fails, or omits or repeats a turn.
      MissingExtraError: Jinja is not installed.
    """
    placeholders = [
        {"role": turn.speaker, "content": f"\ue000{number}\ue001"}
        for number, turn in enumerate(dialogue)
    ]
    text = _apply_template(form.template or PLAIN, {**form.values, "messages": placeholders})
    pieces = _MARK.split(text)
    numbers = [int(number) for number in pieces[1::2]]
    if numbers != list(range(len(dialogue))):
        raise TemplateError(
            f"chat template: expected turns 0 to {len(dialogue) - 1} in order and once each, "
            f"it wrote {numbers}; does it need another system message or strict alternation?"
        )
    segments = _markup(pieces[0], "instruction")
    for turn, markup in zip(dialogue, pieces[2::2], strict=True):
        segments += turn.segments
        end = _end_of_turn(markup, form.special_tokens) if turn.speaker == "assistant" else 0
        segments += _markup(markup[:end], "answer") + _markup(markup[end:], "instruction")
    return tuple(segments)


def _markup(text: str, role: Role) -> list[Segment]:
    return [Segment("markup", text, role)] if text else []


def _end_of_turn(text: str, special_tokens: Sequence[str]) -> int:
    """Where the first special token ends; the first line break, where there is none."""
    ends = [start + len(token) for token in special_tokens if (start := text.find(token)) >= 0]
    return min(ends) if ends else text.find("\n") + 1


def _apply_template(template: str, variables: Mapping[str, Any]) -> str:
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
    except TemplateError:
        raise
    except Exception as error:  # a template is a program of others: it may fail in any way
        reason = f"{error}" if isinstance(error, JinjaError) else f"{type(error).__name__}: {error}"
        raise TemplateError(f"chat template: {' '.join(reason.split())}") from error
