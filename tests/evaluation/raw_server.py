"""A local server that sends bytes as they are told, with the faults of real ones and worse."""

from __future__ import annotations

import base64
import io
import json
import random
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import soundfile

__all__ = ["KINDS", "RawServer", "Script", "completion", "endpoint_faults", "http", "raw_server"]

# Sends on a connection; the end of the function ends the connection.
Script = Callable[[socket.socket], None]

# What drips or floods ends here, where nobody has hung up before.
_MOST_DRIPS = 400
_DRIP_S = 0.02


@dataclass
class RawServer:
    """`scripts` are taken in turn, the last again and again; `requests` are what came in."""

    scripts: list[Script]
    url: str = ""
    requests: list[bytes] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def take(self, request: bytes) -> Script:
        """The script for a request."""
        self.requests.append(request)
        return self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]


@contextmanager
def raw_server(*scripts: Script) -> Iterator[RawServer]:
    """A server on a free port of 127.0.0.1; connections that hang are let go at its end."""
    state = RawServer(list(scripts))
    lock = threading.Lock()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            request = _request(self.request)
            if request is None:
                return
            with lock:
                script = state.take(request)
            with suppress(OSError):
                script(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        try:
            yield state
        finally:
            state.ended.set()
            server.shutdown()
            thread.join()


def _request(connection: socket.socket) -> bytes | None:
    """Headers and body of a request; None where the client hung up before."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    names = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(names[b"content-length"]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def http(body: bytes, status: str = "200 OK", *headers: str) -> Script:
    """A whole response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return sending("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)


def sending(data: bytes) -> Script:
    """Sends the bytes and ends the connection."""
    return lambda connection: connection.sendall(data)


def completion(content: Any = "yes", **message: Any) -> dict[str, Any]:
    """A completion with that content."""
    message = {"role": "assistant", "content": content, **message}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"choices": [choice], "usage": {"total_tokens": 7}}


def hang(connection: socket.socket) -> None:
    """No byte until the client hangs up."""
    connection.recv(1)


def reset(connection: socket.socket) -> None:
    """The connection is reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def dripping(begin: bytes, drip: bytes, drips: list[int]) -> Script:
    """`begin`, and then `drip` again and again; `drips` gets how often, when all were sent."""

    def script(connection: socket.socket) -> None:
        connection.sendall(begin)
        connection.settimeout(_DRIP_S)
        for _ in range(_MOST_DRIPS):
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                connection.sendall(drip)
        drips.append(_MOST_DRIPS)

    return script


def flooding(begin: bytes, drip: bytes) -> Script:
    """`begin`, and then `drip` without end and as fast as it is taken."""

    def script(connection: socket.socket) -> None:
        connection.sendall(begin)
        while True:
            connection.sendall(drip)

    return script


_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_GOOD = json.dumps(completion()).encode()
_VALUES: tuple[Any, ...] = (
    None, True, -1, 0.5, 10**30, float("nan"), float("inf"), "", "x", "\ud800", [], [[]], ["x"],
    {}, {"x": 1}, [None], {"\udfff": "\ud800"},
)  # fmt: skip


def _framing(rng: random.Random) -> Script:
    """Faults of status lines, headers and lengths."""
    return sending(
        rng.choice(
            [
                b"", b"\r\n", b"hello\r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n",
                b"HTTP/1.1 99 x\r\n\r\n",
                b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1\r\n\r\n", bytes(rng.randbytes(300)),
                _OK + b"X: " + b"a" * 70_000 + b"\r\n\r\n" + _GOOD,
                _OK + b"".join(b"X%d: y\r\n" % n for n in range(300)) + b"\r\n" + _GOOD,
                _OK + b"Content-Length: 999\r\n\r\n" + _GOOD[: rng.randrange(len(_GOOD))],
                _OK + b"Content-Length: -5\r\n\r\n" + _GOOD[:-1],
                _OK + b"Content-Length: many\r\n\r\n" + _GOOD[:-1],
                _OK + b"Content-Length: 0\r\n\r\n" + _GOOD,
                b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
                b"HTTP/1.1 101 Switching\r\n\r\n" + _GOOD,
            ]
        )
    )  # fmt: skip


def _chunks(rng: random.Random) -> Script:
    """Faults of chunked bodies."""
    size = b"%x\r\n" % len(_GOOD)
    return sending(
        _CHUNKED
        + rng.choice(
            [
                b"zz\r\n" + _GOOD, b"-5\r\n" + _GOOD, b"-1\r\n" + _GOOD[:-1], b"\r\n", b"",
                b"f" * 40 + b"\r\n" + _GOOD[:-1], size + _GOOD[:9], size + _GOOD, size,
                size + _GOOD + b"xx" + b"q\r\n", size + b";" + b"e" * 70_000 + b"\r\n" + _GOOD,
                bytes(rng.randbytes(200)),
            ]
        )
    )  # fmt: skip


def _slowness(rng: random.Random) -> Script:
    """Answers that never end, slowly or fast."""
    return rng.choice(
        [
            hang, reset,
            dripping(_OK + b"Content-Length: 99999\r\n\r\n", b" ", []),
            dripping(b"", b"H", []), dripping(_OK, b"X: y\r\n", []),
            dripping(_CHUNKED, b"1\r\n \r\n", []),
            flooding(_OK + b"\r\n", b" " * 65536), flooding(_CHUNKED, b"1\r\n \r\n" * 999),
            flooding(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99),
            flooding(_CHUNKED + b"0\r\n", b"X: y\r\n" * 999),
        ]
    )  # fmt: skip


def _statuses(rng: random.Random) -> Script:
    """Other statuses, with `Retry-After` as nobody should write it."""
    retry = rng.choice(
        ["", "0", "-1", "soon", "1e-9", "nan", "\xb2", "0x1", "Wed, 21 Oct 2015 07:28:00 GMT",
         "Wed, 99 Oct 99999 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 -0000"]
    )  # fmt: skip
    status = rng.choice([204, 206, 300, 302, 307, 308, 400, 401, 403, 404, 418, 429, 500, 503, 529])
    body = rng.choice([b"", b"<html>", _GOOD, b"\xff" * 99, b"[" * 99_999])
    location = "Location: http://localhost:9/v1/chat/completions"
    return http(body, f"{status} x", f"Retry-After: {retry}", location)


def _texts(rng: random.Random) -> Script:
    """Bodies that are no JSON, or deep, or cut, or of another encoding, or with bits changed."""
    flipped = bytearray(_GOOD)
    flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    deep = b"[" * 100_000
    return http(
        rng.choice(
            [
                b"", b"null", b"[]", b'"x"', b"{}", b"NaN", deep, deep + b"]" * 100_000,
                b'{"choices": ' + deep + b"]" * 100_000 + b"}", b'{"a":' * 50_000,
                _GOOD[:-1].replace(b"yes", deep), _GOOD[: rng.randrange(len(_GOOD))],
                _GOOD.decode().encode("utf-16"), b"\xef\xbb\xbf" + _GOOD,
                _GOOD.replace(b"yes", b"y\xff\xfe"), bytes(flipped), bytes(flipped),
                b'{"choices": [{"message": {"content": ' + b"9" * 5000 + b"}}]}",
            ]
        )
    )  # fmt: skip


def _types(rng: random.Random) -> Script:
    """A completion with one value of another type."""
    whole = completion(reasoning_content="so", refusal=None)
    holders: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            holders.append((value, key))
            if isinstance(inner, dict | list):
                walk(inner)

    walk(whole)
    holder, key = rng.choice(holders)
    holder[key] = rng.choice(_VALUES)
    return http(json.dumps(whole).encode())


def _audios(rng: random.Random) -> Script:
    """Answers with audio that is none."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(800, np.float32), 16_000, format="WAV")
    wav = buffer.getvalue()
    cut = bytearray(wav[: rng.randrange(len(wav))])
    fast = bytearray(wav)
    fast[24:28] = struct.pack("<I", rng.choice([0, 1, 2**31]))
    data = rng.choice(
        ["", "not base64!", "AAAA", "\ud800", base64.b64encode(cut).decode(), wav.hex(),
         base64.b64encode(fast).decode(), *_VALUES]
    )  # fmt: skip
    audio = rng.choice([{"data": data}, {"data": data, "transcript": rng.choice(_VALUES)}, data])
    return http(json.dumps(completion(None, audio=audio)).encode())


KINDS: tuple[Callable[[random.Random], Script], ...] = (
    _framing, _chunks, _statuses, _texts, _types, _audios, _slowness,
)  # fmt: skip


def endpoint_faults(count: int, seed: int = 0) -> list[tuple[str, Script]]:
    """That many faults of all kinds in turn, with the names of their kinds."""
    rng = random.Random(seed)
    kinds = [KINDS[number % len(KINDS)] for number in range(count)]
    return [(kind.__name__.strip("_"), kind(rng)) for kind in kinds]
