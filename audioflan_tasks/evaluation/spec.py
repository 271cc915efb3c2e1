"""Models by name, in the form that the command line takes."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from typing import Any

from audioflan_tasks.errors import SettingsError, UnknownNameError, nearest
from audioflan_tasks.evaluation.baselines import BASELINES, baseline
from audioflan_tasks.evaluation.models import (
    EndpointModel,
    FinishedModel,
    FunctionModel,
    Model,
    NearestModel,
    TokenModel,
    TransformersModel,
)
from audioflan_tasks.evaluation.models.endpoint import server_url
from audioflan_tasks.evaluation.models.function import load_function

__all__ = ["arguments", "model_of"]


def model_of(text: str, args: Mapping[str, Any], seed: int = 0) -> Model:
    """The model of a name.

    Names are `openai:NAME` (its server is the argument base_url, or OPENAI_BASE_URL), `hf:WEIGHTS`,
    `python:MODULE:FUNCTION`, `tokens:MODULE:FUNCTION`, `answers:FILE.jsonl`, `nearest` (the
    answer of the most similar training record), and the baselines (`random`, `oracle`, ...).

    Raises:
      SettingsError: the model does not take one of the arguments, or there is no such function.
      UnknownNameError: no such kind of model.
    """
    kind, _, target = text.partition(":")
    if text in BASELINES:
        return baseline(text, seed)
    if text == NearestModel.name:
        return NearestModel()
    makers: dict[str, Callable[..., Model]] = {
        "openai": lambda **a: _endpoint(target, a),
        "hf": lambda **a: TransformersModel(target, **a),
        "python": lambda **a: FunctionModel(load_function(target), target, **a),
        "tokens": lambda **a: TokenModel(load_function(target), target, **a),
        "answers": lambda **a: FinishedModel(target, **a),
    }
    if kind not in makers or not target:
        choices = [*BASELINES, NearestModel.name, *(f"{name}:..." for name in makers)]
        raise UnknownNameError("model", text, choices)
    try:
        return makers[kind](**args)
    except TypeError as error:
        raise SettingsError(f"{text}: {error} (--model-args)") from None


def _check_arguments(text: str, model: type, args: Mapping[str, Any]) -> None:
    names = [name for name in inspect.signature(model).parameters if name != "model"]
    for name in args:
        if name not in names:
            raise SettingsError(
                f"{text}: no argument {name!r} (--model-args){nearest(name, names)} "
                f"(one of {', '.join(names)})"
            )


def _endpoint(name: str, args: Mapping[str, Any]) -> EndpointModel:
    """The model at a URL that is said, or that OPENAI_BASE_URL says, as for OpenAI's clients."""
    _check_arguments(f"openai:{name}", EndpointModel, args)
    base_url = os.environ.get("OPENAI_BASE_URL", "")
    if not (base_url or "base_url" in args):
        raise SettingsError(
            f"openai:{name}: which server? give --model-args base_url=http://HOST:PORT/v1, "
            "or set OPENAI_BASE_URL"
        )
    if "base_url" not in args:
        server_url(base_url, "OPENAI_BASE_URL")
    return EndpointModel(name, **{"base_url": base_url, **args})


def arguments(text: str) -> dict[str, Any]:
    """The arguments in a text such as `a=1,b=x`; values that are JSON are parsed as JSON.

    Raises:
      SettingsError: a part without `=`.
    """
    import json

    values: dict[str, Any] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals or not name:
            raise SettingsError(f"--model-args {part!r}: expected name=value")
        try:
            values[name.strip()] = json.loads(value)
        except ValueError:
            values[name.strip()] = value
    return values
