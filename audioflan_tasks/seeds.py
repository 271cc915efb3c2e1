"""Seeds that depend on names only: the same on every machine, in every process."""

from __future__ import annotations

import hashlib

__all__ = ["seed_of"]


def seed_of(*parts: str | int) -> int:
    """A 63-bit seed from the SHA-256 of the parts, joined unambiguously.

    Python's own `hash` is salted per process, so it cannot be used for
    anything that two machines must agree on.
    """
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big") >> 1
