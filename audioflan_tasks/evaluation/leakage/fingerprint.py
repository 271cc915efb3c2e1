"""Acoustic fingerprints: they find a recording again after re-encoding, trimming or a new level.

Landmarks after Wang 2003 ("An industrial-strength audio search algorithm"): pairs of peaks
of the spectrogram, hashed as (frequency, frequency, time difference). Two clips are the same
recording if enough of their landmarks agree at one time offset. Synthesised music that
repeats a note with the same samples matches too, since the sound is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "RATE", "VERSION", "Landmarks", "Match", "is_comparable", "landmarks", "matches",
]  # fmt: skip

RATE = 8000
VERSION = 1

_WINDOW, _HOP = 1024, 256
_NEAR_BINS, _NEAR_FRAMES = 11, 5  # half-width of the area in which a peak is the maximum
_FLOOR_DB = 50.0  # peaks this far below the loudest point of the clip are ignored
_FAN, _MAX_GAP = 6, 63  # peaks after each peak that it is paired with; frames between them
_MIN_VOTES, _MIN_SHARE = 6, 0.08  # common landmarks of a match: number, share of the smaller clip
_MAX_HASHES = 24_000_000
_COMMON = 2_000  # a landmark that occurs more often than this in training is ignored


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Hashes [n] uint32 and the frame of the first peak of each, [n] int32 (32 ms)."""

    hashes: NDArray[np.uint32]
    frames: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Match:
    """Indices of two clips that are the same recording, and how many landmarks agree."""

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
        fit = (gap > 0) & (gap <= _MAX_GAP)
        first, second = bins[:-step][fit], bins[step:][fit]
        hashes.append((first << 15 | second << 6 | gap[fit]).astype(np.uint32))
        times.append(frames[:-step][fit].astype(np.int32))
    return Landmarks(np.concatenate(hashes), np.concatenate(times))


def is_comparable(marks: Landmarks) -> bool:
    """Whether a clip has landmarks enough to match another."""
    return len(marks.hashes) >= _MIN_VOTES


def _peaks(samples: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Frames and frequency bins of the peaks, sorted by frame."""
    from scipy.ndimage import maximum_filter

    padded_samples = np.pad(samples, (0, max(0, _WINDOW - len(samples))))
    windows = np.lib.stride_tricks.sliding_window_view(padded_samples, _WINDOW)[::_HOP]
    power = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW), axis=1)[:, 1 : _WINDOW // 2]) ** 2
    loudest = power.max()
    if loudest <= 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    level = 10 * np.log10(power / loudest + 1e-12)
    size = (2 * _NEAR_FRAMES + 1, 2 * _NEAR_BINS + 1)
    high = (level == maximum_filter(level, size)) & (level > -_FLOOR_DB)
    frames, bins = np.nonzero(high)
    return frames.astype(np.int64), bins.astype(np.int64)


def matches(train: Sequence[Landmarks], evaluation: Sequence[Landmarks]) -> Iterator[Match]:
    """For each evaluation clip the training clip with the most common landmarks at one offset.

    If the training side has more than 24 million landmarks, the hashes are split into k
    classes and only one class is compared, the same on both sides. A match then needs
    fewer votes.
    """
    total = sum(len(marks.hashes) for marks in train)
    num_classes = max(1, -(-total // _MAX_HASHES))
    train_table, eval_table = _table(train, num_classes), _table(evaluation, num_classes)
    if not len(train_table.hashes) or not len(eval_table.hashes):
        return
    best_matches: dict[int, Match] = {}
    for clip, other, votes in _votes(train_table, eval_table):
        sizes = len(train[other].hashes), len(evaluation[clip].hashes)
        min_votes = max(
            _MIN_VOTES if num_classes == 1 else 4, _MIN_SHARE * min(sizes) / num_classes
        )
        if votes >= min_votes and (clip not in best_matches or votes > best_matches[clip].votes):
            best_matches[clip] = Match(other, clip, votes)
    yield from (best_matches[clip] for clip in sorted(best_matches))


@dataclass(frozen=True, slots=True)
class _Table:
    """All landmarks of a side, sorted by hash: hash, clip and frame of each, [n]."""

    hashes: NDArray[np.uint32]
    clips: NDArray[np.int32]
    frames: NDArray[np.int32]


def _table(clips: Sequence[Landmarks], num_classes: int) -> _Table:
    """The landmarks of some clips; with several classes of hashes only those of one class."""
    if not clips:
        return _Table(np.zeros(0, np.uint32), np.zeros(0, np.int32), np.zeros(0, np.int32))
    kept_clips = clips if num_classes == 1 else [_keep_class(clip, num_classes) for clip in clips]
    hashes = np.concatenate([clip.hashes for clip in kept_clips])
    frames = np.concatenate([clip.frames for clip in kept_clips])
    counts = [len(clip.hashes) for clip in kept_clips]
    owners = np.repeat(np.arange(len(kept_clips), dtype=np.int32), counts)
    order = np.argsort(hashes, kind="stable")
    return _Table(hashes[order], owners[order], frames[order])


def _keep_class(clip: Landmarks, num_classes: int) -> Landmarks:
    """One in `num_classes` of the landmarks; which ones depends on the hash alone."""
    # A multiplicative hash, because the low bits of the landmark hash are a time difference.
    mask = (clip.hashes * np.uint32(2654435761) >> np.uint32(8)) % np.uint32(num_classes) == 0
    return Landmarks(clip.hashes[mask], clip.frames[mask])


def _votes(train: _Table, evaluation: _Table) -> Iterator[tuple[int, int, int]]:
    """(evaluation clip, training clip, landmarks that agree at the best offset)."""
    low = np.searchsorted(train.hashes, evaluation.hashes, "left")
    high = np.searchsorted(train.hashes, evaluation.hashes, "right")
    count = np.where(high - low <= _COMMON, high - low, 0)
    # In blocks, so that frequent landmarks cannot fill the memory.
    ends = np.cumsum(count)
    keys: list[NDArray[np.int64]] = []
    tallies: list[NDArray[np.int64]] = []
    start = 0
    while start < len(count):
        base = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, base + 20_000_000, "right")))
        block = count[start:stop]
        eval_places = np.repeat(np.arange(start, stop), block)
        ranks = np.arange(len(eval_places)) - np.repeat(np.cumsum(block) - block, block)
        train_places = low[eval_places] + ranks
        train_frames = train.frames[train_places].astype(np.int64)
        offset = train_frames - evaluation.frames[eval_places] + (1 << 15)
        eval_clips = evaluation.clips[eval_places].astype(np.int64)
        pair = eval_clips << 40 | train.clips[train_places].astype(np.int64) << 16
        # An offset between two frames may be rounded either way, so the votes for
        # neighbouring offsets are added below.
        key, tally = np.unique(pair | np.clip(offset, 0, (1 << 16) - 1), return_counts=True)
        keys.append(key)
        tallies.append(tally)
        start = stop
    key, tally = _sum_equal_keys(np.concatenate(keys), np.concatenate(tallies))
    neighbours = np.zeros_like(tally)
    neighbours[:-1] = np.where(key[1:] == key[:-1] + 1, tally[1:], 0)
    votes = tally + neighbours
    strong = votes >= 4
    pairs, best = key[strong] >> 16, votes[strong]
    order = np.lexsort((-best, pairs))
    pairs, best = pairs[order], best[order]
    first = np.ones(len(pairs), bool)
    first[1:] = pairs[1:] != pairs[:-1]
    for pair, vote in zip(pairs[first].tolist(), best[first].tolist(), strict=True):
        yield pair >> 24, pair & ((1 << 24) - 1), vote


def _sum_equal_keys(
    keys: NDArray[np.int64], tallies: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sorted distinct keys, and the sum of the tallies of each."""
    if not len(keys):
        return keys, tallies
    order = np.argsort(keys, kind="stable")
    keys, tallies = keys[order], tallies[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[starts], np.add.reduceat(tallies, starts)
