"""Units on a cluster: Dask distributed and Ray, which differ in how a unit is submitted.

Both give a unit to another worker when its own dies, so that chance costs nothing; a unit that
goes on killing workers is reported as `WorkerDiedError`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from typing import Any

from audioflan_tasks.errors import MissingExtraError, RunnerError
from audioflan_tasks.runners.base import UNITS_PER_WORKER, Engine, Runner, limit_threads

__all__ = ["dask_runner", "ray_runner"]

# How often a unit is tried again by a cluster of our own after its worker died.
_RETRIES = 1
# A worker that takes more than 15 s to start again would be given up, and be missing for good.
_OWN_DASK = {
    "distributed.scheduler.allowed-failures": _RETRIES,
    "distributed.deploy.lost-worker-timeout": "1 hour",
}
# A small machine that is busy takes minutes to start Ray, which gives up after 60 s.
_RAY_START_S = "240"


class _ClusterRunner(Runner):
    """Units submitted to an engine; `cores` is asked again for each run, as clusters grow."""

    def __init__(
        self,
        submit: Callable[..., Future[Any]],
        cores: Callable[[], int],
        deaths: tuple[type[Exception], ...],
    ) -> None:
        self._submit, self._cores, self._deaths = submit, cores, deaths

    @contextmanager
    def engine(self, units: int, one_by_one: bool) -> Iterator[Engine]:
        """As `Runner.engine`."""
        window = 1 if one_by_one else UNITS_PER_WORKER * max(1, self._cores())
        yield Engine(self._submit, window, self._deaths)


@contextmanager
def dask_runner(address: str, workers: int) -> Iterator[Runner]:
    """A cluster by the address of its scheduler; without one, `workers` processes of this machine.

    Raises:
      MissingExtraError: Dask is not installed.
      RunnerError: the cluster cannot be reached, or is lost.
    """
    try:
        import dask
        from distributed import Client, KilledWorker, LocalCluster
    except ImportError as error:
        raise MissingExtraError("distributed", "dask", "the runner dask") from error
    with ExitStack() as stack:
        if not address:
            stack.enter_context(dask.config.set(_OWN_DASK))
            cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
            address = stack.enter_context(cluster).scheduler_address
        try:
            client = stack.enter_context(Client(address))
        except (OSError, ValueError) as error:
            raise RunnerError(
                f"{address}: no Dask scheduler answers there; is it running, and is the address "
                "as its log says, such as tcp://10.0.0.1:8786?"
            ) from error
        submit_whole = client.get_executor(pure=False).submit

        def submit(function: Callable[..., Any], *unit: Any) -> Future[Any]:
            # One value, or Dask would look into the unit for values of its own.
            future: Future[Any] = submit_whole(partial(_on_one_thread, function, unit))
            return future

        try:
            yield _ClusterRunner(submit, lambda: sum(client.nthreads().values()), (KilledWorker,))
        except CancelledError as error:
            raise RunnerError(
                f"{address}: the Dask scheduler was lost; what is finished is kept, and the same "
                "command continues"
            ) from error


@contextmanager
def ray_runner(address: str, workers: int) -> Iterator[Runner]:
    """A cluster by its address, or `auto`; without one, `workers` processes of this machine.

    Raises:
      MissingExtraError: Ray is not installed.
      RunnerError: the cluster cannot be reached or started.
    """
    os.environ.setdefault("RAY_raylet_start_wait_time_s", _RAY_START_S)
    try:
        import ray
        from ray.exceptions import NodeDiedError, RayTaskError, WorkerCrashedError
    except ImportError as error:
        raise MissingExtraError("ray", "ray", "the runner ray") from error
    try:
        ray.init(
            address or "local", num_cpus=None if address else workers, include_dashboard=False,
            log_to_driver=False, logging_level="error",
        )  # fmt: skip
    except Exception as error:  # Ray raises its own, those of gRPC, and OSError
        raise RunnerError(f"{address or 'ray'}: no Ray cluster there ({error})") from error
    call = ray.remote(max_retries=_RETRIES)(_on_one_thread)

    def submit(function: Callable[..., Any], *unit: Any) -> Future[Any]:
        future: Future[Any] = call.remote(function, unit).future()
        return future

    try:
        cores = int(ray.cluster_resources().get("CPU", 1))
        yield _ClusterRunner(submit, lambda: cores, (WorkerCrashedError, NodeDiedError))
    except RayTaskError as error:
        raise error.cause from None
    finally:
        ray.shutdown()


def _on_one_thread(function: Callable[..., Any], unit: tuple[Any, ...]) -> Any:
    _limit_threads_once()
    return function(*unit)


@cache
def _limit_threads_once() -> Any:
    return limit_threads()
