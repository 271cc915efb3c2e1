"""A runner by name."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Literal, get_args

from audioflan_tasks.errors import SettingsError, UnknownNameError
from audioflan_tasks.runners.base import Runner
from audioflan_tasks.runners.cluster import dask_runner, ray_runner
from audioflan_tasks.runners.local import LocalRunner

__all__ = ["RUNNERS", "RunnerName", "open_runner"]

RunnerName = Literal["local", "dask", "ray"]
RUNNERS: tuple[RunnerName, ...] = get_args(RunnerName)


def open_runner(
    name: RunnerName = "local", *, workers: int = 1, address: str = ""
) -> AbstractContextManager[Runner]:
    """A runner for the time of a `with` block.

    Args:
      name: local, dask or ray.
      workers: processes of this machine; not used where there is an address.
      address: of a Dask scheduler (`tcp://HOST:8786`) or a Ray cluster (`HOST:6379`).

    Raises:
      UnknownNameError: no such runner.
      SettingsError: no workers, or an address for the local runner.
      MissingExtraError: the engine is not installed.
      RunnerError: the cluster cannot be reached.
    """
    if name not in RUNNERS:
        raise UnknownNameError("runner", name, RUNNERS)
    if workers < 1:
        raise SettingsError(f"workers {workers}: expected at least 1")
    if name == "dask":
        return dask_runner(address, workers)
    if name == "ray":
        return ray_runner(address, workers)
    if address:
        raise SettingsError(f"address {address}: expected with --runner dask or ray")
    return LocalRunner(workers)
