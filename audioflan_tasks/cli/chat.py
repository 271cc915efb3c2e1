"""`audioflan chat MIXTURE`."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.arguments import check_choice
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.chats import Chat, ChatMaker, dialogues
from audioflan_tasks.engine.rows import filter_of
from audioflan_tasks.errors import SettingsError, reason_of
from audioflan_tasks.mixtures import mixture_named
from audioflan_tasks.plain_files import read_plain_text
from audioflan_tasks.records.instance import Split

__all__ = ["print_chats"]


def print_chats(
    name: str,
    count: int,
    turns: int,
    split: str,
    seed: int,
    root: Path | None,
    system: str,
    template: Path | None,
    as_json: bool,
) -> None:
    """Prints `count` dialogues of up to `turns` questions, as text or as messages."""
    corpus = Corpus(root)
    check_choice("split", split, get_args(Split))
    mix = mixture_named(name)
    training = filter_of(mix, corpus)
    source = None if template is None else _read(template)
    maker = ChatMaker(corpus, settings.example_options(), source, system=system, training=training)
    groups = dialogues(
        corpus, cast("Split", split), turns, seed, tasks=set(mix.tasks), training=training
    )
    number = 0
    for group in itertools.islice(groups, count):
        dialogue = maker.chat(group, seed)
        if dialogue is not None:
            number += 1
            print(_json(dialogue) if as_json else _text(number, dialogue, maker))
    if not number:
        raise SettingsError(
            f"{name}: no task in split {split!r} of {corpus.address} asks about a clip"
        )


def _read(template: Path) -> str:
    try:
        return read_plain_text(template)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{template}: not a readable chat template ({reason_of(error)})"
        ) from error


def _json(chat: Chat) -> str:
    facts = {"uuids": chat.uuids, "tasks": chat.tasks, "messages": chat.messages}
    return json.dumps(facts, ensure_ascii=False)


def _text(number: int, chat: Chat, maker: ChatMaker) -> str:
    parts, end = [], 0
    for span in chat.spans:
        parts += [_decoded(chat.ids[end : span.start], maker), f"<|SOA|>{span.audio_id}<|EOA|>"]
        end = span.end
    parts.append(_decoded(chat.ids[end:], maker))
    loss_ids = int((chat.roles == 3).sum())
    heading = f"[{number}] {', '.join(chat.tasks)}; {len(chat.ids)} ids, {loss_ids} in the loss"
    return f"{heading}\n{''.join(parts)}"


def _decoded(ids: NDArray[np.int32], maker: ChatMaker) -> str:
    """Text of ids among which a turn may end: decoding alone would stop there."""
    ends = np.flatnonzero(ids == maker.vocabulary.eos_id)
    return "<eos>".join(maker.vocabulary.decode(part) for part in _cut(ids, ends))


def _cut(ids: NDArray[np.int32], ends: NDArray[np.intp]) -> list[NDArray[np.int32]]:
    starts = [0, *(ends + 1).tolist()]
    return [ids[a:b] for a, b in zip(starts, [*ends.tolist(), len(ids)], strict=True)]
