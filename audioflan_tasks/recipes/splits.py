"""Splits of recordings by hash: whole speakers, artists or pieces, and who is asked for apart.

The people of training and test are others in all tasks but those that ask who it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from audioflan_tasks.recipes.recording import Recording
from audioflan_tasks.records.instance import Split
from audioflan_tasks.seeds import seed_of

__all__ = ["SHARES", "split_within", "with_splits"]

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


def split_within(recordings: Sequence[Recording], fact: str, seed: int = 0) -> list[Recording]:
    """The recordings, so split that each value of `fact` (speaker, artist) is in training.

    Splits of which that is true already are kept. Otherwise each recording gets one by its id; who
    would have none in training has all there.
    """
    if _is_shared(recordings, fact):
        return list(recordings)
    clips = [replace(clip, split=_split_of(clip.id, seed)) for clip in recordings]
    names = {getattr(clip, fact) for clip in clips if clip.split == "train"}
    return [
        clip if getattr(clip, fact) in names else replace(clip, split="train") for clip in clips
    ]


def _is_shared(recordings: Sequence[Recording], fact: str) -> bool:
    """Whether there is a test, and all whom training must know are in it."""
    names = {(clip.split == "train", getattr(clip, fact)) for clip in recordings}
    has_test = any(clip.split == "test" for clip in recordings)
    return has_test and all((True, name) in names for _, name in names)


def _split_of(owner: str, seed: int) -> Split:
    place = seed_of("split", seed, owner) % sum(SHARES)
    if place < SHARES[0]:
        return "train"
    return "validation" if place < SHARES[0] + SHARES[1] else "test"
