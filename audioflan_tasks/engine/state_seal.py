"""A checksum in each state: what was edited is refused, where it would give another order."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from audioflan_tasks.errors import MixtureError

__all__ = ["check_seal", "sealed_state", "unsealed"]

_SEAL = "check"


def sealed_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """The state with the checksum of all its other values."""
    return {**unsealed(state), _SEAL: _checksum(state)}


def unsealed(state: Mapping[str, Any]) -> dict[str, Any]:
    """The state without its checksum, which holds for it as a whole only."""
    return {name: value for name, value in state.items() if name != _SEAL}


def check_seal(state: Mapping[str, Any]) -> None:
    """Checks a state by its checksum; one of before there were any has none.

    This comes after all checks that can say what is wrong.

    Raises:
      MixtureError: a value of it has changed since it was saved.
    """
    if _SEAL in state and state[_SEAL] != _checksum(state):
        raise MixtureError(
            "not a state as it was saved: a value of it was edited or damaged (its checksum is "
            f"{_checksum(state)}, not {state[_SEAL]!r:.40}); load an earlier one"
        )


def _checksum(state: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(unsealed(state), sort_keys=True, default=_plain)
    except (TypeError, ValueError, RecursionError):
        return "none"
    return f"{zlib.crc32(text.encode()):08x}"


def _plain(value: Any) -> Any:
    """A number as some savers of checkpoints give it back: an array without axes."""
    return value.item()
