"""`audioflan chat NAME`."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.cli.preview import rates_of
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.chats import Chat, ChatMaker, dialogues
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.records.instance import Split

__all__ = ["print_chats"]


def print_chats(
    name: str,
    count: int,
    most: int,
    split: str,
    seed: int,
    root: Path | None,
    system: str,
    template: Path | None,
    as_json: bool,
) -> None:
    """Prints `count` dialogues of up to `most` questions, as text or as messages."""
    corpus = Corpus(root)
    wanted = {task for task, rate in rates_of(name, corpus.sizes(split)).items() if rate}
    source = None if template is None else _read(template)
    maker = ChatMaker(corpus, settings.example_options(), source, system=system)
    groups = dialogues(corpus, cast("Split", split), most, seed, tasks=wanted)
    shown = 0
    for group in itertools.islice(groups, count):
        made = maker.chat(group, seed)
        if made is None:
            continue
        shown += 1
        print(json.dumps({"uuids": made.uuids, "tasks": made.tasks, "messages": made.messages},
                         ensure_ascii=False) if as_json else _text(shown, made, maker))  # fmt: skip
    if not shown:
        raise SettingsError(
            f"{name}: no task in split {split!r} of {corpus.root} asks about a clip"
        )


def _read(template: Path) -> str:
    try:
        return template.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{template}: not a readable chat template ({error})") from error


def _text(number: int, made: Chat, maker: ChatMaker) -> str:
    parts, at = [], 0
    for span in made.spans:
        parts += [_shown(made.ids[at : span.start], maker), f"<|SOA|>{span.audio_id}<|EOA|>"]
        at = span.end
    parts.append(_shown(made.ids[at:], maker))
    counted = int((made.roles == 3).sum())
    heading = f"[{number}] {', '.join(made.tasks)}; {len(made.ids)} ids, {counted} in the loss"
    return f"{heading}\n{''.join(parts)}"


def _shown(ids: NDArray[np.int32], maker: ChatMaker) -> str:
    """Text of ids among which a turn may end: decoding alone would stop there."""
    ends = np.flatnonzero(ids == maker.vocabulary.eos_id)
    return "<eos>".join(maker.vocabulary.decode(part) for part in _cut(ids, ends))


def _cut(ids: NDArray[np.int32], ends: NDArray[np.intp]) -> list[NDArray[np.int32]]:
    starts = [0, *(ends + 1).tolist()]
    return [ids[a:b] for a, b in zip(starts, [*ends.tolist(), len(ids)], strict=True)]
