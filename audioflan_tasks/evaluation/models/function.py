"""A Python function as a model."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from audioflan_tasks.errors import SettingsError
from audioflan_tasks.evaluation.answers import Reply, as_reply
from audioflan_tasks.evaluation.prompt import Prompt

__all__ = ["FunctionModel", "load_function"]


class FunctionModel:
    """A function from a `Prompt` to text, to audio as (samples, rate), or to None for no answer.

    If `batched`, the function takes a list of prompts and returns a list.
    """

    hears = True

    def __init__(
        self,
        function: Callable[..., Any],
        name: str = "",
        *,
        batched: bool = False,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self._function, self._takes_batches = function, batched
        self.name = name or getattr(function, "__name__", type(function).__name__)
        self.settings = dict(settings or {})

    def answer(self, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        """The function's answers to the prompts."""
        values = (
            self._function(list(prompts)) if self._takes_batches else map(self._function, prompts)
        )
        return [as_reply(value) for value in values]


def load_function(place: str) -> Callable[..., Any]:
    """The function of a path `module:name`.

    Raises:
      SettingsError: there is no such function.
    """
    module, _, name = place.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError(f"{place!r}: expected module:function ({error})") from error
    if not callable(function):
        raise SettingsError(f"{place!r} is a {type(function).__name__}, not a function")
    result: Callable[..., Any] = function
    return result
