"""Checks of arguments, so that a wrong one is an error of ours in one line."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import Any

from audioflan_tasks.errors import SettingsError, nearest

__all__ = [
    "check_choice",
    "check_count",
    "check_lengths",
    "check_limit",
    "check_names",
    "check_path",
    "check_shard",
]


def check_count(name: str, value: Any, minimum: int = 0, maximum: int | None = None) -> int:
    """A whole number from `minimum` to `maximum`, as an int.

    Raises:
      SettingsError: it is none (True, 1.5 and "3" are not), or is outside.
    """
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < minimum or (maximum is not None and number > maximum):
        at_least = f"a whole number of at least {minimum}"
        limits = at_least if maximum is None else f"{minimum} to {maximum}"
        raise SettingsError(f"{name}={value!r}: expected {limits}")
    return number


def check_limit(limit: Any) -> float | None:
    """A number of records, a share of them between 0 and 1, or None for all.

    Raises:
      SettingsError: something else; 2.5 records are none.
    """
    if limit is None:
        return None
    is_number = isinstance(limit, Real) and not isinstance(limit, bool)
    if not is_number or not (0 < limit < 1 or (limit >= 1 and limit == limit // 1)):
        raise SettingsError(f"limit={limit!r}: expected a number of records, or a share below 1")
    return float(limit)


def check_choice(name: str, value: Any, choices: Sequence[str]) -> None:
    """Raises SettingsError unless the value is one of the choices; names the nearest."""
    if value not in choices:
        suggestion = nearest(value, choices) if isinstance(value, str) else ""
        raise SettingsError(f"{name}={value!r}: expected one of {', '.join(choices)}{suggestion}")


def check_names(name: str, value: Any) -> tuple[str, ...]:
    """Names as a tuple; a single text is one name, not its letters.

    Raises:
      SettingsError: something else.
    """
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, Iterable):
        raise SettingsError(f'{name}={value!r}: expected names, such as ["key_detection"]')
    names = tuple(names)
    for part in names:
        if not isinstance(part, str):
            raise SettingsError(f"{name}: {part!r} is no name; expected texts")
    return names


def check_path(name: str, value: Any) -> Path:
    """A path.

    Raises:
      SettingsError: the value is neither a text nor a path.
    """
    if not isinstance(value, str | os.PathLike):
        raise SettingsError(f"{name}={value!r}: expected a path")
    return Path(value)


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
