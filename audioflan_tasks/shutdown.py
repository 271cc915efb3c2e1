"""Calls from tf.data's threads end before the interpreter does.

A thread that is inside Python when the interpreter ends is killed there, and the iterator that
waits for it never goes away: a script that is done would hang or abort with its data at hand.
"""

from __future__ import annotations

import atexit
import threading
import time

__all__ = ["CALL_GATE", "CallGate"]

# tf.data needs this long at most from the end of one call to the next.
_QUIET_S = 0.02
# A call may be making examples with a slow codec.
_MOST_S = 60.0


class CallGate:
    """Counts the calls that are under way; once closed, it lets no other begin."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running, self._last_end, self._is_closed = 0, 0.0, False

    def __enter__(self) -> None:
        with self._lock:
            if self._is_closed:
                # To tf.data the end of the data.
                raise StopIteration
            self._running += 1

    def __exit__(self, *unused: object) -> None:
        with self._lock:
            self._running -= 1
            self._last_end = time.monotonic()

    def close(self) -> None:
        """Waits until the calls under way have ended and none has begun for a while."""
        with self._lock:
            self._is_closed = True
        until = time.monotonic() + _MOST_S
        while time.monotonic() < until:
            with self._lock:
                if not self._running and time.monotonic() - self._last_end > _QUIET_S:
                    return
            time.sleep(_QUIET_S / 4)


CALL_GATE = CallGate()
atexit.register(CALL_GATE.close)
