"""Answers that a model gave outside of this package, read from a file of JSON lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from audioflan_tasks.audio.load import info, load
from audioflan_tasks.errors import AudioError, EvaluationError
from audioflan_tasks.evaluation.answers import Answer, Failure, Reply
from audioflan_tasks.evaluation.endings import NOTES
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.results import UNREADABLE_JSON
from audioflan_tasks.metrics import AudioAnswer
from audioflan_tasks.plain_files import read_plain_bytes

__all__ = ["FinishedModel"]


class FinishedModel:
    """Answers from a file: `{"uuid": ..., "answer": ...}` or `{"uuid": ..., "audio": PATH}`.

    If uuids are not unique, `task` can be added, or `key` ("task/split/row") given instead.
    Audio paths are relative to the file. `finish_reason`, `refusal` and `reasoning_content` beside
    an answer count as those of a server. A question without a line gives a `Failure`
    ("missing"), and so does audio that cannot be read ("unreadable"); neither is a wrong answer.
    """

    hears = False

    def __init__(self, path: str | Path, name: str = "") -> None:
        self._path = Path(path)
        self.name = name or self._path.stem
        self._answers = _load_answers(self._path)
        self.settings: Mapping[str, Any] = {"answers": self._path.name}

    def answer(self, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        """The answers of the file to the prompts."""
        return [self._reply(prompt) for prompt in prompts]

    def _reply(self, prompt: Prompt) -> Reply:
        uuid = prompt.instance.uuid
        keys = (prompt.key, f"{prompt.row.id}\x1f{uuid}", uuid)
        line = next((self._answers[k] for k in keys if k in self._answers), None)
        if line is None:
            return Failure("missing", f"{self._path}: no answer for {uuid} ({prompt.key})")
        if not line.get("audio"):
            note = {name: line[name] for name in NOTES if line.get(name)}
            return Answer(str(line.get("answer", "")), note=note)
        path = self._path.parent / str(line["audio"])
        try:
            rate = info(path).sample_rate
            return Answer(audio=AudioAnswer(load(path, rate), rate))
        except AudioError as error:
            return Failure("unreadable", f"{self._path}: {error}")


def _load_answers(path: Path) -> dict[str, dict[str, Any]]:
    lines_by_key: dict[str, dict[str, Any]] = {}
    try:
        lines = read_plain_bytes(path).splitlines()
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read ({error.strerror})") from None
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            line = msgspec.json.decode(text, type=dict[str, Any])
        except UNREADABLE_JSON as error:
            raise EvaluationError(f"{path}:{number}: not a JSON object ({error})") from None
        uuid, task = str(line.get("uuid", "")), str(line.get("task", ""))
        key = str(line.get("key", "")) or (
            f"{task.removeprefix('audioflan_')}\x1f{uuid}" if task else uuid
        )
        if not key or not ("answer" in line or line.get("audio")):
            raise EvaluationError(
                f"{path}:{number}: expected uuid (or key) and answer (or audio), "
                f"found {', '.join(line) or 'nothing'}"
            )
        if key in lines_by_key:
            raise EvaluationError(f"{path}:{number}: a second answer for {uuid or key!r}")
        lines_by_key[key] = line
    return lines_by_key
