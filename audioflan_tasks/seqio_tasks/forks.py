"""Whether this process is a fork of one that has TensorFlow."""

from __future__ import annotations

import os

from audioflan_tasks.errors import MixtureError

__all__ = ["check_not_forked"]

# TensorFlow's threads are not there in a fork: what waits for them waits for ever.
_forks: list[int] = []

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _forks.append(os.getpid()))


def check_not_forked(name: str) -> None:
    """Refuses to read with TensorFlow in a fork.

    Raises:
      MixtureError: says how else to start workers.
    """
    if _forks:
        raise MixtureError(
            f"{name}: a task of seqio cannot be read in a forked process, as TensorFlow does not "
            "survive that: start workers with multiprocessing_context='spawn' or 'forkserver', or "
            "take num_workers=0 (tasks of text_task have no such limit)"
        )
