"""Packing: examples of one shard put into rows as they come, with a short look ahead."""

from __future__ import annotations

import contextlib
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.batching.sharding import Shard
from audioflan_tasks.engine.state_seal import check_seal, sealed_state
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.engine.stream_examples import ExampleBlock
from audioflan_tasks.errors import AudioFlanError, MixtureError, RemoteError

__all__ = ["PackedState", "Packer", "ShardCounts", "merge_packed_states"]

# Examples that may wait for the next batch while later ones are tried, per row.
_WAITING_PER_ROW = 4

# Examples that are made together; more where no record is read for them.
_RECORD_ROWS, _STORED_ROWS = 16, 512

# An example: its number in a block.
_Example = tuple[ExampleBlock, int]

PackedRows = list[list[_Example]]

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**61)]


class PackedState(msgspec.Struct, frozen=True):
    """Where one shard stands: `taken` groups of steps from `start` on, and steps `before` these
    that wait for a row or were left by other shards; `shard` (index, count) is None for all.

    `batch_count` batches of this shard have been taken since all shards stood at `start`; `origin`
    are the steps of all of them that waited there.
    """

    start: _Count
    taken: _Count
    shard: tuple[_Count, _Count] | None
    before: list[_Count]
    batch_count: _Count = 0
    origin: list[_Count] = []

    @classmethod
    def read(cls, state: object) -> PackedState:
        """The packed part of a state.

        Raises:
          MixtureError: it is none.
        """
        try:
            return msgspec.convert(state, cls)
        except (msgspec.ValidationError, ValueError) as error:
            raise MixtureError(f"not a state of packed batches: {error}") from error


class Packer:
    """Takes examples of a shard and gives rows of at most `length` ids.

    An example goes into the fullest row that still holds it. One that fits into none waits
    for the next batch; a batch is done when enough are waiting. What waits is part of the
    state, so nothing is lost between batches.

    Args:
      origin: steps of all shards that wait at `start`.
    """

    def __init__(
        self,
        stream: Stream,
        shard: Shard,
        start: int,
        rows: int,
        length: int,
        origin: Sequence[int] = (),
    ) -> None:
        self.stream, self._shard, self._start = stream, shard, start
        self.row_count, self._length, self._origin = rows, length, list(origin)
        self._group_count = self.batch_count = 0
        self._earlier_steps = self._origin[shard.index :: shard.count]
        self._waiting: list[_Example] = []
        # Of examples that are made already those that can be used; the first come last.
        self._prefetched_examples: list[_Example | None] = []

    @property
    def low(self) -> int:
        """The step up to which this shard has taken its part of the stream."""
        return self._start + self._group_count * self._shard.count

    def of_shard(self, index: int) -> Packer:
        """The packer of a shard as it was when all shards stood at `start`."""
        shard = Shard(index, self._shard.count, self.stream.seed)
        return Packer(self.stream, shard, self._start, self.row_count, self._length, self._origin)

    def next_rows(
        self,
        count_skips: Callable[[NDArray[np.bool_]], None],
        batches_left: Callable[[], int] | None = None,
    ) -> PackedRows:
        """The rows of the next batch; `count_skips` is told which examples were kept.

        Args:
          batches_left: batches that this shard has still to give, this one included; asked only
            when this would be its last. Its examples are spread over all of them.

        Raises:
          StopIteration: nothing is left.
        """
        filler = _RowFiller(self.row_count, self._length)
        queue, self._waiting = self._waiting, []
        try:
            for example in self._candidates(queue, count_skips):
                if not filler.add(example):
                    self._waiting.append(example)
                    if len(self._waiting) >= _WAITING_PER_ROW * self.row_count:
                        break
        except Exception:
            self._waiting = [*filler.examples, *self._waiting, *queue]
            raise
        # What had been waiting and was not looked at waits on.
        self._waiting += queue
        if not filler.examples:
            raise StopIteration
        if batches_left is not None and self._is_done():
            filler = self._first_part(filler, batches_left())
        self.batch_count += 1
        return filler.rows

    def _first_part(self, filler: _RowFiller, parts: int) -> _RowFiller:
        """The first of so many parts of the last examples; the others wait."""
        examples = filler.examples
        count = -(-len(examples) // max(1, parts))
        first_filler, next_filler = (_RowFiller(self.row_count, self._length) for _ in range(2))
        if all(first_filler.add(e) for e in examples[:count]) and all(
            next_filler.add(e) for e in examples[count:]
        ):
            self._waiting = examples[count:]
            return first_filler
        return filler

    def _is_done(self) -> bool:
        """Whether this shard has taken all its steps and nothing waits."""
        if self._waiting or self._prefetched_examples or self._earlier_steps:
            return False
        return not len(self._next_steps(1))

    def _candidates(
        self, queue: list[_Example], count_skips: Callable[[NDArray[np.bool_]], None]
    ) -> Iterator[_Example]:
        while queue:
            yield queue.pop(0)
        while True:
            if not self._prefetched_examples:
                examples = self._next_examples()
                if not examples.steps:
                    return
                usable = self._usable(examples)
                pairs = enumerate(usable.tolist())
                self._prefetched_examples = [
                    (examples, n) if is_usable else None for n, is_usable in pairs
                ]
                self._prefetched_examples.reverse()
                count_skips(usable)
            self._take_step()
            example = self._prefetched_examples.pop()
            if example is not None:
                yield example

    def _usable(self, examples: ExampleBlock) -> NDArray[np.bool_]:
        """Which examples were kept and fit into a row; the others are counted as skipped."""
        kept = examples.block.kept
        fits = np.array(examples.sizes) <= self._length
        if too_long := int((kept & ~fits).sum()):
            self.stream.maker.skipped["too long"] += too_long
        return kept & fits

    def _take_step(self) -> None:
        if self._earlier_steps:
            self._earlier_steps.pop(0)
        else:
            self._group_count += 1

    def _next_examples(self) -> ExampleBlock:
        """The next examples; a look at them does not take them.

        One that cannot be made is taken, so that the one after it is next.
        """
        steps = self._next_steps(_STORED_ROWS if self.stream.is_stored else _RECORD_ROWS)
        try:
            return self.stream.example_block(steps)
        except Exception:
            if len(steps) > 1:
                with contextlib.suppress(AudioFlanError):
                    return self.stream.example_block(steps[:1])
            self._take_step()
            raise

    def _next_steps(self, count: int) -> NDArray[np.int64]:
        """At most `count` of the next steps of this shard."""
        if self._earlier_steps:
            return np.array(self._earlier_steps[:count], np.int64)
        groups = np.arange(self._group_count, self._group_count + count, dtype=np.int64)
        steps = self._shard.steps(groups, self._start)
        total = self.stream.total
        return steps if total is None else steps[steps < total]

    def state(self) -> dict[str, Any]:
        """Where this shard stands, as plain JSON; see `PackedState`."""
        waiting = [examples.steps[number] for examples, number in self._waiting]
        state = PackedState(
            self._start,
            self._group_count,
            (self._shard.index, self._shard.count),
            [*waiting, *self._earlier_steps],
            self.batch_count,
            self._origin,
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
        if packed.shard == (0, 1) != own_shard:
            # One shard is all of them.
            packed = PackedState(packed.start + packed.taken, 0, None, sorted(packed.before))
        total = self.stream.total
        # The last group of steps may reach beyond the end.
        steps, origin = (
            [step for step in column if total is None or step < total]
            for column in (packed.before, packed.origin)
        )
        if packed.shard is None:
            steps, origin = steps[self._shard.index :: self._shard.count], steps
        elif packed.shard != own_shard:
            raise MixtureError(
                f"this packed state is of shard {packed.shard[0]} of {packed.shard[1]}, not of "
                f"{own_shard[0]} of {own_shard[1]}: make one state of all with merge_states"
            )
        if steps and min(steps) < self.stream.begin:
            raise MixtureError(
                "examples that wait for a row are from before the revision: "
                "take batches until none waits, or begin the revision with an unpacked state"
            )
        self._start, self._group_count, self._earlier_steps = packed.start, packed.taken, steps
        self._origin, self.batch_count = origin, packed.batch_count
        self._waiting, self._prefetched_examples = [], []


class _RowFiller:
    """Rows with room for `length` ids, and the examples in them in the order they came."""

    def __init__(self, rows: int, length: int) -> None:
        self.rows: PackedRows = [[] for _ in range(rows)]
        self.examples: list[_Example] = []
        self._row_count = rows
        # The room that is left in a row, times the number of rows, plus the row's number; sorted.
        self._rooms = [length * rows + row for row in range(rows)]

    def add(self, example: _Example) -> bool:
        """Puts an example into the fullest row that holds it; False where none does."""
        examples, number = example
        needed_room, rooms = examples.sizes[number] * self._row_count, self._rooms
        # Most that are tried wait for a row already, and fit into none again.
        if needed_room > rooms[-1]:
            return False
        room = rooms.pop(bisect_left(rooms, needed_room))
        insort(rooms, room - needed_room)
        self.rows[room % self._row_count].append(example)
        self.examples.append(example)
        return True


class ShardCounts:
    """How many batches each shard of a finite packed stream has from `start` on.

    How many examples fit into a batch is known only when they are made, so all shards are
    packed for it, once, in numbers.
    """

    def __init__(self, stream: Stream, packer: Packer, shards: int) -> None:
        self.stream, self._packer, self._shards = stream, packer, shards

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """Batches of each shard."""
        skip_counts = self.stream.maker.skipped.copy()
        try:
            return tuple(_count(self._packer.of_shard(i)) for i in range(self._shards))
        finally:
            self.stream.maker.skipped.clear()
            self.stream.maker.skipped.update(skip_counts)


def _count(packer: Packer) -> int:
    """Batches that a packer gives; what cannot be made is passed over."""
    while True:
        try:
            packer.next_rows(lambda kept: None)
        except StopIteration:
            return packer.batch_count
        except RemoteError:
            raise
        except AudioFlanError:
            continue


def merge_packed_states(states: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """See `engine.batching.batches.merge_states`."""
    if not states or any(not state.get("packed") for state in states):
        raise MixtureError("expected the packed states of all shards, each from its own shard")
    parts = [PackedState.read(state["packed"]) for state in states]
    shards = [part.shard for part in parts if part.shard is not None]
    if len(shards) < len(parts):
        raise MixtureError("expected the packed states of all shards, each from its own shard")
    count = shards[0][1]
    plans = {
        (part.start, shard[1], *part.origin) for part, shard in zip(parts, shards, strict=True)
    }
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
    plain = {name: value for name, value in furthest.items() if name != "worker"}
    for state in states:
        check_seal(state)
    return sealed_state({**plain, "packed": msgspec.to_builtins(merged_state)})
