"""Answers and right answers in two files, put together question by question.

They are joined by an id that both have, else by the audio's name and the question, else in their
order where there are as many of each. A right answer without an answer stays, and counts as empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import PurePath
from typing import Any

from audioflan_tasks.errors import RecordError

__all__ = ["join"]

Row = Mapping[str, Any]

_IDS = ("id", "uuid", "key", "uniq_id", "question_id", "qid", "sample_id", "audio_id", "audioid",
        "audio_filename", "file", "audio_path", "path", "doc_id", "index", "idx")  # fmt: skip
_AUDIO = ("audio_path", "audio_id", "audio", "audio_filename", "wavpath", "path", "file")
_QUESTION = ("question", "prompt", "instruction", "query", "input")
_SHOWN = 3


def join(
    answers: Sequence[Row], golds: Sequence[Row], name: str
) -> tuple[Sequence[Row], dict[str, str]]:
    """A row for each right answer with the fields of its answer, and what was found out.

    Fields of the right answer win, but for those of the answer that it lacks.

    Raises:
      RecordError: nothing joins the two files.
    """
    for label, key_of in _ways(answers, golds):
        by_key = {key_of(row): row for row in answers}
        keys = [key_of(row) for row in golds]
        if len(set(keys)) == len(keys) and any(key in by_key for key in keys):
            return _joined(golds, keys, by_key, label, len(answers))
    if len(answers) != len(golds):
        raise RecordError(
            f"{name}: {len(answers)} answers and {len(golds)} right answers share no id (one of "
            f"{', '.join(_IDS)}); give both files the same one"
        )
    rows = [{**answer, **gold} for answer, gold in zip(answers, golds, strict=True)]
    return rows, {"joined by": "position", "without an answer": "0"}


def _ways(answers: Sequence[Row], golds: Sequence[Row]) -> list[tuple[str, Callable[[Row], str]]]:
    """What may join them, the surest first."""
    ways: list[tuple[str, Callable[[Row], str]]] = []
    for key in _IDS:
        if all(key in row for row in (*answers, *golds)):
            ways.append((key, partial(_field, key)))
    ways.append(("audio and question", _audio_and_question))
    return ways


def _field(key: str, row: Row) -> str:
    return str(row[key])


def _audio_and_question(row: Row) -> str:
    """The audio's name without folder and ending, and the words of the question; "" for neither."""
    fields = {key.casefold(): value for key, value in row.items()}
    audio = next((fields[k] for k in _AUDIO if fields.get(k)), "")
    audio = audio[0] if isinstance(audio, list) and audio else audio
    question = next((fields[k] for k in _QUESTION if fields.get(k)), "")
    parts = (PurePath(str(audio)).stem, " ".join(str(question).casefold().split()))
    return "\n".join(parts) if any(parts) else ""


def _joined(
    golds: Sequence[Row], keys: Sequence[str], by_key: Mapping[str, Row], label: str, count: int
) -> tuple[Sequence[Row], dict[str, str]]:
    rows = [{**by_key.get(key, {}), **gold} for key, gold in zip(keys, golds, strict=True)]
    missing = [key for key in keys if key not in by_key]
    known_keys = set(keys)
    extra = [key for key in by_key if key not in known_keys]
    facts = {"joined by": label, "without an answer": _some(missing)}
    if extra:
        facts["without a right answer"] = _some(extra)
    if count > len(by_key):
        facts["answered again"] = f"{count - len(by_key)} (the last one counts)"
    return rows, facts


def _some(keys: Sequence[str]) -> str:
    names = ", ".join(key.replace("\n", " ")[:60] for key in keys[:_SHOWN])
    return f"{len(keys)} ({names}{', …' if len(keys) > _SHOWN else ''})" if keys else "0"
