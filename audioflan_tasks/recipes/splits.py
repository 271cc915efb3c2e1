"""Splits of recordings whose corpus has none: whole speakers, artists or pieces, by hash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.records.instance import Split
from audioflan_tasks.seeds import seed_of

__all__ = ["SHARES", "with_splits"]

# Train, validation and test, in percent.
SHARES = (90, 5, 5)


def with_splits(
    recordings: Iterable[Recording], seed: int = 0, shares: tuple[int, int, int] = SHARES
) -> Iterator[Recording]:
    """The recordings; those without a split get that of their speaker, artist, piece or id.

    Equal owners have equal splits on every machine, and a corpus that grows moves none.
    """
    for recording in recordings:
        if recording.split is not None:
            yield recording
        else:
            yield replace(recording, split=_split_of(recording.owner, seed, shares))


def _split_of(owner: str, seed: int, shares: tuple[int, int, int]) -> Split:
    place = seed_of("split", seed, owner) % sum(shares)
    if place < shares[0]:
        return "train"
    return "validation" if place < shares[0] + shares[1] else "test"
