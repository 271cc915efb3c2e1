"""Packing: examples of one shard put into rows as they come, with a short look ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.batching.sharding import Shard
from audioflan_tasks.engine.stream import Stream, StreamExample
from audioflan_tasks.errors import MixtureError

__all__ = ["Packer", "merged"]

# Examples that may wait for the next batch while later ones are tried, per row.
_AHEAD = 4

# Examples that are looked at together; more where no record is read for them.
_READ, _READ_STORED = 16, 256


class Packer:
    """Takes examples of a shard and gives rows of at most `length` ids.

    An example goes into the fullest row that still holds it. One that fits into none waits
    for the next batch; a batch is done when enough are waiting. What waits is part of the
    state, so nothing is lost between batches.
    """

    def __init__(self, stream: Stream, shard: Shard, start: int, rows: int, length: int) -> None:
        self._stream, self._shard, self._start = stream, shard, start
        self._rows, self._length = rows, length
        self._taken = 0
        self._before: list[int] = []
        self._waiting: list[StreamExample] = []
        self._read: list[StreamExample] = []

    @property
    def low(self) -> int:
        """The step up to which this shard has taken its part of the stream."""
        return self._start + self._taken * self._shard.count

    def next_rows(self, seen: Callable[[NDArray[np.bool_]], None]) -> list[list[StreamExample]]:
        """The rows of the next batch.

        Raises:
          StopIteration: nothing is left.
        """
        rows: list[list[StreamExample]] = [[] for _ in range(self._rows)]
        room = np.full(self._rows, self._length, np.int64)
        queue, self._waiting = self._waiting, []
        for one in self._all(queue, seen):
            if not one.kept:
                continue
            size = one.size
            if size > self._length:
                self._stream.maker.skipped["too long"] += 1
                continue
            fits = np.where(room >= size, room, np.iinfo(np.int64).max)
            best = int(fits.argmin())
            if room[best] < size:
                self._waiting.append(one)
                if len(self._waiting) >= _AHEAD * self._rows:
                    break
                continue
            rows[best].append(one)
            room[best] -= size
        # What had been waiting and was not looked at waits on.
        self._waiting += queue
        if not any(rows):
            raise StopIteration
        return rows

    def _all(
        self, queue: list[StreamExample], seen: Callable[[NDArray[np.bool_]], None]
    ) -> Iterator[StreamExample]:
        while queue:
            yield queue.pop(0)
        while True:
            if not self._read:
                self._read = self._more()
                if not self._read:
                    return
                seen(np.array([one.kept for one in self._read], np.bool_))
            if self._before:
                self._before.pop(0)
            else:
                self._taken += 1
            yield self._read.pop(0)

    def _more(self) -> list[StreamExample]:
        """The next examples; a look at them does not take them."""
        count = _READ_STORED if self._stream.is_stored else _READ
        if self._before:
            return self._stream.made(np.array(self._before[:count], np.int64))
        groups = np.arange(self._taken, self._taken + count, dtype=np.int64)
        steps = self._shard.steps(groups, self._start)
        total = self._stream.total
        return self._stream.made(steps if total is None else steps[steps < total])

    def state(self) -> dict[str, Any]:
        """Where this shard stands: steps that wait or were left by others, and those taken."""
        return {
            "start": self._start,
            "taken": self._taken,
            "shard": [self._shard.index, self._shard.count],
            "before": [*(one.step for one in self._waiting), *self._before],
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Goes on where a state stands.

        Raises:
          MixtureError: it is of one shard of another number of shards.
        """
        of = state["shard"]
        if of is not None and of != [self._shard.index, self._shard.count]:
            raise MixtureError(
                f"this packed state is of shard {of[0]} of {of[1]}, not of {self._shard.index} of "
                f"{self._shard.count}: make one state of all with merge_states"
            )
        before = [int(step) for step in state["before"]]
        self._start, self._taken = int(state["start"]), int(state["taken"])
        if of is None:
            before = before[self._shard.index :: self._shard.count]
        if before and min(before) < self._stream.begin:
            raise MixtureError(
                "examples that wait for a row are from before the revision: "
                "take batches until none waits, or begin the revision with an unpacked state"
            )
        self._before, self._waiting, self._read = before, [], []


def merged(states: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """See `engine.batching.batches.merge_states`."""
    parts = [state.get("packed") for state in states]
    if not parts or any(part is None or part["shard"] is None for part in parts):
        raise MixtureError("expected the packed states of all shards, each from its own shard")
    sure: list[Mapping[str, Any]] = [part for part in parts if part is not None]
    count = sure[0]["shard"][1]
    same = {(part["start"], part["shard"][1]) for part in sure}
    streams = {(s["seed"], s["mixture"], s["sources"]) for s in states}
    if sorted(p["shard"][0] for p in sure) != list(range(count)) or len(same | streams) != 2:
        raise MixtureError(f"expected one state of each of {count} shards of one stream")
    start, most = sure[0]["start"], max(part["taken"] for part in sure)
    left: list[int] = []
    for part in sure:
        shard = Shard(part["shard"][0], count, int(states[0]["seed"]))
        groups = np.arange(part["taken"], most, dtype=np.int64)
        left += [*part["before"], *shard.steps(groups, start).tolist()]
    # The furthest shard's count of draws is that of the whole stream up to its last group.
    furthest = max(states, key=lambda s: s["packed"]["taken"])
    packed = {"start": start + most * count, "taken": 0, "shard": None, "before": sorted(left)}
    return {**furthest, "packed": packed}
