"""A Python function as a model."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from audioflan_tasks.errors import SettingsError, nearest
from audioflan_tasks.evaluation.answers import Reply, as_reply
from audioflan_tasks.evaluation.prompt import Prompt

__all__ = ["FunctionModel", "import_module_here", "load_function"]


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
    """The function of a path `module:name`; the module may lie in the working folder.

    Raises:
      SettingsError: there is no such function, or its module cannot be imported.
    """
    module_name, _, name = place.partition(":")
    if not module_name or not name:
        raise SettingsError(f"{place!r}: expected MODULE:FUNCTION, such as my_model:answer")
    module = import_module_here(module_name)
    function: Any = getattr(module, name, None)
    if function is None:
        names = [key for key, value in vars(module).items() if callable(value)]
        raise SettingsError(
            f"{place!r}: {module.__file__} has no function {name!r}{nearest(name, names)}"
        )
    if not callable(function):
        raise SettingsError(f"{place!r} is a {type(function).__name__}, not a function")
    result: Callable[..., Any] = function
    return result


def import_module_here(name: str) -> ModuleType:
    """A module that is installed or lies in the working folder.

    Raises:
      SettingsError: there is none, or it raises while it is imported.
    """
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not f"{name}.".startswith(f"{error.name}."):  # it is not the module that is missing
            raise SettingsError(f"module {name!r} cannot be imported: {error}") from error
        raise SettingsError(f"no module named {name!r} in {folder}, and none installed") from None
    except Exception as error:  # whatever a user's module does
        raise SettingsError(
            f"module {name!r} cannot be imported: {type(error).__name__}: {error}"
        ) from error
