"""Endpoints with OpenAI's chat completions API and audio input.

The request is `POST {base_url}/chat/completions` with content parts of type `input_audio`
(base64 WAV); vLLM, SGLang and others serve it for open models. Only the standard library is
used.
"""

from __future__ import annotations

import base64
import io
import json
import os
import random
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from audioflan_tasks.errors import EvaluationError, UnreachableModelError
from audioflan_tasks.evaluation.answers import Answer, Failure, Reply
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.metrics import AudioAnswer

__all__ = ["EndpointModel"]

_RETRY_STATUSES = (408, 409, 425, 429, 500, 502, 503, 504)
_REFUSAL_CODES = (400, 413, 415, 422)  # of this question: too long, or not to be served
_REFUSAL_KIND = "refused"
_LONGEST_WAIT_S = 60.0


class EndpointModel:
    """A chat model behind a URL.

    Args:
      model: name of the model at the endpoint.
      base_url: the URL without `/chat/completions`.
      api_key_env: environment variable with the key; the key itself is never stored.
      system: a system message; empty for none.
      temperature, max_tokens, seed: decoding parameters, sent unchanged.
      timeout_s: time limit of one request, in seconds.
      retries: number of retries after a time-out, a lost connection or a temporary HTTP error.
      backoff_s: wait before the first retry, in seconds; it doubles with every retry. A
        `Retry-After` header takes precedence.
      requests_per_minute: rate limit over all threads; None for no limit.
      sample_rate: sample rate of the WAV that is sent, in Hz.
      extra: further fields of the request body.

    With `workers` of the run, requests are concurrent. A request that fails after the last
    retry gives a `Failure` ("timeout", "transport", "rate limit"), never an answer. So does at
    once a question that the server refuses ("refused": HTTP 400, 413, 415, 422, such as a context
    that is too long). Other HTTP errors (401, 404) raise an error, since every further request
    would fail as well.
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
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise EvaluationError(f"base_url {base_url!r}: expected http:// or https://")
        self.name = model
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._key_env, self._system = api_key_env, system
        self._decoding = {"temperature": temperature, "max_tokens": max_tokens, **(extra or {})}
        if seed is not None:
            self._decoding["seed"] = seed
        self._timeout, self._retries, self._backoff = timeout_s, retries, backoff_s
        self._pace = _Pace(requests_per_minute)
        self._rate, self._was_reached = sample_rate, False
        self.settings: Mapping[str, Any] = {
            "base_url": base_url, "system": system, "sample_rate": sample_rate, **self._decoding,
        }  # fmt: skip

    def answer(self, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        """One request per prompt."""
        return [self._ask(self.messages(prompt), prompt.writes_audio) for prompt in prompts]

    def complete(self, text: str) -> Reply:
        """The reply to a prompt of text only."""
        return self._ask([{"role": "user", "content": text}], audio=False)

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

    def _ask(self, messages: Sequence[Mapping[str, Any]], audio: bool) -> Reply:
        body: dict[str, Any] = {"model": self.name, "messages": messages, **self._decoding}
        if audio:
            body |= {"modalities": ["text", "audio"], "audio": {"format": "wav", "voice": "alloy"}}
        data = json.dumps(body).encode()
        failure = Failure("transport", "not tried")
        for attempt in range(self._retries + 1):
            self._pace.wait()
            reply, wait = self._try_request(data)
            if not isinstance(reply, Failure) or reply.kind == _REFUSAL_KIND:
                return reply
            failure = reply
            if attempt < self._retries:
                # Jitter: threads that failed at the same time retry at different times.
                pause = wait if wait is not None else self._backoff * 2**attempt
                time.sleep(min(pause, _LONGEST_WAIT_S) * (1 + random.random() / 2))
        return failure

    def _try_request(self, data: bytes) -> tuple[Reply, float | None]:
        """The reply to one request, and the seconds of its `Retry-After` header if it failed."""
        request = urllib.request.Request(
            self._url, data, {"Content-Type": "application/json", **self._headers()}
        )
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as response:
                self._was_reached = True
                return _parse_completion(response.read()), None
        except urllib.error.HTTPError as error:
            self._was_reached = True
            with error:
                message = error.read(2000).decode("utf-8", "replace")
                retry_after = error.headers.get("Retry-After", "")
            if error.code in _REFUSAL_CODES:
                return Failure(_REFUSAL_KIND, f"HTTP {error.code}: {message}"), None
            if error.code not in _RETRY_STATUSES:
                raise EvaluationError(f"{self._url}: HTTP {error.code}: {message}") from None
            kind = "rate limit" if error.code == 429 else "transport"
            wait = float(retry_after) if retry_after.replace(".", "", 1).isdigit() else None
            return Failure(kind, f"HTTP {error.code}: {message}"), wait
        except TimeoutError:
            return Failure("timeout", f"no answer within {self._timeout:g} s"), None
        except (urllib.error.URLError, ConnectionError, OSError) as error:
            self._refuse_unreachable(error)
            late = isinstance(getattr(error, "reason", None), TimeoutError)
            return Failure("timeout" if late else "transport", str(error)), None
        except ValueError as error:
            return Failure("transport", f"not a chat completion: {error}"), None

    def _refuse_unreachable(self, error: OSError) -> None:
        """Raises where nothing answers under the address; a server that did may come back."""
        reason = getattr(error, "reason", error)
        if isinstance(reason, ConnectionRefusedError | socket.gaierror) and not self._was_reached:
            raise UnreachableModelError(
                f"{self._url}: {reason.strerror}; does the server run? Another one is named by "
                "OPENAI_BASE_URL or base_url=…"
            ) from None

    def _headers(self) -> dict[str, str]:
        key = os.environ.get(self._key_env, "")
        return {"Authorization": f"Bearer {key}"} if key else {}


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


def _parse_completion(data: bytes) -> Answer:
    try:
        whole = json.loads(data)
        choice = whole["choices"][0]
        message = choice["message"]
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError(f"{data[:200]!r} has no {error}") from None
    text = _text(message.get("content"))
    # Where reasoning is parsed apart, servers put an answer without any mark of its end there.
    reasoning = _text(message.get("reasoning_content") or message.get("reasoning"))
    refusal = _text(message.get("refusal"))
    ending = choice.get("finish_reason")
    note = {
        "finish_reason": ending, **(whole.get("usage") or {}),
        **({"reasoning_content": reasoning} if reasoning else {}),
        **({"refusal": refusal} if refusal else {}),
    }  # fmt: skip
    if ending == "stop":
        text = text or refusal or reasoning
    speech = message.get("audio")
    if not speech:
        return Answer(text or refusal, note=note)
    import soundfile

    raw = io.BytesIO(base64.b64decode(speech["data"]))
    samples, rate = soundfile.read(raw, dtype="float32", always_2d=True)
    text = text or str(speech.get("transcript", ""))
    return Answer(text, AudioAnswer(samples.mean(axis=1), rate), note)


def _text(content: Any) -> str:
    """The text of a message: a string, or the text parts of a list."""
    if isinstance(content, list):
        parts = (p for p in content if isinstance(p, Mapping))
        return "".join(str(part.get("text") or part.get("refusal") or "") for part in parts)
    return "" if content is None else str(content)
