"""The batches of a loader with several workers, and states that any number of them resumes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.config import options_or_settings
from audioflan_tasks.corpus import open_corpus
from audioflan_tasks.engine.adapters.loader_states import LoaderState
from audioflan_tasks.engine.batching.batches import Batches, batches, merge_states
from audioflan_tasks.engine.batching.collate import Batch
from audioflan_tasks.engine.state_seal import check_seal, sealed_state, unsealed
from audioflan_tasks.errors import MixtureError, SettingsError
from audioflan_tasks.mixtures import Mix, mixture_named

__all__ = ["WorkerBatches"]

# Workers of one loader that can be told which pass they are in.
_MOST_WORKERS = 1024


class WorkerBatches:
    """Batches of a mixture for a loader of several workers; arguments as of `batches`.

    Worker w of W makes batches w, w + W, … of its shard, so that the loader, which asks its
    workers in turn, gives the same batches for any number of workers. Packed batches have no
    numbers: there each worker is a shard of its own.

    The pass after a state was loaded continues from there; every later one is whole.

    Raises:
      SettingsError: there is no seed, on which the workers must agree.
    """

    def __init__(self, mixture: Mix | str, **arguments: Any) -> None:
        if arguments.get("seed") is None:
            raise SettingsError("give a seed: workers draw from one stream and must agree on it")
        # Settings made in code do not reach a spawned worker: it is told what they are now.
        corpus = arguments.get("corpus") or open_corpus()
        options = options_or_settings(arguments.get("options"))
        self._mixture = mixture if isinstance(mixture, Mix) else mixture_named(mixture)
        self._origin_facts: Mapping[str, str] | None = None
        self._arguments = {**arguments, "corpus": corpus, "options": options}
        self._base: Mapping[str, Any] | None = None
        self._resumed_state: Mapping[str, Any] = {}
        self._revise = False
        self._worker, self._first_count, self._batch_count = (0, 1), 0, 0
        self._batches: Batches | None = None
        # How often each worker has begun a pass since a state was loaded; shared by processes.
        self._passes: NDArray[np.int64] | None = None

    def __getstate__(self) -> dict[str, Any]:
        facts = self._fresh_batches().stream.made_with()
        return {**self.__dict__, "_batches": None, "_origin_facts": facts}

    def __len__(self) -> int:
        """Batches of a whole pass.

        Raises:
          TypeError: it is not known (`Batches`).
        """
        return len(batches(self._mixture, **self._arguments))

    def __bool__(self) -> bool:
        return True

    def begin(self, worker: int, workers: int) -> Iterator[Batch]:
        """A pass of one worker.

        Raises:
          MixtureError: the state that was loaded is of another worker.
        """
        is_resumed = self._passes is not None and not self._passes[worker]
        if is_resumed and self._first_count and (worker, workers) != self._worker:
            raise MixtureError(
                f"the state is of worker {self._worker[0]} of {self._worker[1]}, this is "
                f"{worker} of {workers}: keep num_workers, or load the state of the whole loader "
                "into the dataset with load_state_dict, before the loader is made"
            )
        if self._passes is not None:
            # Without workers this process is all of them.
            self._passes[worker : worker + 1 if workers > 1 else None] += 1
        self._worker = (worker, workers)
        self._batch_count = self._first_count if is_resumed else 0
        self._batches = self._new_batches()
        self._batches.workers = 1 if self._is_packed else workers
        return _Pass(self, self._batches)

    def state_dict(self) -> dict[str, Any]:
        """Where this worker stands; that of `batches` where there is only one."""
        worker, count = self._worker
        own_batches = self._batches if self._batches is not None else self._new_batches()
        if self._is_packed:
            return sealed_state({**own_batches.state_dict(), "worker": [worker, count, 0]})
        if count == 1:
            return own_batches.state_at(self._batch_count)
        own_state = [worker, count, self._batch_count]
        return sealed_state({**own_batches.state_at(0), "worker": own_state})

    def load_state_dict(self, state: Mapping[str, Any], *, revise: bool = False) -> None:
        """Resumes at a state: of a worker, of `batches`, or of a whole loader of torchdata.

        That of a loader holds for any number of workers; with packed batches on several ranks
        those of all loaders have to become one first (`merge_loader_states`).

        Raises:
          MixtureError: it belongs to another stream; for states of workers and of batches said
            when the first batch is asked for.
        """
        loader_state = LoaderState.read(state)
        if loader_state is not None:
            state, revise = self._of_loader(loader_state, revise), False
        plain = unsealed(state)
        worker, count, self._first_count = _place(plain.pop("worker", (0, 1, 0)))
        self._worker, self._batch_count = (worker, count), self._first_count
        self._base, self._revise, self._resumed_state = plain or None, revise, dict(state)
        self._batches, self._passes = None, self._new_passes(_MOST_WORKERS)

    def state_after(self, count: int) -> dict[str, Any]:
        """The state when this shard's loader has given `count` batches, whatever its workers.

        Counted from the state that was loaded last, in later passes from the beginning. Not for
        packed batches: use `engine.merge_states` on the states of all workers.
        """
        if self._is_packed:
            raise SettingsError("packed batches have no numbers: use merge_states")
        return self._new_batches().state_at(count)

    def _of_loader(self, state: LoaderState, revise: bool) -> dict[str, Any]:
        """The state of the stream where a whole loader stands; empty where a pass is to begin."""
        if state.is_finished or not state.workers:
            return {}
        if self._is_packed:
            return merge_states(state.all_workers())
        base = {k: v for k, v in unsealed(state.workers[0]).items() if k != "worker"}
        # The only worker's state holds the batches that it has given, those of several do not.
        later_count = state.steps_since if state.count == 1 else state.batch_count
        own_batches = self._fresh_batches()
        own_batches.load_state_dict(base, revise=revise)
        for worker in state.workers:
            check_seal(worker)
        return own_batches.state_at(later_count)

    @property
    def _is_packed(self) -> bool:
        return self._arguments.get("form") == "packed"

    def _next_batch(self, own_batches: Batches) -> Batch:
        if self._is_packed:
            return next(own_batches)
        worker, count = self._worker
        number = worker + self._batch_count * count
        # Counted before it is made: after an error the next is the one that follows.
        self._batch_count += 1
        try:
            return own_batches.batch_at(number)
        except StopIteration:
            self._batch_count -= 1
            raise

    def _new_passes(self, count: int) -> NDArray[np.int64]:
        return np.zeros(count, np.int64)

    def _fresh_batches(self) -> Batches:
        """Batches from the beginning."""
        arguments = dict(self._arguments)
        if self._is_packed:
            worker, count = self._worker
            index, shards = arguments.get("shard", (0, 1))
            arguments["shard"] = (index * count + worker, shards * count)
        fresh_batches = batches(self._mixture, **arguments)
        if self._origin_facts is not None:
            fresh_batches.stream.check_made_with(self._origin_facts)
        return fresh_batches

    def _new_batches(self) -> Batches:
        """Batches of this pass, from the state that it resumes if it is the first."""
        own_batches = self._fresh_batches()
        if self._base is not None and self._passes is not None and self._passes.max() <= 1:
            own_batches.load_state_dict(self._base, revise=self._revise)
            check_seal(self._resumed_state)
        return own_batches


def _place(value: Any) -> tuple[int, int, int]:
    """Worker, workers and batches of a state.

    Raises:
      MixtureError: they are none.
    """
    try:
        worker, workers, count = map(int, value)
    except (TypeError, ValueError):
        raise MixtureError(f"not a state of a worker: {value!r:.80}") from None
    return worker, workers, count


class _Pass(Iterator[Batch]):
    """A pass of one worker; no generator, which an error would end without a word."""

    def __init__(self, dataset: WorkerBatches, own_batches: Batches) -> None:
        self._dataset, self._batches = dataset, own_batches

    def __next__(self) -> Batch:
        return self._dataset._next_batch(self._batches)
