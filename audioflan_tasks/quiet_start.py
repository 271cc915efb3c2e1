"""TensorFlow's first words, which it writes to stderr whatever its log level, left out."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["without_startup_noise"]

# Of a process without a GPU: what it is built with, and what it does not find.
_NOISE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog"
    rb"|[IWE]\d{4} \S+\s+\d+ (port|cudart_stub|cuda_platform|cpu_feature_guard|cuda_executor)\.cc:"
)

# Known before TensorFlow is imported, which sets it itself.
_ALL_LINES = "TF_CPP_MIN_LOG_LEVEL" in os.environ


@contextmanager
def without_startup_noise() -> Iterator[None]:
    """Holds stderr back meanwhile, then writes all that is not such a line.

    TF_CPP_MIN_LOG_LEVEL in the environment turns it off: who sets it looks for these lines.
    """
    try:
        stderr = -1 if _ALL_LINES else os.dup(2)
    except OSError:
        stderr = -1
    if stderr < 0:
        yield
        return
    with tempfile.TemporaryFile() as held_back:
        _flush()
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        finally:
            _flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            held_back.seek(0)
            for line in held_back:
                if not _NOISE.match(line):
                    os.write(2, line)


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
