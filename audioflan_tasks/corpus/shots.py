"""Few-shot form: solved examples of the same task before the question."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from audioflan_tasks.corpus.corpus import Corpus
from audioflan_tasks.corpus.training_filter import TrainingFilter
from audioflan_tasks.preprocessors.render import RenderedExample, Segment
from audioflan_tasks.records import Instance
from audioflan_tasks.seeds import seed_of

__all__ = ["Shots", "exemplars", "with_shots"]

# Draws beyond those wanted, before a task with too few usable exemplars is given up on.
_SPARE_DRAWS = 32


@dataclass(frozen=True, slots=True)
class Shots:
    """How many exemplars at most, and how many ids they may take together."""

    most_shots: int
    budget: int


def exemplars(
    corpus: Corpus,
    instance: Instance,
    shots: Shots,
    seed: int,
    epoch: int,
    length: Callable[[Instance], int],
    training: TrainingFilter,
) -> list[Instance]:
    """Training instances of the same task that `training` keeps and share no clip with `instance`.

    Seeded by task, uuid and epoch. An exemplar whose `length` in ids does not fit what is
    left of the budget is passed over. Fewer come back where a task has no more.
    """
    size = corpus.size(instance.task, "train")
    own_clips, budget = corpus.base_clips(instance), shots.budget
    exemplar_records: list[Instance] = []
    generator = random.Random(seed_of("shots", seed, instance.task, instance.uuid, epoch))
    for row in generator.sample(range(size), min(size, shots.most_shots + _SPARE_DRAWS)):
        if len(exemplar_records) == shots.most_shots:
            break
        candidate = corpus.instance(instance.task, "train", row)
        if candidate.uuid == instance.uuid or not training.keeps(candidate):
            continue
        if corpus.base_clips(candidate) & own_clips:
            continue
        exemplar_length = length(candidate)
        if exemplar_length <= budget:
            exemplar_records.append(candidate)
            budget -= exemplar_length
    return exemplar_records


def with_shots(
    question: RenderedExample, exemplar_prompts: list[RenderedExample]
) -> RenderedExample:
    """The question after its exemplars, which all count as input."""
    segments: list[Segment] = []
    for exemplar in exemplar_prompts:
        segments += [replace(s, role="input") for s in exemplar.inputs]
        segments.append(Segment("text", "\n", "input"))
        segments += [replace(s, role="input") for s in exemplar.targets]
        segments.append(Segment("text", "\n\n", "input"))
    return replace(question, inputs=(*segments, *question.inputs))
