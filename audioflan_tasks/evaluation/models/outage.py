"""When a server does not answer: what ends a run at once, and what pauses it."""

from __future__ import annotations

import threading

from audioflan_tasks.errors import EndpointError, RunPausedError
from audioflan_tasks.evaluation.answers import Answer, Failure, Reply

__all__ = ["REFUSED", "SERVER_ERROR", "Outage"]

# The kinds of failure of a question that the server will not take, such as one that is too long,
# and of one at which it fails by itself (HTTP 5xx).
REFUSED, SERVER_ERROR = "refused", "server error"
_MOST_FAILURES = 20


class Outage:
    """Counts, over all threads, the questions in a row that got no answer.

    Args:
      url: of the server, for errors.
    """

    def __init__(self, url: str) -> None:
        self._url, self._lock = url, threading.Lock()
        self._has_answered, self._failures, self._reason = False, 0, ""

    @property
    def is_long(self) -> bool:
        """Whether so many questions in a row failed that no more are to be asked."""
        return self._failures >= _MOST_FAILURES

    def note(self, reply: Reply) -> Reply:
        """Counts a reply and hands it on; a refused question shows a server at work."""
        with self._lock:
            if isinstance(reply, Answer) or reply.kind == REFUSED:
                self._has_answered, self._failures = True, 0
            else:
                self._failures, self._reason = self._failures + 1, reply.message
        return reply

    def check(self) -> None:
        """Ends an outage, if there is one, by an error; what is asked next is counted anew.

        Raises:
          RunPausedError: many questions in a row got no answer.
        """
        with self._lock:
            failures, reason = self._failures, self._reason
            if failures < _MOST_FAILURES:
                return
            self._failures = 0
        raise RunPausedError(
            f"{self._url}: the last {failures} questions got no answer ({reason}); the run is "
            "paused: all answers are kept, and the same command continues"
        )

    def fatal(self, failure: Failure) -> Failure:
        """A failure that every question would have; handed on where there were answers before.

        Raises:
          EndpointError: there was no answer yet.
        """
        if self._has_answered:
            return failure
        raise EndpointError(
            f"{self._url}: {failure.message}; is the address right, and is the server up? The "
            "same command continues"
        )
