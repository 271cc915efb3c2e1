"""Options of a question as files of others list them, and which of them is right."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["CHOICE_KEYS", "LETTERED_KEYS", "choices_of", "right_choice"]

CHOICE_KEYS = ("options", "choices", "candidates", "answer_choices")
LETTERED_KEYS = tuple(f"choice_{letter}" for letter in "abcdefghij")

_LETTER = re.compile(r"\A\(?([A-Z])\)?[.)]?\Z")
_LETTER_BEFORE = re.compile(r"\A\s*\(?([A-Z])[.):]\s*(?=\S)")


def choices_of(value: Any) -> tuple[str, ...]:
    """The options in a list, in the JSON of one, or in an object; () where there are none.

    Letters A, B, C, … before them are taken off, where all have theirs.
    """
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return ()
    if isinstance(value, Mapping):
        # Hugging Face's form of several choices: {"text": […], "label": […]}.
        texts = value.get("text")
        value = texts if isinstance(texts, list) else list(value.values())
    return _without_letters(tuple(map(str, value))) if isinstance(value, list) else ()


def right_choice(answer: str, choices: Sequence[str]) -> str:
    """The option that an answer names by its text, letter or number; else the answer itself.

    Case counts only where two options differ in nothing else.
    """
    if not choices or answer in choices:
        return answer
    same_but_for_case = [choice for choice in choices if choice.lower() == answer.lower()]
    if same_but_for_case:
        return same_but_for_case[0]
    letter, lettered = _LETTER.match(answer.strip()), _LETTER_BEFORE.match(answer)
    if lettered and answer[lettered.end() :] in choices:
        return answer[lettered.end() :]
    if letter:
        number = ord(letter[1]) - ord("A")
    else:
        number = int(answer) if re.fullmatch(r"\d{1,3}", answer) else -1
    return choices[number] if 0 <= number < len(choices) else answer


def _without_letters(choices: tuple[str, ...]) -> tuple[str, ...]:
    letters = [_LETTER_BEFORE.match(choice) for choice in choices]
    if len(choices) < 2 or [m[1] if m else "" for m in letters] != [
        chr(ord("A") + n) for n in range(len(choices))
    ]:
        return choices
    return tuple(c[m.end() :] for c, m in zip(choices, letters, strict=True) if m)
