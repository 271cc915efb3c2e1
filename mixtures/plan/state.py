"""Where a stream stands, as a small plain JSON dict, and what has changed since.

    {"version": 1, "step": 4096, "seed": 7, "mixture": "9f…", "sources": "…", "counts": "…",
     "revisions": [{"step": 2048, "mixture": "31…", "cursors": "…"}], "options": {...}}

`sources` holds for each task three bytes of its name's hash and two of its records', in the
order of names; `counts` the draws that each has had, `cursors` those before the last
revision began, both as variable-length integers. All three are base64. Steps count
examples of the global stream, so a state holds for any number of hosts and workers.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MixtureError

__all__ = ["VERSION", "Sources", "packed", "unpacked", "what_changed"]

VERSION = 1

_NAME, _PRINT = 3, 2


class Sources(NamedTuple):
    """Tasks by hash of their names, each with two bytes that stand for its records."""

    prints: Mapping[bytes, bytes]

    @classmethod
    def of(cls, prints: Mapping[str, bytes]) -> Sources:
        """From fingerprints by task name.

        Raises:
          MixtureError: two names have one hash.
        """
        found = {name_hash(task): prints[task] for task in sorted(prints)}
        if len(found) < len(prints):
            raise MixtureError(
                "two tasks have names of the same short hash; rename one of your own"
            )
        return cls(found)

    @classmethod
    def read(cls, text: str) -> Sources:
        """From the text of a state."""
        data, width = _decoded(text), _NAME + _PRINT
        parts = [data[i : i + width] for i in range(0, len(data), width)]
        return cls({part[:_NAME]: part[_NAME:] for part in parts})

    def covers(self, other: Sources) -> bool:
        """Whether all tasks of the other are here, whatever their records."""
        return set(other.prints) <= set(self.prints)

    @property
    def text(self) -> str:
        """As it stands in a state."""
        return base64.b64encode(b"".join(k + v for k, v in self.prints.items())).decode()


def name_hash(task: str) -> bytes:
    """Three bytes for a task name."""
    return hashlib.sha256(task.encode()).digest()[:_NAME]


def what_changed(before: Sources, now: Sources, names: Iterable[str]) -> list[str]:
    """Sentences on tasks that came, went, or have other records."""
    known = {name_hash(n): n for n in (*(row.name for row in catalogue.tasks()), *names)}

    def said(keys: Iterable[bytes]) -> str:
        return ", ".join(sorted(known.get(k, f"an unknown task {k.hex()}") for k in keys))

    new, gone = set(now.prints) - set(before.prints), set(before.prints) - set(now.prints)
    other = [k for k in now.prints if before.prints.get(k, now.prints[k]) != now.prints[k]]
    told = []
    if new:
        told.append(f"tasks came in: {said(new)}")
    if gone:
        told.append(f"tasks went out: {said(gone)}")
    if other:
        told.append(f"records changed in: {said(other)}")
    return told


def packed(numbers: Iterable[int]) -> str:
    """Numbers from 0 as text: seven bits a byte, the highest bit set where more follow."""
    data = bytearray()
    for number in numbers:
        while number > 0x7F:
            data.append(number & 0x7F | 0x80)
            number >>= 7
        data.append(number)
    return base64.b64encode(bytes(data)).decode()


def unpacked(text: str) -> list[int]:
    """The numbers of `packed`."""
    found, number, shift = [], 0, 0
    for byte in _decoded(text):
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            found.append(number)
            number, shift = 0, 0
    return found


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise MixtureError(f"not a state of a mixture: {text[:40]!r} is no base64") from error


def differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Sentences on options that are not the same."""
    keys = [k for k in {**before, **now} if before.get(k) != now.get(k)]
    return [f"{k} was {before.get(k)!r} and is {now.get(k)!r}" for k in keys]
