"""Arrays that were freed are not returned to the kernel."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from audioflan_tasks.engine.batching import freed_memory

# Pages that are touched for the first time while four arrays of 1 MiB are made and freed 20 times.
PROGRAM = """
import resource
import runpy
import sys
import numpy as np
# Without the package, which would take seconds to import.
if len(sys.argv) > 1:
    runpy.run_path(sys.argv[1])["keep_freed_memory"]()
def fill():
    arrays = [np.ones(2**20, np.uint8) for _ in range(4)]
for _ in range(3):
    fill()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    fill()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(*arguments: str) -> int:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")}
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], env=environment, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return int(process.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_arrays_that_were_freed_are_written_to_again() -> None:
    returned_pages = faults()
    if returned_pages < 10 * 256:
        pytest.skip("huge pages, or an allocator that is set to keep memory")
    assert faults(freed_memory.__file__) < 256
