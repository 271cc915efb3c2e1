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


def with_splits(recordings: Iterable[Recording], seed: int = 0) -> Iterator[Recording]:
    """The recordings; those without a split get that of their speaker, artist, piece or id.

    Equal owners have equal splits on every machine, and a corpus that grows moves none.
    """
    for recording in recordings:
        if recording.split is not None:
            yield recording
        else:
            yield replace(recording, split=_split_of(recording.owner, seed))


def _split_of(owner: str, seed: int) -> Split:
    place = seed_of("split", seed, owner) % sum(SHARES)
    if place < SHARES[0]:
        return "train"
    return "validation" if place < SHARES[0] + SHARES[1] else "test"
