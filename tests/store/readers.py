"""Reads a store in worker processes: `python -m tests.store.readers STORE fork|spawn`.

A process of its own, since libraries that other tests have loaded warn of forks.
"""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from audioflan_tasks.store import JoinedStore, Store

KEY = ("text_to_speech", "train")


def total_of(store: Store | JoinedStore) -> int:
    """A number that every code and every id of a task changes."""
    rows = range(store.size(*KEY))
    codes = sum(int(c.sum()) for r in rows for c in store.codes(*KEY, r))
    return codes + sum(int(ids.sum()) for r in rows for ids in store.text_ids(*KEY, r))


def main(path: str, method: str) -> None:
    """Prints the total of this process, then those of the workers."""
    store = Store(path)
    # Mapped before the fork as well as after it.
    wanted = total_of(store)
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        print(wanted, *pool.map(total_of, [store, store, Store(path)]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
