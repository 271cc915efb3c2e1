"""Acoustic fingerprints: the same recording after re-encoding, trimming or a change of level.

Landmarks after Wang 2003 ("An industrial-strength audio search algorithm"): peaks of the
spectrogram, hashed in pairs as (frequency, frequency, time between). Two clips are the same
recording if enough of their landmarks agree at one offset. Rendered music that repeats a
note with the same samples is found as well: it is the same sound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["RATE", "VERSION", "Landmarks", "Match", "landmarks", "matches"]

RATE = 8000
VERSION = 1

_WINDOW, _HOP = 1024, 256
_NEAR_BINS, _NEAR_FRAMES = 11, 5  # half the neighbourhood in which a peak is the highest
_FLOOR_DB = 50.0  # below the loudest point of the clip
_FAN, _LONGEST = 6, 63
_AT_LEAST, _SHARE = 6, 0.08
_MOST_HASHES = 24_000_000
_COMMON = 2_000  # a landmark in more training clips than that says nothing


class Landmarks(NamedTuple):
    """Hashes [n] uint32 and the frame of the first peak of each, [n] int32 (32 ms)."""

    hashes: NDArray[np.uint32]
    frames: NDArray[np.int32]


class Match(NamedTuple):
    """Places of two clips that are one recording, and how many landmarks agree."""

    train: int
    eval: int
    votes: int


def landmarks(samples: NDArray[np.floating]) -> Landmarks:
    """Landmarks of mono samples at `RATE`; none for silence or less than 0.25 s."""
    empty = Landmarks(np.zeros(0, np.uint32), np.zeros(0, np.int32))
    if len(samples) < RATE // 4:
        return empty
    frames, bins = _peaks(np.asarray(samples, np.float64))
    if len(frames) < 2:
        return empty
    hashes, times = [], []
    for step in range(1, _FAN + 1):
        if step >= len(frames):
            break
        gap = frames[step:] - frames[:-step]
        fit = (gap > 0) & (gap <= _LONGEST)
        first, second = bins[:-step][fit], bins[step:][fit]
        hashes.append((first << 15 | second << 6 | gap[fit]).astype(np.uint32))
        times.append(frames[:-step][fit].astype(np.int32))
    return Landmarks(np.concatenate(hashes), np.concatenate(times))


def _peaks(samples: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Frames and frequency bins of the peaks, by frame."""
    from scipy.ndimage import maximum_filter

    padded = np.pad(samples, (0, max(0, _WINDOW - len(samples))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    power = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW), axis=1)[:, 1 : _WINDOW // 2]) ** 2
    loudest = power.max()
    if loudest <= 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    level = 10 * np.log10(power / loudest + 1e-12)
    size = (2 * _NEAR_FRAMES + 1, 2 * _NEAR_BINS + 1)
    high = (level == maximum_filter(level, size)) & (level > -_FLOOR_DB)
    frames, bins = np.nonzero(high)
    return frames.astype(np.int64), bins.astype(np.int64)


def matches(train: Sequence[Landmarks], measured: Sequence[Landmarks]) -> Iterator[Match]:
    """For each measured clip the training clip that shares most landmarks at one offset.

    Where there are very many landmarks only those whose hash falls into one of k classes
    are kept, the same on both sides, and the votes asked for are fewer accordingly.
    """
    total = sum(len(one.hashes) for one in train)
    kept = max(1, -(-total // _MOST_HASHES))
    left, right = _table(train, kept), _table(measured, kept)
    if not len(left[0]) or not len(right[0]):
        return
    found: dict[int, Match] = {}
    for clip, other, votes in _votes(left, right):
        sizes = len(train[other].hashes), len(measured[clip].hashes)
        needed = max(_AT_LEAST if kept == 1 else 4, _SHARE * min(sizes) / kept)
        if votes >= needed and (clip not in found or votes > found[clip].votes):
            found[clip] = Match(other, clip, votes)
    yield from (found[clip] for clip in sorted(found))


_Table = tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.int32]]


def _table(clips: Sequence[Landmarks], kept: int) -> _Table:
    """Hashes, clips and frames of all landmarks of the class that is kept, by hash."""
    if not clips:
        return np.zeros(0, np.uint32), np.zeros(0, np.int32), np.zeros(0, np.int32)
    some = clips if kept == 1 else [_of_class(one, kept) for one in clips]
    hashes = np.concatenate([one.hashes for one in some])
    frames = np.concatenate([one.frames for one in some])
    counts = [len(one.hashes) for one in some]
    owners = np.repeat(np.arange(len(some), dtype=np.int32), counts)
    order = np.argsort(hashes, kind="stable")
    return hashes[order], owners[order], frames[order]


def _of_class(one: Landmarks, kept: int) -> Landmarks:
    """One in `kept` of the landmarks, the same ones wherever they occur."""
    # A multiplicative hash: low bits of the raw hash are a time, not random.
    here = (one.hashes * np.uint32(2654435761) >> np.uint32(8)) % np.uint32(kept) == 0
    return Landmarks(one.hashes[here], one.frames[here])


def _votes(train: _Table, measured: _Table) -> Iterator[tuple[int, int, int]]:
    """(measured clip, training clip, landmarks that agree at the best offset)."""
    low = np.searchsorted(train[0], measured[0], "left")
    high = np.searchsorted(train[0], measured[0], "right")
    count = np.where(high - low <= _COMMON, high - low, 0)
    # In blocks, so that a common landmark cannot fill the memory.
    ends = np.cumsum(count)
    keys: list[NDArray[np.int64]] = []
    tallies: list[NDArray[np.int64]] = []
    start = 0
    while start < len(count):
        base = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, base + 20_000_000, "right")))
        block = count[start:stop]
        mine = np.repeat(np.arange(start, stop), block)
        within = np.arange(len(mine)) - np.repeat(np.cumsum(block) - block, block)
        theirs = low[mine] + within
        offset = train[2][theirs].astype(np.int64) - measured[2][mine] + (1 << 15)
        pair = measured[1][mine].astype(np.int64) << 40 | train[1][theirs].astype(np.int64) << 16
        # An offset between two frames falls on either: both neighbours count.
        key, tally = np.unique(pair | np.clip(offset, 0, (1 << 16) - 1), return_counts=True)
        keys.append(key)
        tallies.append(tally)
        start = stop
    key, tally = _summed(np.concatenate(keys), np.concatenate(tallies))
    beside = np.zeros_like(tally)
    beside[:-1] = np.where(key[1:] == key[:-1] + 1, tally[1:], 0)
    votes = tally + beside
    strong = votes >= 4
    pairs, best = key[strong] >> 16, votes[strong]
    order = np.lexsort((-best, pairs))
    pairs, best = pairs[order], best[order]
    first = np.ones(len(pairs), bool)
    first[1:] = pairs[1:] != pairs[:-1]
    for pair, vote in zip(pairs[first].tolist(), best[first].tolist(), strict=True):
        yield pair >> 24, pair & ((1 << 24) - 1), vote


def _summed(
    keys: NDArray[np.int64], tallies: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Equal keys of several blocks made one."""
    if not len(keys):
        return keys, tallies
    order = np.argsort(keys, kind="stable")
    keys, tallies = keys[order], tallies[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[starts], np.add.reduceat(tallies, starts)
