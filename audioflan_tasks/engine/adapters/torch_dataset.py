"""The engine's batches as a torch IterableDataset, for DataLoader and StatefulDataLoader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from audioflan_tasks.config import options_or_settings
from audioflan_tasks.corpus import open_corpus
from audioflan_tasks.engine.batching.batches import Batches, batches
from audioflan_tasks.engine.batching.collate import Batch
from audioflan_tasks.errors import MissingExtraError, MixtureError, SettingsError
from audioflan_tasks.mixtures import Mix

try:
    from torch.utils.data import IterableDataset, get_worker_info
except ImportError as error:
    raise MissingExtraError("torch", "torch", "a torch dataset") from error

__all__ = ["TorchBatches"]


class TorchBatches(IterableDataset[Batch]):
    """Batches of a mixture; arguments as of `audioflan_tasks.batches`.

        loader = DataLoader(TorchBatches("audioflan_all", batch_size=32, seed=1), batch_size=None,
                            num_workers=4)

    Worker w of W makes batches w, w + W, … of its shard, so that the loader, which asks its
    workers in turn, gives the same batches for any number of workers. Packed batches have no
    numbers: there each worker is a shard of its own. torchdata's StatefulDataLoader keeps the
    state of every worker; `state_after` makes one that no number of workers is tied to.
    """

    def __init__(self, mixture: Mix | str, **arguments: Any) -> None:
        if arguments.get("seed") is None:
            raise SettingsError("give a seed: workers draw from one stream and must agree on it")
        # Settings made in code do not reach a spawned worker: it is told what they are now.
        corpus = arguments.get("corpus") or open_corpus()
        options = options_or_settings(arguments.get("options"))
        self._mixture = mixture
        self._arguments = {**arguments, "corpus": corpus, "options": options}
        self._base: Mapping[str, Any] | None = None
        self._revise = False
        self._batch_count = 0
        self._batches: Batches | None = None
        self._worker = (0, 1)
        self._is_resumed = False

    def __iter__(self) -> Iterator[Batch]:
        info = get_worker_info()
        worker = (0, 1) if info is None else (info.id, info.num_workers)
        if self._is_resumed and self._batch_count and worker != self._worker:
            raise MixtureError(
                f"the state is of worker {self._worker[0]} of {self._worker[1]}, this is "
                f"{worker[0]} of {worker[1]}: keep num_workers, or load state_after(batches)"
            )
        self._worker = worker
        if not self._is_resumed:
            self._batch_count = 0
        self._is_resumed = False
        return self._packed() if self._is_packed else self._numbered()

    @property
    def _is_packed(self) -> bool:
        return self._arguments.get("form") == "packed"

    def state_dict(self) -> dict[str, Any]:
        """Where this worker stands; that of `audioflan_tasks.batches` where there is only one."""
        worker, count = self._worker
        if self._is_packed:
            batches = self._batches or self._new_batches()
            return {**batches.state_dict(), "worker": [worker, count, 0]}
        if count == 1:
            return self.state_after(self._batch_count)
        return {**self._new_batches().state_dict(), "worker": [worker, count, self._batch_count]}

    def load_state_dict(self, state: Mapping[str, Any], *, revise: bool = False) -> None:
        """Resumes at a state, of a worker or of `Batches`.

        Raises:
          MixtureError: it belongs to another stream; said when the first batch is asked for.
        """
        plain = dict(state)
        worker, count, batch_count = plain.pop("worker", (0, 1, 0))
        self._worker = (worker, count)
        self._base, self._revise, self._batch_count = plain, revise, batch_count
        self._is_resumed, self._batches = True, None

    def state_after(self, count: int) -> dict[str, Any]:
        """The state when this shard's loader has given `count` batches, whatever its workers.

        Counted from the state that was loaded last. Not for packed batches: use
        `engine.merge_states` on the states of all workers.
        """
        if self._is_packed:
            raise SettingsError("packed batches have no numbers: use merge_states")
        return self._new_batches().state_at(count)

    def _numbered(self) -> Iterator[Batch]:
        batches = self._new_batches()
        worker, count = self._worker
        while True:
            try:
                batch = batches.batch_at(worker + self._batch_count * count)
            except StopIteration:
                return
            # Counted before it is handed out: the state is asked for in between.
            self._batch_count += 1
            yield batch

    def _packed(self) -> Iterator[Batch]:
        self._batches = self._new_batches()
        yield from self._batches

    def _new_batches(self) -> Batches:
        arguments = dict(self._arguments)
        if self._is_packed:
            worker, count = self._worker
            index, shards = arguments.get("shard", (0, 1))
            arguments["shard"] = (index * count + worker, shards * count)
        shard_batches = batches(self._mixture, **arguments)
        if self._base is not None:
            shard_batches.load_state_dict(self._base, revise=self._revise)
        return shard_batches
