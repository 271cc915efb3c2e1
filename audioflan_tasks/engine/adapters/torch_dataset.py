"""The engine's batches as a torch IterableDataset, for DataLoader and StatefulDataLoader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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

    def __init__(self, mixture: Mix | str, **options: Any) -> None:
        if options.get("seed") is None:
            raise SettingsError("give a seed: workers draw from one stream and must agree on it")
        self._mixture, self._options = mixture, options
        self._base: Mapping[str, Any] | None = None
        self._revise = False
        self._given = 0
        self._now: Batches | None = None
        self._place = (0, 1)
        self._resumed = False

    def __iter__(self) -> Iterator[Batch]:
        info = get_worker_info()
        place = (0, 1) if info is None else (info.id, info.num_workers)
        if self._resumed and self._given and place != self._place:
            raise MixtureError(
                f"the state is of worker {self._place[0]} of {self._place[1]}, this is "
                f"{place[0]} of {place[1]}: keep num_workers, or load state_after(batches)"
            )
        self._place = place
        if not self._resumed:
            self._given = 0
        self._resumed = False
        return self._packed() if self._options.get("form") == "packed" else self._numbered()

    def state_dict(self) -> dict[str, Any]:
        """Where this worker stands; that of `audioflan_tasks.batches` where there is only one."""
        worker, count = self._place
        if self._options.get("form") == "packed":
            now = self._now or self._made()
            return {**now.state_dict(), "worker": [worker, count, 0]}
        if count == 1:
            return self.state_after(self._given)
        return {**self._made().state_dict(), "worker": [worker, count, self._given]}

    def load_state_dict(self, state: Mapping[str, Any], *, revise: bool = False) -> None:
        """Goes on where a state stands, of a worker or of `Batches`.

        Raises:
          MixtureError: it belongs to another stream; said when the first batch is asked for.
        """
        plain = dict(state)
        worker, count, given = plain.pop("worker", (0, 1, 0))
        self._place = (worker, count)
        self._base, self._revise, self._given = plain, revise, given
        self._resumed, self._now = True, None

    def state_after(self, count: int) -> dict[str, Any]:
        """The state when this shard's loader has given `count` batches, whatever its workers.

        Counted from the state that was loaded last. Not for packed batches: use
        `engine.merge_states` on the states of all workers.
        """
        if self._options.get("form") == "packed":
            raise SettingsError("packed batches have no numbers: use merge_states")
        made = self._made()
        return made.state_at(count)

    def _numbered(self) -> Iterator[Batch]:
        made = self._made()
        worker, count = self._place
        while True:
            try:
                batch = made.batch_at(worker + self._given * count)
            except StopIteration:
                return
            # Counted before it is handed out: the state is asked for in between.
            self._given += 1
            yield batch

    def _packed(self) -> Iterator[Batch]:
        self._now = self._made()
        yield from self._now

    def _made(self) -> Batches:
        options = dict(self._options)
        if options.get("form") == "packed":
            worker, count = self._place
            index, shards = options.get("shard", (0, 1))
            options["shard"] = (index * count + worker, shards * count)
        made = batches(self._mixture, **options)
        if self._base is not None:
            made.load_state_dict(self._base, revise=self._revise)
        return made
