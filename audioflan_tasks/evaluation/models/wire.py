"""One POST request, bounded in time and size, to the host of its URL and no other.

The standard library's time-out is that of each read: a server that sends a byte a second would
hold a request for ever. Here every read and write takes its time-out from what is left of one
limit. Redirects are not followed, so headers go nowhere else; proxies of the environment are used.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from audioflan_tasks.evaluation.answers import Failure

__all__ = ["NO_CONNECTION", "TIMEOUT", "TRANSPORT", "Response", "post"]

# Kinds of failures.
NO_CONNECTION, TIMEOUT, TRANSPORT = "no connection", "timeout", "transport"

# A host that takes no connection in this time is not there; an answer may take far longer.
_CONNECT_S = 10.0
_PIECE_BYTES = 1 << 16
# Status line, headers, and the sizes of chunks, which come on top of a body.
_HEADER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Response:
    """A whole HTTP response; `retry_after` is that header, "" where there is none."""

    status: int
    body: bytes
    retry_after: str = ""


def post(
    url: str, data: bytes, headers: Mapping[str, str], *, timeout_s: float, most_bytes: int
) -> Response | Failure:
    """The response to a request, of whatever status, or why there is none.

    Args:
      timeout_s: limit of the whole request, from connecting to the last byte, in seconds.
      most_bytes: limit of the body of the response.
    """
    limits = _Limits(timeout_s, most_bytes + _HEADER_BYTES)
    request = urllib.request.Request(url, data, dict(headers))
    try:
        with _opener(limits).open(request, timeout=min(timeout_s, _CONNECT_S)) as response:
            body = _body(response, most_bytes)
            return Response(response.status, body, response.headers.get("Retry-After", ""))
    except (OSError, http.client.HTTPException, ValueError, OverflowError) as error:
        return _failure(error, timeout_s)


def _failure(error: Exception, timeout_s: float) -> Failure:
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, Exception):
        error = error.reason
    reason = f"{error}" or type(error).__name__
    if isinstance(error, _NotConnectedError):
        return Failure(NO_CONNECTION, reason)
    if isinstance(error, TimeoutError):
        return Failure(TIMEOUT, f"no whole answer within {timeout_s:g} s")
    return Failure(TRANSPORT, reason)


def _body(response: http.client.HTTPResponse, most_bytes: int) -> bytes:
    body = bytearray()
    while piece := response.read(_PIECE_BYTES):
        body += piece
        if len(body) > most_bytes:
            raise _TooLargeError(f"the answer has over {most_bytes:,} bytes (max_bytes)")
    return bytes(body)


class _NotConnectedError(OSError):
    """No connection was made."""


class _TooLargeError(OSError):
    """More bytes than are read of any response."""


class _Limits:
    """What is left of a request: seconds, and bytes to read."""

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self._end, self._bytes = time.monotonic() + seconds, most_bytes

    @property
    def seconds(self) -> float:
        """Seconds left.

        Raises:
          TimeoutError: none.
        """
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def take(self, count: int) -> None:
        """Counts bytes that were read."""
        self._bytes -= count
        if self._bytes < 0:
            raise _TooLargeError("the server sends without end")


class _LimitedReader(io.RawIOBase):
    """What a socket receives, within limits; closing it closes the socket."""

    def __init__(self, sock: socket.socket, limits: _Limits) -> None:
        super().__init__()
        self._sock, self._limits = sock, limits

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._limits.seconds)
        count = self._sock.recv_into(buffer)
        self._limits.take(count)
        return count

    def close(self) -> None:
        self._sock.close()
        super().close()


class _LimitedSocket:
    """A connected socket, as far as `http.client` uses one, within limits."""

    def __init__(self, sock: socket.socket, limits: _Limits) -> None:
        self._sock, self._limits = sock, limits
        self._is_read = False

    def sendall(self, data: bytes) -> None:
        """Sends all of it; the limit is for the whole, however slowly it is taken."""
        rest = memoryview(data)
        while rest:
            self._sock.settimeout(self._limits.seconds)
            rest = rest[self._sock.send(rest) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        """A reader, which is what closes the socket from here on."""
        self._is_read = True
        return io.BufferedReader(_LimitedReader(self._sock, self._limits), _PIECE_BYTES)

    def close(self) -> None:
        """Closes a socket that nothing reads."""
        if not self._is_read:
            self._sock.close()


def _limited(sock: Any, limits: _Limits) -> socket.socket:
    return cast("socket.socket", _LimitedSocket(sock, limits))


class _LimitedConnection(http.client.HTTPConnection):
    """A connection whose socket keeps the limits, from the first attempt on."""

    def __init__(self, host: str, *, limits: _Limits, **options: Any) -> None:
        super().__init__(host, **options)
        self._limits = limits

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, ValueError) as error:
            raise _NotConnectedError(_connect_reason(error)) from error
        self.sock = _limited(self.sock, self._limits)


class _LimitedSecureConnection(_LimitedConnection, http.client.HTTPSConnection):
    """The same over TLS."""


def _connect_reason(error: Exception) -> str:
    # A name that cannot be encoded is a ValueError.
    return "no connection in time" if isinstance(error, TimeoutError) else str(error)


class _Handler(urllib.request.HTTPHandler):
    """Opens http with limits."""

    def __init__(self, limits: _Limits) -> None:
        super().__init__()
        self._limits = limits

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_LimitedConnection, limits=self._limits), request)


class _SecureHandler(urllib.request.HTTPSHandler):
    """Opens https with limits."""

    def __init__(self, limits: _Limits) -> None:
        super().__init__()
        self._limits = limits

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_LimitedSecureConnection, limits=self._limits), request)


def _opener(limits: _Limits) -> urllib.request.OpenerDirector:
    """Opens URLs; without a handler of redirects and of error statuses, each is a response."""
    opener = urllib.request.OpenerDirector()
    handlers = (
        urllib.request.ProxyHandler(), _Handler(limits), _SecureHandler(limits),
        urllib.request.UnknownHandler(),
    )  # fmt: skip
    for handler in handlers:
        opener.add_handler(handler)
    return opener
