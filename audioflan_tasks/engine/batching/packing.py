"""Packing: examples of one shard put into rows as they come, with a short look ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.batching.sharding import Shard
from audioflan_tasks.engine.stream import Stream, StreamExample
from audioflan_tasks.errors import MixtureError

__all__ = ["PackedState", "Packer", "merge_packed_states"]

# Examples that may wait for the next batch while later ones are tried, per row.
_WAITING_PER_ROW = 4

# Examples that are made together; more where no record is read for them.
_RECORD_ROWS, _STORED_ROWS = 16, 256

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**61)]


class PackedState(msgspec.Struct, frozen=True):
    """Where one shard stands: `taken` groups of steps from `start` on, and steps `before` these
    that wait for a row or were left by other shards; `shard` (index, count) is None for all."""

    start: _Count
    taken: _Count
    shard: tuple[_Count, _Count] | None
    before: list[_Count]

    @classmethod
    def read(cls, state: object) -> PackedState:
        """The packed part of a state.

        Raises:
          MixtureError: it is none.
        """
        try:
            return msgspec.convert(state, cls)
        except msgspec.ValidationError as error:
            raise MixtureError(f"not a state of packed batches: {error}") from error


class Packer:
    """Takes examples of a shard and gives rows of at most `length` ids.

    An example goes into the fullest row that still holds it. One that fits into none waits
    for the next batch; a batch is done when enough are waiting. What waits is part of the
    state, so nothing is lost between batches.
    """

    def __init__(self, stream: Stream, shard: Shard, start: int, rows: int, length: int) -> None:
        self._stream, self._shard, self._start = stream, shard, start
        self._rows, self._length = rows, length
        self._group_count = 0
        self._earlier_steps: list[int] = []
        self._waiting: list[StreamExample] = []
        self._prefetched_examples: list[StreamExample] = []

    @property
    def low(self) -> int:
        """The step up to which this shard has taken its part of the stream."""
        return self._start + self._group_count * self._shard.count

    def next_rows(
        self, count_skips: Callable[[NDArray[np.bool_]], None]
    ) -> list[list[StreamExample]]:
        """The rows of the next batch; `count_skips` is told which examples were kept.

        Raises:
          StopIteration: nothing is left.
        """
        rows: list[list[StreamExample]] = [[] for _ in range(self._rows)]
        room = np.full(self._rows, self._length, np.int64)
        queue, self._waiting = self._waiting, []
        for example in self._candidates(queue, count_skips):
            if not example.kept:
                continue
            size = example.size
            if size > self._length:
                self._stream.maker.skipped["too long"] += 1
                continue
            fits = np.where(room >= size, room, np.iinfo(np.int64).max)
            best = int(fits.argmin())
            if room[best] < size:
                self._waiting.append(example)
                if len(self._waiting) >= _WAITING_PER_ROW * self._rows:
                    break
                continue
            rows[best].append(example)
            room[best] -= size
        # What had been waiting and was not looked at waits on.
        self._waiting += queue
        if not any(rows):
            raise StopIteration
        return rows

    def _candidates(
        self, queue: list[StreamExample], count_skips: Callable[[NDArray[np.bool_]], None]
    ) -> Iterator[StreamExample]:
        while queue:
            yield queue.pop(0)
        while True:
            if not self._prefetched_examples:
                self._prefetched_examples = self._next_examples()
                if not self._prefetched_examples:
                    return
                count_skips(
                    np.array([example.kept for example in self._prefetched_examples], np.bool_)
                )
            if self._earlier_steps:
                self._earlier_steps.pop(0)
            else:
                self._group_count += 1
            yield self._prefetched_examples.pop(0)

    def _next_examples(self) -> list[StreamExample]:
        """The next examples; a look at them does not take them."""
        count = _STORED_ROWS if self._stream.is_stored else _RECORD_ROWS
        if self._earlier_steps:
            return self._stream.examples(np.array(self._earlier_steps[:count], np.int64))
        groups = np.arange(self._group_count, self._group_count + count, dtype=np.int64)
        steps = self._shard.steps(groups, self._start)
        total = self._stream.total
        return self._stream.examples(steps if total is None else steps[steps < total])

    def state(self) -> dict[str, Any]:
        """Where this shard stands, as plain JSON; see `PackedState`."""
        waiting = [example.step for example in self._waiting]
        state = PackedState(
            self._start,
            self._group_count,
            (self._shard.index, self._shard.count),
            [*waiting, *self._earlier_steps],
        )
        plain: dict[str, Any] = msgspec.to_builtins(state)
        return {**plain, "shard": list(plain["shard"])}

    def load(self, state: Mapping[str, Any]) -> None:
        """Resumes at a state.

        Raises:
          MixtureError: it is of one shard of another number of shards.
        """
        packed = PackedState.read(state)
        own_shard = (self._shard.index, self._shard.count)
        steps = packed.before
        if packed.shard is None:
            steps = steps[self._shard.index :: self._shard.count]
        elif packed.shard != own_shard:
            raise MixtureError(
                f"this packed state is of shard {packed.shard[0]} of {packed.shard[1]}, not of "
                f"{own_shard[0]} of {own_shard[1]}: make one state of all with merge_states"
            )
        if steps and min(steps) < self._stream.begin:
            raise MixtureError(
                "examples that wait for a row are from before the revision: "
                "take batches until none waits, or begin the revision with an unpacked state"
            )
        self._start, self._group_count, self._earlier_steps = packed.start, packed.taken, steps
        self._waiting, self._prefetched_examples = [], []


def merge_packed_states(states: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """See `engine.batching.batches.merge_states`."""
    if not states or any(not state.get("packed") for state in states):
        raise MixtureError("expected the packed states of all shards, each from its own shard")
    parts = [PackedState.read(state["packed"]) for state in states]
    shards = [part.shard for part in parts if part.shard is not None]
    if len(shards) < len(parts):
        raise MixtureError("expected the packed states of all shards, each from its own shard")
    count = shards[0][1]
    plans = {(part.start, shard[1]) for part, shard in zip(parts, shards, strict=True)}
    streams = {(s["seed"], s["mixture"], s["sources"]) for s in states}
    if (
        sorted(index for index, _ in shards) != list(range(count))
        or len(plans) != 1
        or len(streams) != 1
    ):
        raise MixtureError(f"expected one state of each of {count} shards of one stream")
    start, largest_count = parts[0].start, max(part.taken for part in parts)
    before: list[int] = []
    for part, (index, _) in zip(parts, shards, strict=True):
        shard = Shard(index, count, int(states[0]["seed"]))
        groups = np.arange(part.taken, largest_count, dtype=np.int64)
        before += [*part.before, *shard.steps(groups, start).tolist()]
    # The furthest shard's count of draws is that of the whole stream up to its last group.
    furthest = max(states, key=lambda state: state["packed"]["taken"])
    merged_state = PackedState(start + largest_count * count, 0, None, sorted(before))
    return {**furthest, "packed": msgspec.to_builtins(merged_state)}
