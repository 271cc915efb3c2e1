"""Hashes and permutations that need no memory, vectorised over NumPy arrays.

`permute` is a Feistel network over a rectangle a x b >= n with cycle walking (Black and
Rogaway 2002, "Ciphers with arbitrary finite domains"); the mixer is that of splitmix64
(Steele, Lea and Flood 2014). Only integer operations that wrap alike on every machine.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["key_of", "mixed", "permute", "unit"]

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


def permute(
    positions: NDArray[np.int64],
    sizes: NDArray[np.int64],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    keys: U64,
) -> NDArray[np.int64]:
    """The image of each position under the permutation of 0 … size-1 of its key; arrays [n].

    `a` and `b` are `sides(size)`. Any size below 2^62 is possible.
    """
    images = _feistel(positions, a, b, keys)
    out_of_range = np.flatnonzero(images >= sizes)
    while len(out_of_range):
        images[out_of_range] = _feistel(
            images[out_of_range], a[out_of_range], b[out_of_range], keys[out_of_range]
        )
        out_of_range = out_of_range[images[out_of_range] >= sizes[out_of_range]]
    return images


def _feistel(
    positions: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64], keys: U64
) -> NDArray[np.int64]:
    high, low = np.divmod(positions.astype(np.uint64), b.astype(np.uint64))
    ua, ub = a.astype(np.uint64), b.astype(np.uint64)
    for number, constant in enumerate(_ROUND_KEYS):
        round_keys = keys + np.uint64(constant)
        if number % 2:
            low = _add_round(low, high, ub, round_keys)
        else:
            high = _add_round(high, low, ua, round_keys)
    return (high * ub + low).astype(np.int64)


def _add_round(half: U64, other: U64, modulus: U64, keys: U64) -> U64:
    """half plus a hash of `other`, modulo `modulus` < 2^32, without a division."""
    # The upper half of the hash times the modulus stays below 2^64, and its upper half is
    # uniform in [0, modulus).
    offset = (mixed(other * np.uint64(_GOLDEN) + keys) >> np.uint64(32)) * modulus >> np.uint64(32)
    total = half + offset
    return np.where(total >= modulus, total - modulus, total)
