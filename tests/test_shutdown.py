"""A script that ends while tf.data still works ends well."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from audioflan_tasks.shutdown import CallGate

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
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr[-2_000:]


def test_closing_waits_for_what_is_under_way() -> None:
    calls, ended = CallGate(), []

    def work() -> None:
        with calls:
            time.sleep(0.2)
            ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.05)
    calls.close()
    assert ended
    thread.join()
    with pytest.raises(StopIteration), calls:
        pass
