"""A local endpoint that speaks chat completions with audio input, and misbehaves on demand."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import numpy as np
import soundfile

Answer = Callable[[str, list[np.ndarray]], Any]

HANG = "hang"


class Refused(NamedTuple):
    """No answer to this question: the status and the message of the error."""

    status: int
    message: str


class Server:
    """What was asked, and what to answer.

    `faults` is taken from first: a status, or HANG for no answer until the server ends. `answer`
    gives text, audio, a `Refused`, or the choice of a completion as it is (a dict).
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.faults: list[int | str] = []
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.most_at_once = 0
        self.now = 0
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.url = ""

    def heard(self, body: dict[str, Any]) -> tuple[str, list[np.ndarray]]:
        """Text and waveforms of the last message, decoded as a server would."""
        content = body["messages"][-1]["content"]
        if isinstance(content, str):
            return content, []
        text = "".join(p["text"] for p in content if p["type"] == "text")
        sounds = []
        for part in content:
            if part["type"] == "input_audio":
                assert part["input_audio"]["format"] == "wav"
                raw = io.BytesIO(base64.b64decode(part["input_audio"]["data"]))
                samples, rate = soundfile.read(raw, dtype="float32")
                assert rate == 16_000
                sounds.append(samples)
        return text, sounds


@contextmanager
def serving(answer: Answer) -> Iterator[Server]:
    """A server on a free port of 127.0.0.1."""
    state = Server(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *unused: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with state.lock:
                state.requests.append(body)
                state.keys.append(self.headers.get("Authorization", ""))
                state.now += 1
                state.most_at_once = max(state.most_at_once, state.now)
                fault = state.faults.pop(0) if state.faults else None
            try:
                if isinstance(fault, int):
                    self.reply(fault, {"error": {"message": f"fault {fault}"}})
                    return
                if fault == HANG:
                    state.ended.wait()
                    self.close_connection = True
                    return
                assert self.path == "/v1/chat/completions"
                said = state.answer(*state.heard(body))
                if isinstance(said, Refused):
                    self.reply(said.status, {"error": {"message": said.message}})
                    return
                if isinstance(said, dict):
                    self.reply(200, {"choices": [said]})
                    return
                message = {"role": "assistant", "content": said}
                if not isinstance(said, str):
                    buffer = io.BytesIO()
                    soundfile.write(buffer, said[0], said[1], format="WAV", subtype="FLOAT")
                    data = base64.b64encode(buffer.getvalue()).decode()
                    message |= {"content": None, "audio": {"data": data, "transcript": "la"}}
                choice = {"index": 0, "message": message, "finish_reason": "stop"}
                self.reply(200, {"choices": [choice], "usage": {"total_tokens": 7}})
            finally:
                with state.lock:
                    state.now -= 1

        def reply(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            try:
                self.send_response(status)
                if status == 429:
                    self.send_header("Retry-After", "0.01")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield state
    finally:
        state.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
