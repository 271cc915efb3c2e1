"""Hashes and permutations that need no memory, vectorised over NumPy arrays.

`shuffled` is a Feistel network over a rectangle a x b >= n with cycle walking (Black and
Rogaway 2002, "Ciphers with arbitrary finite domains"); the mixer is that of splitmix64
(Steele, Lea and Flood 2014). Only integer operations that wrap alike on every machine.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["key_of", "mixed", "shuffled", "unit"]

U64 = NDArray[np.uint64]

_GOLDEN = 0x9E3779B97F4A7C15
_ROUNDS = 8
_ROUND_KEYS = tuple((0xD1B54A32D192ED03 * (r + 1)) % 2**64 for r in range(_ROUNDS))
_TO_UNIT = 2.0**-53


def mixed(values: U64) -> U64:
    """Each uint64 sent to another one: a bijection whose output bits look independent."""
    v = values ^ (values >> np.uint64(30))
    v *= np.uint64(0xBF58476D1CE4E5B9)
    v ^= v >> np.uint64(27)
    v *= np.uint64(0x94D049BB133111EB)
    v ^= v >> np.uint64(31)
    return v


def key_of(keys: U64, numbers: NDArray[np.int64]) -> U64:
    """A key for each pair of key and number, such as (task, epoch)."""
    return mixed(keys + numbers.astype(np.uint64) * np.uint64(_GOLDEN))


def unit(keys: U64, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """A float in [0, 1) with 53 bits for each pair of key and number."""
    return (key_of(keys, numbers) >> np.uint64(11)).astype(np.float64) * _TO_UNIT


def sides(size: int) -> tuple[int, int]:
    """The rectangle a x b >= size in which the numbers below `size` are permuted."""
    a = math.isqrt(max(size, 1) - 1) + 1
    return a, -(-max(size, 1) // a)


def shuffled(
    positions: NDArray[np.int64],
    sizes: NDArray[np.int64],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    keys: U64,
) -> NDArray[np.int64]:
    """Where each position of its key's permutation of 0 … size-1 leads; all arrays [n].

    `a` and `b` are `sides(size)`. Any size below 2^62 is possible.
    """
    out = _walked(positions, a, b, keys)
    outside = np.flatnonzero(out >= sizes)
    while len(outside):
        out[outside] = _walked(out[outside], a[outside], b[outside], keys[outside])
        outside = outside[out[outside] >= sizes[outside]]
    return out


def _walked(
    positions: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64], keys: U64
) -> NDArray[np.int64]:
    left, right = np.divmod(positions.astype(np.uint64), b.astype(np.uint64))
    ua, ub = a.astype(np.uint64), b.astype(np.uint64)
    for number, constant in enumerate(_ROUND_KEYS):
        round_keys = keys + np.uint64(constant)
        if number % 2:
            right = _added(right, left, ub, round_keys)
        else:
            left = _added(left, right, ua, round_keys)
    return (left * ub + right).astype(np.int64)


def _added(half: U64, other: U64, modulus: U64, keys: U64) -> U64:
    """half plus a number drawn from `other`, modulo `modulus` < 2^32, without a division."""
    # The upper half times the modulus stays below 2^64 and is a draw in [0, modulus).
    drawn = (mixed(other * np.uint64(_GOLDEN) + keys) >> np.uint64(32)) * modulus >> np.uint64(32)
    total = half + drawn
    return np.where(total >= modulus, total - modulus, total)
