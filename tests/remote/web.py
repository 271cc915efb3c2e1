"""A web server on loopback whose answers can be made to fail."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote

__all__ = ["WebServer", "running"]


class WebServer(ThreadingHTTPServer):
    """Files by path (`/a/b`), and ways in which the next answers to a GET of a path fail.

    `refuse`: status 500. `deny`: status 403. `cut`: half of the bytes that were promised.
    `stall`: half of them, then nothing until `resume` is set; `is_stalled` says so.
    """

    daemon_threads = True

    def __init__(self, has_pages: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.failures: defaultdict[str, list[str]] = defaultdict(list)
        self.gets: Counter[str] = Counter()
        self.has_pages, self.has_sizes = has_pages, True
        self.resume, self.is_stalled = threading.Event(), threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def page(self, folder: str) -> bytes | None:
        """Links to what is in a folder that ends in /."""
        names = {path[len(folder) :] for path in self.files if path.startswith(folder)}
        links = sorted({name.partition("/")[0] + "/" * ("/" in name) for name in names})
        if not links or not self.has_pages:
            return None
        items = (f'<a href="{quote(name)}">{escape(name)}</a>' for name in links)
        return f'<a href="../">up</a> <a href="?C=N">sort</a> {" ".join(items)}'.encode()


class _Handler(BaseHTTPRequestHandler):
    server: WebServer

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, with_body: bool) -> None:
        path = unquote(self.path.partition("?")[0])
        failures = self.server.failures[path]
        failure = failures.pop(0) if failures and with_body else ""
        if with_body:
            self.server.gets[path] += 1
        data = self.server.files.get(path)
        if failure == "refuse" or "down" in failures:
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR)
        elif "deny" in failures:
            self.send_error(HTTPStatus.FORBIDDEN)
        elif data is not None:
            self._send(data, "application/octet-stream", failure, with_body)
        elif (page := self.server.page(path)) is not None and path.endswith("/"):
            self._send(page, "text/html", failure, with_body)
        elif self.server.page(f"{path}/") is not None:
            self.send_response(HTTPStatus.MOVED_PERMANENTLY)
            self.send_header("Location", f"{self.path}/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _send(self, data: bytes, kind: str, failure: str, with_body: bool) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        if self.server.has_sizes:
            self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", f'"{hashlib.md5(data).hexdigest()}"')
        self.end_headers()
        if not with_body:
            return
        self.wfile.write(data[: len(data) // 2] if failure else data)
        self.wfile.flush()
        if failure == "stall":
            self.server.is_stalled.set()
            self.server.resume.wait()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def running(has_pages: bool = True) -> Iterator[WebServer]:
    """A server that answers until the end of the block."""
    with WebServer(has_pages) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.resume.set()
        server.shutdown()
        thread.join()
