"""Records of all 80 tasks, some of the demo and some made up, and datasets of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from typing import Any

import seqio
import tensorflow as tf

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.preprocessors.chain.element_map import map_elements
from audioflan_tasks.preprocessors.chain.record_features import RECORD, record_features
from audioflan_tasks.records import Instance, span

__all__ = ["generated_records", "source_of"]

_WORDS = ("Say", "which", "请听", "the <|EOA|>", "sound?", "is", "\n", "Ωmega", "label: ", "it.")


@cache
def generated_records(corpus: Corpus) -> tuple[Instance, ...]:
    """Three records of each task, one of the demo and two made up, all of the training split."""
    return tuple(
        record.replace(split="train")
        for row in catalogue.tasks()
        for record in _variants(corpus, row.id)
    )


def _variants(corpus: Corpus, task: str) -> list[Instance]:
    draw = random.Random(task)
    size = corpus.size(task, "test")
    first, second = (corpus.instance(task, "test", n % size) for n in range(2))
    words = " ".join(draw.choices(_WORDS, k=draw.randint(0, 6)))
    return [
        first,
        # A sentence around the value, facts that the pool does not know, words with marks.
        second.replace(
            uuid="", instruction=words, output=f"I think: {second.output}", other={}
        ),
        second.replace(
            uuid=f"{task}-2", instruction="", audio_path=(), source=("a", "b"),
            input=f"{span(second.audio_ids[0])}\n{second.input}" if second.audio_ids else words,
            other={"options": ["one", second.output, "two"], "grade": "R"},
        ),
    ]  # fmt: skip


def source_of(records: Sequence[Instance]) -> seqio.FunctionDataSource:
    """A source that a user could have written: the records as they are."""

    def dataset(split: str, shuffle_files: bool = False, seed: int | None = None) -> Any:
        return map_elements(
            tf.data.Dataset.range(len(records)),
            lambda features: record_features(records[int(features["line"])]),
            reads={"line"}, writes=RECORD, drops={"line"},
        )  # fmt: skip

    return seqio.FunctionDataSource(dataset, ["train"], {"train": len(records)})
