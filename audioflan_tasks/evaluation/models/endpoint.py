"""Endpoints with OpenAI's chat completions API and audio input.

The request is `POST {base_url}/chat/completions` with content parts of type `input_audio`
(base64 WAV); vLLM, SGLang and others serve it for open models. Only the standard library is
used. What a server does wrong costs one question: it is tried again, and then counted as failed.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import random
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation.answers import Failure, Reply
from audioflan_tasks.evaluation.models.api_key import ApiKey
from audioflan_tasks.evaluation.models.completion import read_completion
from audioflan_tasks.evaluation.models.outage import REFUSED, SERVER_ERROR, Outage
from audioflan_tasks.evaluation.models.wire import NO_CONNECTION, TRANSPORT, Response, post
from audioflan_tasks.evaluation.prompt import Prompt

__all__ = ["EndpointModel", "server_url"]

_REFUSAL_CODES = (400, 413, 415, 422)  # of this question: too long, or not to be served
_ELSEWHERE_CODES = (401, 404, 405)  # no key, no model or no such API: of every question
_BUSY_CODES = (408, 409, 425, 429)
_LONGEST_WAIT_S = 60.0
# What asks for an answer that is heard.
_SOUND = {"modalities": ["text", "audio"], "audio": {"format": "wav", "voice": "alloy"}}
_EXCERPT = 500


class EndpointModel:
    """A chat model behind a URL.

    Args:
      model: name of the model at the endpoint.
      base_url: the URL without `/chat/completions`.
      api_key_env: environment variable with the key. The key itself is never stored, goes to no
        other host, and is masked where the server repeats it.
      system: a system message; empty for none.
      temperature, max_tokens, seed: decoding parameters, sent unchanged.
      timeout_s: time limit of one request, from connecting to the last byte, in seconds.
      retries: number of retries after a time-out, a lost connection or a temporary HTTP error.
      backoff_s: wait before the first retry, in seconds; it doubles with every retry. A
        `Retry-After` header takes precedence.
      requests_per_minute: rate limit over all threads; None for no limit.
      sample_rate: sample rate of the WAV that is sent, in Hz.
      max_bytes: limit of the body of an answer.
      extra: further fields of the request body.

    With `workers` of the run, requests are concurrent. A request that fails after the last
    retry gives a `Failure` ("timeout", "transport", "server error", "rate limit",
    "no connection"), never an answer. So does at once a question that the server refuses
    ("refused": HTTP 400, 413, 415, 422, such as a context that is too long).

    Raises:
      EvaluationError: the URL is none, or holds a password.
      SettingsError: the key is none.
      EndpointError: before the first answer: no connection, or HTTP 401, 404, 405 or a redirect,
        which every further request would get as well.
      RunPausedError: 20 questions in a row got no answer.
    """

    hears = True

    def __init__(
        self,
        model: str,
        base_url: str,
        *,
        api_key_env: str = "OPENAI_API_KEY",
        system: str = "",
        temperature: float = 0.0,
        max_tokens: int = 512,
        seed: int | None = 0,
        timeout_s: float = 120.0,
        retries: int = 5,
        backoff_s: float = 1.0,
        requests_per_minute: float | None = None,
        sample_rate: int = 16_000,
        max_bytes: int = 100_000_000,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = model
        self._url = server_url(base_url, "base_url").rstrip("/") + "/chat/completions"
        self._key, self._system = ApiKey(api_key_env), system
        self._decoding = {"temperature": temperature, "max_tokens": max_tokens, **(extra or {})}
        if seed is not None:
            self._decoding["seed"] = seed
        self._timeout, self._max_bytes = timeout_s, max_bytes
        self._retries, self._backoff = retries, backoff_s
        self._outage = Outage(self._url)
        self._pace = _Pace(requests_per_minute)
        self._rate = sample_rate
        self.settings: Mapping[str, Any] = {
            "base_url": base_url, "system": system, "sample_rate": sample_rate, **self._decoding,
        }  # fmt: skip

    def answer(self, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        """One request per prompt. An outage ends the next call, so that no answer is lost."""
        self._outage.check()
        return [
            self._ask(self.messages(prompt), _SOUND if prompt.writes_audio else {})
            for prompt in prompts
        ]

    def complete(self, text: str, extra: Mapping[str, Any] | None = None) -> Reply:
        """The reply to a prompt of text only; `extra` are further fields of this request's body."""
        self._outage.check()
        return self._ask([{"role": "user", "content": text}], extra or {})

    def messages(self, prompt: Prompt) -> list[dict[str, Any]]:
        """The prompt as chat messages, with text parts and base64 WAV parts in order."""
        parts: list[dict[str, Any]] = []
        for segment in prompt.segments:
            if segment.kind == "audio":
                data = _wav(prompt.sound(segment.value, self._rate), self._rate)
                parts.append(
                    {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
                )
            elif parts and parts[-1]["type"] == "text":
                parts[-1]["text"] += segment.value
            else:
                parts.append({"type": "text", "text": segment.value})
        system = [{"role": "system", "content": self._system}] if self._system else []
        return [*system, {"role": "user", "content": parts}]

    def _ask(self, messages: Sequence[Mapping[str, Any]], extra: Mapping[str, Any]) -> Reply:
        body = {"model": self.name, "messages": messages, **self._decoding, **extra}
        if self._outage.is_long:
            return Failure(TRANSPORT, "not asked: the server does not answer")
        return self._outage.note(self._tried(json.dumps(body).encode()))

    def _tried(self, data: bytes) -> Reply:
        """The reply to the first request that gets one, or the failure of the last."""
        for attempt in range(self._retries):
            reply, pause = self._try_request(data)
            if pause is None:
                return reply
            # Jitter: threads that failed at the same time retry at different times.
            pause = pause or self._backoff * 2**attempt
            time.sleep(min(pause, _LONGEST_WAIT_S) * (1 + random.random() / 2))
        return self._try_request(data)[0]

    def _try_request(self, data: bytes) -> tuple[Reply, float | None]:
        """The reply to one request, and after how many seconds another may have a better one.

        0 is after a time of one's own choice, None is never.
        """
        self._pace.wait()
        headers = {"Content-Type": "application/json", **self._key.headers()}
        response = post(
            self._url, data, headers, timeout_s=self._timeout, most_bytes=self._max_bytes
        )
        if isinstance(response, Failure):
            failure = Failure(response.kind, self._key.mask(response.message))
            return (self._outage.fatal(failure) if failure.kind == NO_CONNECTION else failure), 0.0
        if response.status != 200:
            return self._refusal(response)
        try:
            return read_completion(response.body, self._key.masked), None
        except ValueError as error:
            reason = self._key.mask(f"not a chat completion: {error}")
            return Failure(TRANSPORT, f"{reason[:_EXCERPT]}; {self._excerpt(response.body)}"), 0.0

    def _refusal(self, response: Response) -> tuple[Failure, float | None]:
        """What another status than that of an answer means."""
        status, message = response.status, self._excerpt(response.body)
        kind = SERVER_ERROR if status >= 500 else TRANSPORT
        failure = Failure(kind, f"HTTP {status}: {message}")
        if status in _REFUSAL_CODES:
            return Failure(REFUSED, failure.message), None
        if 300 <= status < 400:
            message = "; ".join(filter(None, ("redirects are not followed", message)))
            failure = Failure(TRANSPORT, f"HTTP {status}: {message}")
        if 300 <= status < 400 or status in _ELSEWHERE_CODES:
            return self._outage.fatal(failure), None
        if status == 429:
            failure = Failure("rate limit", failure.message)
        is_final = 400 <= status < 500 and status not in _BUSY_CODES
        return failure, None if is_final else _wait_s(response.retry_after)

    def _excerpt(self, body: bytes) -> str:
        """The beginning of a body for a message, without the key however JSON writes it."""
        text = body.decode("utf-8", "replace")
        with contextlib.suppress(ValueError, RecursionError):
            text = json.dumps(self._key.masked(json.loads(text)), ensure_ascii=False)
        text = " ".join(self._key.mask(text).split())[:_EXCERPT]
        # What a terminal would obey, or is no text at all, is left out.
        return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


class _Pace:
    """A rate limit over all threads: one request every 60 / `per_minute` seconds."""

    def __init__(self, per_minute: float | None) -> None:
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._lock, self._next = threading.Lock(), 0.0

    def wait(self) -> None:
        """Blocks until the next request may be sent."""
        if not self._gap:
            return
        with self._lock:
            clock = time.monotonic()
            turn = max(clock, self._next)
            self._next = turn + self._gap
        time.sleep(max(0.0, turn - clock))


def _wav(samples: Any, sample_rate: int) -> str:
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, samples, sample_rate, format="WAV", subtype="PCM_16")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def server_url(text: str, source: str) -> str:
    """The URL of a server, which is stored and shown: nothing secret can be in it.

    Raises:
      EvaluationError: it is no such URL; `source` is where it comes from ("--endpoint").
    """
    if any(mark in text for mark in "@?#"):
        raise EvaluationError(
            f"{source} holds a name, password, query or fragment; expected http://HOST:PORT/v1, "
            "with the key in an environment variable (api_key_env)"
        )
    try:
        url = urlsplit(text)
        is_usable = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        is_usable = False
    if not (is_usable and text.isascii() and text.isprintable()) or " " in text:
        raise EvaluationError(
            f"{source} {text!r}: expected http://HOST:PORT/v1 or https://..., "
            "such as http://localhost:8000/v1"
        )
    return text


def _wait_s(retry_after: str) -> float:
    """Seconds in a `Retry-After` header, which has a number or a date; 0 if it has neither."""
    try:
        seconds = float(retry_after)
    except ValueError:
        seconds = _seconds_until(retry_after)
    return max(0.0, seconds) if seconds == seconds else 0.0


def _seconds_until(date: str) -> float:
    try:
        return (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
