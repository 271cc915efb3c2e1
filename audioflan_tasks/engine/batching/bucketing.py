"""Bucketing: batches of like lengths, from windows of the stream sorted over all shards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.batching.rounds import Rounds, RoundSpan
from audioflan_tasks.engine.batching.sharding import Shard
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.plan.plan import Draws
from audioflan_tasks.seeds import seed_of

__all__ = ["BucketWindows", "WindowState", "sorted_window"]

I64 = NDArray[np.int64]

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**61)]


class WindowState(msgspec.Struct, frozen=True):
    """A window's first step, how many of its batches are done, its size in examples, and where
    its batches end if it is the last."""

    start: _Count
    done: _Count
    size: _Count
    ends: tuple[_Count, ...] = ()


class _WindowPlace(NamedTuple):
    """A window and the place of a batch in it."""

    window: int
    place: int


class BucketWindows:
    """Steps of a shard's batches; `window` rounds are sorted together.

    The rows that do not fill the last window are a window of their own, which is cut into full
    rounds as `Rounds` does; where they are fewer than shards they belong to the one before.
    """

    def __init__(
        self, stream: Stream, shard: Shard, start: int, rounds: Rounds, window: int
    ) -> None:
        self._stream, self._shard, self._start = stream, shard, start
        self._rounds, self._window = rounds, window
        self._size = window * rounds.size * rounds.shards
        self._sorted_batches: tuple[int, list[I64]] = (-1, [])

    def steps(self, number: int) -> I64:
        """Global steps of batch `number` from the start; those beyond the stream's end are to be
        given again.

        Raises:
          StopIteration: it is beyond the end.
        """
        window, place = self._place(number)
        if self._sorted_batches[0] != window:
            self._sorted_batches = (window, self._sort(window))
        batches = self._sorted_batches[1]
        if place >= len(batches):
            raise StopIteration
        return batches[place][self._shard.index :: self._shard.count]

    def _place(self, number: int) -> _WindowPlace:
        window, place = divmod(number, self._window)
        if window and not self._row_count(window):
            # The end, or the round that the last window has more than others.
            last = self._last_window
            return _WindowPlace(last, number - last * self._window)
        return _WindowPlace(window, place)

    @property
    def _last_window(self) -> int:
        rows = self._rounds.stop or 0
        windows, row_count = divmod(rows, self._size)
        return max(0, windows - (row_count < self._shard.count))

    def _row_count(self, window: int) -> int:
        """Rows of a window; 0 beyond the end."""
        rows, first = self._rounds.stop, window * self._size
        if rows is None:
            return self._size
        if window and rows - first < self._shard.count:
            return 0
        is_last = rows - first - self._size < self._shard.count
        return max(0, rows - first) if is_last else self._size

    def _spans(self, window: int) -> list[RoundSpan]:
        """The rounds of a window, before they are put into another order."""
        return replace(self._rounds, rows=self._row_count(window)).spans()

    def _sort(self, window: int) -> list[I64]:
        """Steps of all shards for each batch of a window."""
        first = self._start + window * self._size
        steps = np.arange(first, first + self._row_count(window), dtype=np.int64)
        if not len(steps):
            raise StopIteration
        key = seed_of("window", self._stream.seed, first)
        known_steps, _ = self._stream.wrapped(steps)
        return sorted_window(steps, self._lengths(known_steps), self._spans(window), key)

    def _ends(self, window: int) -> tuple[int, ...]:
        """Where the batches of the last window end; () for others."""
        if self._row_count(window) == self._size:
            return ()
        return tuple(span.end for span in self._spans(window))

    def state(self, number: int) -> dict[str, Any]:
        """Where batch `number` stands, as plain JSON; see `WindowState`."""
        window, place = self._place(number)
        state = WindowState(
            self._start + window * self._size, place, self._size, self._ends(window)
        )
        plain: dict[str, Any] = msgspec.to_builtins(state)
        return {**plain, "ends": list(state.ends)}

    def resumed(self, state: object, step: int) -> tuple[int, int]:
        """Where to begin, and with which batch from there, to resume at a state.

        Raises:
          MixtureError: it is no state, is inside a window of another size, or a revision is
            inside one.
        """
        try:
            window = msgspec.convert(state, WindowState)
        except (msgspec.ValidationError, ValueError) as error:
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
        self._check_ends(window)
        return window.start, window.done

    def _check_ends(self, window: WindowState) -> None:
        """The last window is cut by the number of shards and by what becomes of its rest."""
        total = self._stream.total
        rows = None if total is None else max(0, total - window.start)
        own_windows = BucketWindows(
            self._stream, self._shard, window.start, replace(self._rounds, rows=rows), self._window
        )
        if own_windows._ends(0) != window.ends:
            raise MixtureError(
                "the state is inside the last window, which these batches cut in another way: "
                "keep batch_size, the number of shards, drop_last and pad_to_equal as they were"
            )

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
            lengths[rows] = stream.lengths_of(Draws(*(column[rows] for column in draws)))
        return lengths


def sorted_window(
    window: I64, lengths: NDArray[np.int64], spans: Sequence[RoundSpan], key: int
) -> list[I64]:
    """Steps of a window cut into batches of like lengths, the batches in an order drawn by key."""
    order = np.argsort(lengths, kind="stable")
    buckets = [window[order[span.begin : span.end]] for span in spans]
    turn = np.random.Generator(np.random.Philox(key=key)).permutation(len(buckets))
    return [buckets[i] for i in turn.tolist()]
