"""Bucketing: batches of like lengths, from windows of the stream sorted over all shards."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.batching.sharding import Shard
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.plan.plan import Draws
from audioflan_tasks.seeds import seed_of

__all__ = ["BucketWindows", "WindowState", "sorted_window"]

I64 = NDArray[np.int64]

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**61)]


class WindowState(msgspec.Struct, frozen=True):
    """A window's first step, how many of its batches are done, and its size in examples."""

    start: _Count
    done: _Count
    size: _Count


class BucketWindows:
    """Steps of a shard's batches; `window` batches of all shards are sorted together."""

    def __init__(
        self, stream: Stream, shard: Shard, start: int, batch_size: int, window: int
    ) -> None:
        self._stream, self._shard, self._start, self._window = stream, shard, start, window
        self._size = window * batch_size * shard.count
        self._sorted_batches: tuple[int, list[I64]] = (-1, [])

    def steps(self, number: int) -> I64:
        """Global steps of batch `number` from the start.

        Raises:
          StopIteration: it is beyond the end.
        """
        window, place = divmod(number, self._window)
        if self._sorted_batches[0] != window:
            self._sorted_batches = (window, self._sort(window))
        batches = self._sorted_batches[1]
        if place >= len(batches):
            raise StopIteration
        return batches[place][self._shard.index :: self._shard.count]

    def _sort(self, window: int) -> list[I64]:
        """Steps of all shards for each batch of a window."""
        first, total = self._start + window * self._size, self._stream.total
        steps = np.arange(first, first + self._size, dtype=np.int64)
        steps = steps if total is None else steps[steps < total]
        if not len(steps):
            raise StopIteration
        key = seed_of("window", self._stream.seed, first)
        return sorted_window(steps, self._lengths(steps), self._window, key)

    def state(self, number: int) -> dict[str, Any]:
        """Where batch `number` stands, as plain JSON; see `WindowState`."""
        window, done = divmod(number, self._window)
        state = WindowState(self._start + window * self._size, done, self._size)
        plain: dict[str, Any] = msgspec.to_builtins(state)
        return plain

    def resumed(self, state: object, step: int) -> tuple[int, int]:
        """Where to begin, and with which batch from there, to resume at a state.

        Raises:
          MixtureError: it is no state, is inside a window of another size, or a revision is
            inside one.
        """
        try:
            window = msgspec.convert(state, WindowState)
        except msgspec.ValidationError as error:
            raise MixtureError(f"not a state of bucketed batches: {error}") from error
        if not window.done:
            return step, 0
        if window.size != self._size:
            raise MixtureError(
                f"the state is inside a window of {window.size} examples, these have "
                f"{self._size}: keep batch_size times shards times window as it was, or save the "
                "state where a window ends"
            )
        if self._stream.begin > window.start:
            raise MixtureError("a revision must begin where a window ends")
        return window.start, window.done

    def _lengths(self, steps: I64) -> I64:
        """Ids of the examples of steps; as measured by the store where there is one."""
        stream = self._stream
        draws = stream.draws(steps)
        lengths = np.zeros(len(steps), np.int64)
        for task in np.unique(draws.task).tolist():
            rows = np.flatnonzero(draws.task == task)
            table = stream.rows.lengths(stream.tasks[task])
            if table is not None:
                row_lengths = table[draws.row[rows]]
                frames = row_lengths["frames_in"].astype(np.int64) + row_lengths["frames_out"]
                text = row_lengths["text_in"].astype(np.int64) + row_lengths["text_out"]
                lengths[rows] = text + stream.maker.vocabulary.step * frames
                continue
            block = stream.block(Draws(*(column[rows] for column in draws)))
            lengths[rows] = block.lengths.sum(1)
        return lengths


def sorted_window(window: I64, lengths: NDArray[np.int64], batches: int, key: int) -> list[I64]:
    """Steps of a window cut into batches of like lengths, the batches in an order drawn by key."""
    order = np.argsort(lengths, kind="stable")
    size = -(-len(window) // batches)
    buckets = [window[order[start : start + size]] for start in range(0, len(window), size)]
    turn = np.random.Generator(np.random.Philox(key=key)).permutation(len(buckets))
    return [buckets[i] for i in turn.tolist()]
