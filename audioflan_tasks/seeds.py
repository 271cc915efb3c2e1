"""Seeds that depend on names only: the same on every machine, in every process."""

from __future__ import annotations

import hashlib

__all__ = ["mixed", "seed_of"]

_MASK = 2**64 - 1


def seed_of(*parts: str | int) -> int:
    """A 63-bit seed from the SHA-256 of the parts, joined unambiguously.

    Python's own `hash` is salted per process, so it cannot be used for
    anything that two machines must agree on.
    """
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big") >> 1


def mixed(value: int) -> int:
    """A number below 2^64 sent to another one, as by `mixtures.plan.permutation.mixed`."""
    value &= _MASK
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _MASK
    return value ^ (value >> 31)
