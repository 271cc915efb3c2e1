"""Chat examples: one sequence of ids for a decoder-only model, with roles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.corpus.corpus import Corpus
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.corpus.training_filter import TrainingFilter, training_filter
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.chat import chat_segments, messages, turns
from audioflan_tasks.preprocessors.crop import fit
from audioflan_tasks.preprocessors.splice import Span
from audioflan_tasks.records import Instance
from audioflan_tasks.records.instance import Split
from audioflan_tasks.seeds import seed_of

__all__ = ["Chat", "ChatMaker", "dialogues"]


@dataclass(frozen=True, slots=True)
class Chat:
    """A dialogue as ids [n] int32 with roles [n] uint8 (1 instruction, 2 input, 3 answer).

    `messages` is the same as plain JSON, `uuids` and `tasks` say where each question is from.
    """

    ids: NDArray[np.int32]
    roles: NDArray[np.uint8]
    spans: tuple[Span, ...]
    messages: list[dict[str, Any]]
    uuids: tuple[str, ...]
    tasks: tuple[str, ...]


class ChatMaker:
    """Makes chats of the records of one corpus.

    Args:
      corpus: where the audio is.
      options: of tokenizer, vocabulary and instructions.
      template: Jinja source; None takes the one beside the LLM's tokenizer, else the plain one.
      system: a system message for every chat; "" means none.
      length: most ids; audio is cropped by whole frames, what still does not fit gives None.
      training: what may be trained on; other records are refused, and are no exemplars. None
        refuses none.
    """

    def __init__(
        self,
        corpus: Corpus,
        options: ExampleOptions,
        template: str | None = None,
        *,
        system: str = "",
        length: int | None = None,
        training: TrainingFilter | None = None,
    ) -> None:
        self._maker = ExampleMaker(corpus, options, training=training)
        self._training = training
        self.vocabulary = self._maker.vocabulary
        default = self.vocabulary.chat
        self._format = default if template is None else replace(default, template=template)
        self._system, self._length = system, length

    def chat(self, instances: Sequence[Instance], seed: int, epoch: int = 0) -> Chat | None:
        """One question and answer after the other, as a single dialogue.

        Raises:
          SettingsError: no instances, or one that may not be trained on.
          TemplateError: the chat template does not fit.
        """
        if not instances:
            raise SettingsError("a chat needs at least one instance")
        for instance in instances:
            if self._training is not None and not self._training.keeps(instance):
                raise SettingsError(
                    f"{instance.task}:{instance.uuid or instance.where} is held out or filtered "
                    "out of training; take groups of `dialogues` with the same filter"
                )
        questions = [self._maker.question(instance, seed, epoch) for instance in instances]
        dialogue = turns([q.prompt for q in questions], self._system)
        segments = chat_segments(dialogue, self._format)
        records = [record for q in questions for record in (*q.shots, q.instance)]
        dialogue_ids = self._maker.splice(segments, {i: r for r in records for i in r.audio_ids})
        cropped_ids = fit(dialogue_ids, self._length, self.vocabulary)
        if cropped_ids is None:
            return None
        return Chat(
            cropped_ids.ids,
            cropped_ids.roles,
            cropped_ids.spans,
            messages(dialogue),
            tuple(q.instance.uuid for q in questions),
            tuple(catalogue.get(q.instance.task).name for q in questions),
        )


def dialogues(
    corpus: Corpus,
    split: Split,
    most_turns: int,
    seed: int,
    epoch: int = 0,
    *,
    tasks: Collection[str] | None = None,
    training: TrainingFilter | None = None,
) -> Iterator[list[Instance]]:
    """Groups of up to `most_turns` instances that ask about one and the same clip.

    Every instance of the split (of the named `tasks`; None: of all) that `training` keeps and
    whose only input is one clip stands in exactly one group; the order is drawn by seed and
    epoch. None keeps all but records that say `unseen: true`; `engine.rows.filter_of` has the
    filter of a mixture. The records of the split are held in memory.

    Raises:
      SettingsError: `most_turns` is below 1.
    """
    if most_turns < 1:
        raise SettingsError(f"dialogues of {most_turns} turns: expected at least 1")
    by_clip: dict[str, list[Instance]] = defaultdict(list)
    rows = training_filter(corpus) if training is None else training
    for instance in corpus.instances(split=split):
        pieces = instance.input_pieces
        if tasks is not None and PREFIX + instance.task not in tasks:
            continue
        if not rows.keeps(instance):
            continue
        if len(pieces) == 1 and pieces[0].kind == "audio":
            by_clip[pieces[0].value].append(instance)

    def order_key(*parts: str) -> int:
        return seed_of("dialogue", seed, epoch, *parts)

    for clip in sorted(by_clip, key=order_key):
        instances = sorted(by_clip[clip], key=lambda i: order_key(i.task, i.uuid))
        for start in range(0, len(instances), most_turns):
            yield instances[start : start + most_turns]
