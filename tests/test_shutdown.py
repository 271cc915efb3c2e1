"""A script that ends while tf.data still works ends well."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from audioflan_tasks.shutdown import CallGate

pytestmark = pytest.mark.slow

SCRIPT = """
import time
import seqio
import audioflan_tasks
from audioflan_tasks.seqio_tasks.index import _BlockArrays
from audioflan_tasks.shutdown import CALL_GATE

arrays = _BlockArrays._arrays
blocks = []

def slowly(self, block, task):
    blocks.append(block)
    # Every block but the first is still being made when the interpreter ends.
    while len(blocks) > 1 and not CALL_GATE._is_closed:
        time.sleep(0.01)
    return arrays(self, block, task)

_BlockArrays._arrays = slowly
mixture = seqio.get_mixture_or_task("audioflan_key_detection")
rows = iter(mixture.get_dataset(split="train", num_epochs=None))
next(rows)
print("done")
"""


def test_an_iterator_at_work_does_not_outlive_the_interpreter() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr[-2_000:]


def test_closing_waits_for_what_is_under_way() -> None:
    gate, order = CallGate(), list[str]()
    begun, go_on = threading.Event(), threading.Event()

    def work() -> None:
        with gate:
            begun.set()
            go_on.wait()
            order.append("work")

    def close() -> None:
        gate.close()
        order.append("closed")

    threads = [threading.Thread(target=work), threading.Thread(target=close)]
    threads[0].start()
    begun.wait()
    threads[1].start()
    # Once it is closing no other call may begin.
    while _is_open(gate):
        pass
    go_on.set()
    for thread in threads:
        thread.join()
    assert order == ["work", "closed"]


def _is_open(gate: CallGate) -> bool:
    try:
        with gate:
            return True
    except StopIteration:
        return False
