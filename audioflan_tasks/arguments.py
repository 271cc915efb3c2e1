"""Checks of arguments, so that a wrong one is an error of ours in one line."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

from audioflan_tasks.errors import SettingsError, nearest

__all__ = ["check_choice", "check_count", "check_lengths", "check_shard"]


def check_count(name: str, value: Any, least: int = 0, most: int | None = None) -> int:
    """A whole number from `least` to `most`, as an int.

    Raises:
      SettingsError: it is none (True, 1.5 and "3" are not), or is outside.
    """
    expected = f"a whole number of at least {least}" if most is None else f"{least} to {most}"
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or number < least or (most or number) < number:
        raise SettingsError(f"{name}={value!r}: expected {expected}")
    return number


def check_choice(name: str, value: Any, choices: Sequence[str]) -> None:
    """Raises SettingsError unless the value is one of the choices; names the nearest."""
    if value not in choices:
        near = nearest(value, choices) if isinstance(value, str) else ""
        raise SettingsError(f"{name}={value!r}: expected one of {', '.join(choices)}{near}")


def check_lengths(name: str, lengths: Any) -> dict[str, int]:
    """Most ids of `inputs` and `targets`, at least 2 each; None is no limit.

    Raises:
      SettingsError: something else.
    """
    if lengths is None:
        return {}
    if not isinstance(lengths, Mapping) or set(lengths) - {"inputs", "targets"}:
        raise SettingsError(
            f"{name}={lengths!r}: expected lengths of inputs and targets, such as "
            '{"inputs": 1024, "targets": 512}'
        )
    return {part: check_count(f"{name}[{part!r}]", lengths[part], 2) for part in lengths}


def check_shard(shard: Any) -> tuple[int, int]:
    """(index, count) with 0 <= index < count.

    Raises:
      SettingsError: something else.
    """
    if not isinstance(shard, tuple | list) or len(shard) != 2:
        raise SettingsError(f"shard={shard!r}: expected (index, count), such as (0, 8)")
    count = check_count("shard count", shard[1], 1)
    return check_count("shard index", shard[0], 0, count - 1), count
