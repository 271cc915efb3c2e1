"""The key of an endpoint: it goes into one header and nowhere else."""

from __future__ import annotations

import os
from typing import Any

from audioflan_tasks.errors import SettingsError

__all__ = ["ApiKey"]

_MASK = "[API key]"
# Shorter ones ("EMPTY") stand for no key, and are words that an answer may hold.
_SECRET_LENGTH = 8
_MESSAGE_LENGTH = 4


class ApiKey:
    """The key in an environment variable, read when it is needed and never stored.

    Raises:
      SettingsError: it holds what no header can, as a line end in the middle.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._read()

    def headers(self) -> dict[str, str]:
        """The header of a request; none without a key."""
        key = self._read()
        return {"Authorization": f"Bearer {key}"} if key else {}

    def mask(self, message: str) -> str:
        """A message of the server without the key."""
        key = self._read()
        return message.replace(key, _MASK) if len(key) >= _MESSAGE_LENGTH else message

    def masked(self, value: Any) -> Any:
        """JSON of the server without the key in any of its texts."""
        key = self._read()
        return _replaced(value, key) if len(key) >= _SECRET_LENGTH else value

    def _read(self) -> str:
        # A file's last line end often comes along.
        key = os.environ.get(self._name, "").strip()
        if not (key.isascii() and key.isprintable()):
            raise SettingsError(
                f"{self._name}: the key has control characters or others that no HTTP header can "
                "hold; set it to the key alone"
            )
        return key


def _replaced(value: Any, key: str) -> Any:
    if isinstance(value, str):
        return value.replace(key, _MASK)
    if isinstance(value, dict):
        return {_replaced(k, key): _replaced(v, key) for k, v in value.items()}
    return [_replaced(v, key) for v in value] if isinstance(value, list) else value
