"""Answers of a run on disk, one JSON line each, written as soon as the model gives them.

`answers/<task id>.jsonl` holds the lines, `answers/<task id>/` the audio. A line is written
with a single unbuffered `write`, so that `kill -9` loses no answer. The file is forced to
disk (`fsync`) once a second and at the end of a task, so that a power failure loses at most
one second. An incomplete last line is dropped when the file is opened again. Transport
errors are stored as lines of their own; they do not count as answers and are asked again
on resume.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from audioflan_tasks.errors import EvaluationError, FileWriteError
from audioflan_tasks.evaluation.results import UNREADABLE_JSON
from audioflan_tasks.metrics import AudioAnswer
from audioflan_tasks.plain_files import read_plain_bytes
from audioflan_tasks.whole_files import naming_file, write_whole

__all__ = ["Answer", "AnswerFile", "Failure", "Line", "Reply", "as_reply"]

_SYNC_S = 1.0
_NOTE_DEPTH, _NOTE_TEXT = 8, 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """Text, or audio if the task writes audio; `note` is stored with it (token counts and such)."""

    text: str = ""
    audio: AudioAnswer | None = None
    note: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """A time-out or transport error in place of an answer; it does not count against the model."""

    kind: str
    message: str


Reply = Answer | Failure


class Line(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One line of an answer file. `audio` is the name of a file in the task's audio folder."""

    key: str
    uuid: str
    prompt: str
    text: str = ""
    audio: str = ""
    error: str = ""
    message: str = ""
    seconds: float = 0.0
    note: dict[str, Any] = {}


class AnswerFile:
    """The answers of one task on disk, used in a `with` statement."""

    def __init__(self, folder: Path, task_id: str) -> None:
        self.path = folder / f"{task_id}.jsonl"
        self._sounds = folder / task_id
        self._encoder = msgspec.json.Encoder()
        self._last_sync = 0.0
        self._handle: io.FileIO | None = None
        self.lines: dict[str, Line] = {}

    def __enter__(self) -> AnswerFile:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._load()
        self._handle = self.path.open("ab", buffering=0)
        return self

    def __exit__(self, *unused: object) -> None:
        if self._handle is not None:
            os.fsync(self._handle.fileno())
            self._handle.close()
            self._handle = None

    def has_answer(self, key: str, prompt: str) -> bool:
        """Whether the file has an answer to the prompt with this key and digest.

        Raises:
          EvaluationError: the key has an answer to another prompt.
        """
        line = self.lines.get(key)
        if line is None or line.error:
            return False
        if line.prompt != prompt:
            raise EvaluationError(
                f"{self.path}: {key} was answered for another prompt ({line.prompt}, now "
                f"{prompt}); templates or records have changed: use a new folder"
            )
        return True

    def add(self, key: str, uuid: str, prompt: str, reply: Reply, seconds: float) -> None:
        """Writes one answer or failure."""
        if isinstance(reply, Failure):
            message = _escaped(reply.message[:2000])
            line = Line(key=key, uuid=uuid, prompt=prompt, error=reply.kind, message=message,
                        seconds=round(seconds, 4))  # fmt: skip
        else:
            name = "" if reply.audio is None else self._save(key, reply.audio)
            line = Line(key=key, uuid=uuid, prompt=prompt, text=_escaped(reply.text), audio=name,
                        seconds=round(seconds, 4), note=_storable(dict(reply.note)))  # fmt: skip
        if self._handle is None:
            raise EvaluationError(f"{self.path}: not open")
        data = self._encoder.encode(line) + b"\n"
        with naming_file(self.path):
            if self._handle.write(data) != len(data):
                raise FileWriteError(f"{self.path}: cannot be written (is the disk full?)")
        clock = time.monotonic()
        if clock - self._last_sync > _SYNC_S:
            os.fsync(self._handle.fileno())
            self._last_sync = clock
        self.lines[key] = line

    def reply(self, key: str) -> Reply | None:
        """The stored answer or failure of a key; None if there is none."""
        line = self.lines.get(key)
        if line is None:
            return None
        if line.error:
            return Failure(line.error, line.message)
        if not line.audio:
            return Answer(line.text, note=line.note)
        import soundfile

        samples, rate = soundfile.read(self._sounds / line.audio, dtype="float32")
        return Answer(line.text, AudioAnswer(samples, rate), line.note)

    def _load(self) -> None:
        """Reads the lines of the file and removes an incomplete last line from it."""
        if not self.path.exists():
            return
        try:
            data = read_plain_bytes(self.path)
        except OSError as error:
            raise EvaluationError(f"{self.path}: cannot be read ({error.strerror})") from None
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            with self.path.open("r+b") as handle:
                handle.truncate(len(whole))
        decoder = msgspec.json.Decoder(Line)
        for number, text in enumerate(whole.splitlines(), 1):
            try:
                line = decoder.decode(text)
            except UNREADABLE_JSON as error:
                raise EvaluationError(
                    f"{self.path}:{number}: not a line of answers ({error}); "
                    "mend or delete the line, or use a new folder"
                ) from None
            self.lines[line.key] = line

    def _save(self, key: str, audio: AudioAnswer) -> str:
        """Samples as a 32-bit float WAV: with 16 bits quiet answers would lose some dB of SDR."""
        import soundfile

        name = "_".join(key.split("/")[1:]) + ".wav"
        samples = np.nan_to_num(np.asarray(audio.samples, np.float32).reshape(-1))
        wav = io.BytesIO()
        soundfile.write(wav, samples, audio.sample_rate, format="WAV", subtype="FLOAT")
        write_whole(self._sounds / name, wav.getvalue())
        return name


def _escaped(text: str) -> str:
    """A text as UTF-8 can hold it: lone surrogates, which some models write, as `\\ud800`."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _storable(value: Any, depth: int = 0) -> Any:
    """A note as JSON can hold it, whatever it has: what it cannot hold is its text."""
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, Mapping) and depth < _NOTE_DEPTH:
        return {_escaped(str(k)): _storable(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple) and depth < _NOTE_DEPTH:
        return [_storable(item, depth + 1) for item in value]
    if isinstance(value, float):
        return float(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    return _escaped(repr(value)[:_NOTE_TEXT])


def as_reply(value: object) -> Reply:
    """The reply for a function's return value: text, audio, (samples, rate), None, or a reply.

    Raises:
      EvaluationError: the value has another type.
    """
    if isinstance(value, Answer | Failure):
        return value
    if value is None:
        return Answer()
    if isinstance(value, str):
        return Answer(value)
    if isinstance(value, AudioAnswer):
        return Answer(audio=value)
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], int):
        return Answer(audio=AudioAnswer(np.asarray(value[0], np.float32), value[1]))
    raise EvaluationError(
        f"a model gave {type(value).__name__}; expected str, AudioAnswer, (samples, rate) or None"
    )
