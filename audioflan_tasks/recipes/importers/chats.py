"""Chat files of trainers: `messages` (ms-swift, OpenAI) and `conversations` (LLaMA-Factory)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.errors import RecordError, SettingsError
from audioflan_tasks.recipes.draft import Draft
from audioflan_tasks.recipes.importers.columns import ImportedRow
from audioflan_tasks.recipes.importers.tables import json_rows
from audioflan_tasks.recipes.recording import Recording

__all__ = ["chat_questions", "chat_rows"]

_AUDIO = re.compile(r"<audio>(?:[^<]*</audio>)?|<\|audio\|>", re.IGNORECASE)
_USER, _ANSWER = ("user", "human"), ("assistant", "gpt")


def chat_rows(path: Path) -> Iterator[ImportedRow]:
    """A row for each audio of each conversation, with its question and answer.

    Raises:
      RecordError: a line has no question, no answer, or another number of audios than places.
    """
    for row in json_rows(path):
        question, answer = _turns(row.values, row.place)
        audios = row.values.get("audios") or row.values.get("audio") or []
        audios = audios if isinstance(audios, list) else [audios]
        if len(audios) != 1 or not isinstance(audios[0], str):
            raise RecordError(
                f"{row.place}: {len(audios)} audio files; conversations of one path are read"
            )
        yield ImportedRow(
            {
                "audio": str(audios[0]),
                "text": answer,
                "caption": _AUDIO.sub(" ", question).strip(),
                "id": f"{path.stem}_{row.place.rsplit(':', 1)[-1]}",
            },
            row.place,
        )


def _turns(values: Mapping[str, Any], place: str) -> tuple[str, str]:
    turns = values.get("messages") or values.get("conversations")
    if not isinstance(turns, list):
        raise RecordError(f"{place}: neither messages nor conversations")
    texts = [
        (str(turn.get("role", turn.get("from"))), str(turn.get("content", turn.get("value"))))
        for turn in turns
        if isinstance(turn, dict)
    ]
    dialogue = [(role, text) for role, text in texts if role in (*_USER, *_ANSWER)]
    if [role in _ANSWER for role, _ in dialogue] != [False, True]:
        raise RecordError(
            f"{place}: {len(dialogue)} turns; conversations of one question and one answer are read"
        )
    return dialogue[0][1], dialogue[1][1]


def chat_questions(tasks: Sequence[str]) -> Callable[[Iterable[Recording]], Iterator[Draft]]:
    """What makes each conversation a question of the one task, in its own words.

    Raises:
      SettingsError: there is not one task, or it does not answer one clip with text.
    """
    if len(tasks) != 1:
        raise SettingsError("conversations do not say their task; give one (--tasks NAME)")
    row = catalogue.get(tasks[0])
    if row.reads != ("audio",) or row.writes != ("text",):
        raise SettingsError(f"{row.id}: conversations are tasks that answer one clip with text")
    return partial(_drafts, row.id)


def _drafts(task: str, recordings: Iterable[Recording]) -> Iterator[Draft]:
    for recording in recordings:
        yield Draft(
            task=task, values=(recording,), answer=recording.text,
            instruction=recording.caption or "Answer about the audio.",
        )  # fmt: skip
