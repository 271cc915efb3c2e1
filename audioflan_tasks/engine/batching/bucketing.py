"""Batches of like lengths: windows of the stream, each sorted over all shards."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.batching.sharding import Shard
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.plan.plan import Draws
from audioflan_tasks.seeds import seed_of

__all__ = ["BucketWindows", "sorted_window"]

I64 = NDArray[np.int64]


class BucketWindows:
    """Steps of a shard's batches; `window` batches of all shards are sorted together."""

    def __init__(
        self, stream: Stream, shard: Shard, start: int, batch_size: int, window: int
    ) -> None:
        self._stream, self._shard, self._start, self._window = stream, shard, start, window
        self._size = window * batch_size * shard.count
        self._cut: tuple[int, list[I64]] = (-1, [])

    def steps(self, number: int) -> I64:
        """Global steps of batch `number` from the start.

        Raises:
          StopIteration: it is beyond the end.
        """
        window, inside = divmod(number, self._window)
        if self._cut[0] != window:
            first, total = self._start + window * self._size, self._stream.total
            steps = np.arange(first, first + self._size, dtype=np.int64)
            steps = steps if total is None else steps[steps < total]
            if not len(steps):
                raise StopIteration
            key = seed_of("window", self._stream.seed, first)
            self._cut = (window, sorted_window(steps, self._lengths(steps), self._window, key))
        cut = self._cut[1]
        if inside >= len(cut):
            raise StopIteration
        return cut[inside][self._shard.index :: self._shard.count]

    def state(self, number: int) -> dict[str, int]:
        """Where batch `number` stands: its window's start and size, and how many are done of it."""
        window, inside = divmod(number, self._window)
        return {"start": self._start + window * self._size, "done": inside, "size": self._size}

    def resumed(self, state: Mapping[str, int], step: int) -> tuple[int, int]:
        """Where to begin, and with which batch from there, to go on where a state stands.

        Raises:
          MixtureError: it is inside a window of another size, or a revision is inside one.
        """
        if not state["done"]:
            return step, 0
        if state["size"] != self._size:
            raise MixtureError(
                f"the state is inside a window of {state['size']} examples, these have "
                f"{self._size}: keep batch_size times shards times window as it was, or save the "
                "state where a window ends"
            )
        if self._stream.begin > state["start"]:
            raise MixtureError("a revision must begin where a window ends")
        return state["start"], int(state["done"])

    def _lengths(self, steps: I64) -> I64:
        """Ids of the examples of steps; as measured by the store where there is one."""
        stream = self._stream
        found = stream.draws(steps)
        lengths = np.zeros(len(steps), np.int64)
        for task in np.unique(found.task).tolist():
            here = np.flatnonzero(found.task == task)
            table = stream.rows.lengths(stream.tasks[task])
            if table is not None:
                of = table[found.row[here]]
                books = stream.maker.vocabulary.step
                frames = of["frames_in"].astype(np.int64) + of["frames_out"]
                lengths[here] = of["text_in"].astype(np.int64) + of["text_out"] + books * frames
                continue
            block = stream.block(Draws(*(column[here] for column in found)))
            lengths[here] = block.lengths.sum(1)
        return lengths


def sorted_window(window: I64, lengths: NDArray[np.int64], batches: int, key: int) -> list[I64]:
    """Steps of a window cut into batches of like lengths, the batches in an order drawn by key."""
    order = np.argsort(lengths, kind="stable")
    size = -(-len(window) // batches)
    cut = [window[order[at : at + size]] for at in range(0, len(window), size)]
    turn = np.random.Generator(np.random.Philox(key=key)).permutation(len(cut))
    return [cut[i] for i in turn.tolist()]
