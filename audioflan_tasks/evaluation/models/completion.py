"""A chat completion, as servers write it, as an answer."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from audioflan_tasks.evaluation.answers import Answer
from audioflan_tasks.metrics import AudioAnswer

__all__ = ["read_completion"]

# Over half an hour at 48 kHz. A compressed file of some kB could hold days.
_MOST_SAMPLES = 100_000_000
_RATES = range(1_000, 768_001)


def read_completion(data: bytes, masked: Callable[[Any], Any] = lambda value: value) -> Answer:
    """The answer in the body of a response; `masked` is applied to the JSON value.

    Where the content is empty and the answer ended by itself, its refusal or its reasoning stands
    for it: where reasoning is parsed apart, an answer without a mark of its end is put there.

    Raises:
      ValueError: it is no chat completion, or a part that holds the answer has a wrong type.
    """
    try:
        return _answer(masked(_json(data)))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"a part is missing or of a wrong type ({error})") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _json(data: bytes) -> Any:
    # Bytes that are no UTF-8 become lone surrogates, which are stored escaped like those in JSON.
    return json.loads(data.decode("utf-8-sig", "surrogateescape"))


def _answer(completion: Any) -> Answer:
    choice = completion["choices"][0]
    message = choice["message"]
    text = _text(message.get("content"))
    reasoning = _text(message.get("reasoning_content") or message.get("reasoning"))
    refusal = _text(message.get("refusal"))
    ending = _checked(choice.get("finish_reason"), str, "finish_reason")
    note = {
        **_counts(completion.get("usage")), "finish_reason": ending,
        **({"reasoning_content": reasoning} if reasoning else {}),
        **({"refusal": refusal} if refusal else {}),
    }  # fmt: skip
    if ending == "stop":
        text = text or refusal or reasoning
    speech = _checked(message.get("audio"), dict, "audio")
    if not speech:
        return Answer(text or refusal, note=note)
    text = text or _text(speech.get("transcript"))
    return Answer(text, _audio(speech["data"]), note)


def _checked(value: Any, kind: type, name: str) -> Any:
    if value is not None and not isinstance(value, kind):
        raise ValueError(f"{name} is {value!r:.80}, expected {kind.__name__}")
    return value


def _text(content: Any) -> str:
    """The text of a message: a string, or the text parts of a list."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, Mapping)]
        return "".join(_text(part.get("text") or part.get("refusal")) for part in parts)
    return _checked(content, str, "a text") or ""


def _counts(usage: Any) -> dict[str, Any]:
    """Numbers of tokens, also those one level down; an answer is not lost over the others."""
    if not isinstance(usage, Mapping):
        return {}
    counts = {name: value for name, value in usage.items() if isinstance(value, int | float)}
    details = {k: _counts(v) for k, v in usage.items() if isinstance(v, Mapping)}
    return {**counts, **details}


def _audio(data: Any) -> AudioAnswer:
    """Samples of base64 audio, in mono.

    Raises:
      ValueError: it is no base64 or no audio, or longer than any answer.
    """
    import soundfile

    raw = io.BytesIO(base64.b64decode(_checked(data, str, "audio data"), validate=True))
    try:
        with soundfile.SoundFile(raw) as file:
            rate = file.samplerate
            if rate not in _RATES or file.frames * file.channels > _MOST_SAMPLES:
                raise ValueError(f"audio of {file.frames} frames at {rate} Hz")
            samples = file.read(dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ValueError(f"audio cannot be read: {error}") from None
    return AudioAnswer(samples.mean(axis=1), rate)
