"""The position of a stream as a small JSON object, and what has changed since it was saved.

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
from dataclasses import dataclass
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MixtureError

__all__ = ["VERSION", "Sources", "packed", "unpacked", "what_changed"]

VERSION = 1

_NAME, _PRINT = 3, 2


@dataclass(frozen=True, slots=True)
class Sources:
    """Fingerprints of records, two bytes by the hash of the task's name."""

    prints: Mapping[bytes, bytes]

    @classmethod
    def of(cls, prints: Mapping[str, bytes]) -> Sources:
        """From fingerprints by task name.

        Raises:
          MixtureError: two names have one hash.
        """
        by_hash = {name_hash(task): prints[task] for task in sorted(prints)}
        if len(by_hash) < len(prints):
            raise MixtureError(
                "two tasks have names of the same short hash; rename one of your own"
            )
        return cls(by_hash)

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


def what_changed(old: Sources, new: Sources, names: Iterable[str]) -> list[str]:
    """Sentences on tasks that came, went, or have other records."""
    task_names = {name_hash(n): n for n in (*(row.name for row in catalogue.tasks()), *names)}

    def names_of(keys: Iterable[bytes]) -> str:
        return ", ".join(sorted(task_names.get(k, f"an unknown task {k.hex()}") for k in keys))

    new_keys, old_keys = set(new.prints) - set(old.prints), set(old.prints) - set(new.prints)
    other_keys = [k for k in new.prints if old.prints.get(k, new.prints[k]) != new.prints[k]]
    sentences = []
    if new_keys:
        sentences.append(f"tasks came in: {names_of(new_keys)}")
    if old_keys:
        sentences.append(f"tasks went out: {names_of(old_keys)}")
    if other_keys:
        sentences.append(f"records changed in: {names_of(other_keys)}")
    return sentences


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
    numbers, number, shift = [], 0, 0
    for byte in _decoded(text):
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            numbers.append(number)
            number, shift = 0, 0
    return numbers


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise MixtureError(f"not a state of a mixture: {text[:40]!r} is no base64") from error


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Sentences on options that are not the same."""
    keys = [k for k in {**old, **new} if old.get(k) != new.get(k)]
    return [f"{k} was {old.get(k)!r} and is {new.get(k)!r}" for k in keys]
