"""What a guesser gets who sees one fact of a question and never listens.

For each task with few answers and for each fact, the guesser answers with what was most frequent
where the fact had the same value, learned on the other folds of all splits. Answers drawn anew for
the same questions say what such a guesser gets where the fact tells nothing.

Some facts may tell: a speaker has a gender. What should not is for the reader to say.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import AudioFlanError
from audioflan_tasks.evaluation.prompt import reference_of, row_of
from audioflan_tasks.records import Instance
from audioflan_tasks.seeds import seed_of

__all__ = ["Shortcut", "shortcuts"]

_RATE = 16_000
_FOLDS = 5
_PERMUTATIONS = 100
# Records of a task that are looked at, answers that are few, and classes of a measured fact.
_MOST_RECORDS, _MOST_ANSWERS, _CLASSES = 1_000, 60, 8
# Records without which folds say nothing.
_LEAST_RECORDS = 20
_SILENT_DB = -120.0

Codes = NDArray[np.intp]


class Shortcut(msgspec.Struct, frozen=True, kw_only=True):
    """The share of right answers, 0 to 1, of a guesser who sees one fact of a task's questions.

    Attributes:
      task: its id.
      fact: what the guesser sees.
      accuracy: of the guesser; who knows the answers gets 1.
      low, high: what 95 of 100 such guessers get where answers have nothing to do with the fact.
      majority: of who always gives the most frequent answer of the other folds.
      records: how many were asked.
    """

    task: str
    fact: str
    accuracy: float
    low: float
    high: float
    majority: float
    records: int

    @property
    def tells(self) -> bool:
        """Whether the fact tells more than chance and the most frequent answer do."""
        return self.accuracy > max(self.high, self.majority)


def shortcuts(
    corpus: Corpus, tasks: Sequence[str] = (), *, listen: bool = True, seed: int = 0
) -> Iterator[Shortcut]:
    """Each task of a corpus that has few answers, with each fact that its records differ in.

    Args:
      corpus: its records of all splits are looked at, at most 1,000 of a task.
      tasks: ids; none means all.
      listen: whether length and level of clips count as facts, for which audio is decoded.
      seed: of the sample, the folds and the answers that are drawn anew.
    """
    by_task = defaultdict[str, list[Instance]](list)
    for instance in corpus.instances():
        by_task[instance.task].append(instance)
    answers = {
        task: {instance.uuid: reference_of(instance, row_of(task)) for instance in instances}
        for task, instances in by_task.items()
        if _has_few_answers(row_of(task), instances)
    }
    labels = _labels_of_clips(by_task, answers)
    for task in tasks or sorted(answers):
        if task in answers:
            sample = _sample(by_task[task], seed)
            golds = _codes([answers[task][instance.uuid] for instance in sample])
            facts = {**_facts(corpus, sample, listen), **_other_labels(task, sample, labels)}
            yield from _of_task(task, sample, golds, facts, seed)


def _has_few_answers(row: TaskRow, instances: Sequence[Instance]) -> bool:
    if row.answer_kind.is_audio or len(instances) < _LEAST_RECORDS:
        return False
    return 2 <= len({reference_of(instance, row) for instance in instances}) <= _MOST_ANSWERS


def _sample(instances: Sequence[Instance], seed: int) -> list[Instance]:
    ordered = sorted(instances, key=lambda instance: instance.uuid)
    draw = random.Random(seed_of("shortcuts", seed))
    return draw.sample(ordered, min(_MOST_RECORDS, len(ordered)))


def _labels_of_clips(
    by_task: Mapping[str, Sequence[Instance]], answers: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Mapping[str, str]]:
    """The answer of each task about each clip that it asks about alone."""
    return {
        task: {
            instance.audio_ids[0]: golds[instance.uuid]
            for instance in by_task[task]
            if len(instance.audio_ids) == 1
        }
        for task, golds in answers.items()
    }


def _facts(
    corpus: Corpus, sample: Sequence[Instance], listen: bool
) -> Mapping[str, Sequence[object]]:
    facts: dict[str, Sequence[object]] = {
        "corpus": [instance.corpus for instance in sample],
        "language": [str(instance.other.get("language", "")) for instance in sample],
        "speaker": [str(instance.other.get("speaker", "")) for instance in sample],
        "question": [_words(instance) for instance in sample],
        "clips": [instance.audio_ids for instance in sample],
        "first clip": [instance.audio_ids[:1] for instance in sample],
    }
    if listen:
        loudness = [_measured(corpus, instance) for instance in sample]
        facts["length"] = _classes([seconds for seconds, _ in loudness])
        facts["level"] = _classes([level for _, level in loudness])
    return facts


def _other_labels(
    task: str, sample: Sequence[Instance], labels: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Sequence[object]]:
    """What other tasks answer about the first clip, where they ask about any of these."""
    facts = {
        f"answer of {other}": [answers.get(instance.audio_ids[0], "") for instance in sample]
        for other, answers in labels.items()
        if other != task and all(instance.audio_ids for instance in sample)
    }
    return {name: values for name, values in facts.items() if any(values)}


def _words(instance: Instance) -> str:
    texts = [piece.value for piece in instance.input_pieces if piece.kind == "text"]
    return "\n".join((instance.instruction, *texts))


def _measured(corpus: Corpus, instance: Instance) -> tuple[float, float]:
    """Seconds and level in dB of the first clip; of one that cannot be read 0 and silence."""
    try:
        samples = corpus.audio(instance.audio_ids[0], _RATE, instance)
    except (AudioFlanError, IndexError):
        return 0.0, _SILENT_DB
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    return len(samples) / _RATE, 10 * float(np.log10(power)) if power > 0 else _SILENT_DB


def _classes(values: Sequence[float]) -> Sequence[int]:
    """Numbers in classes of about equal size."""
    edges = np.quantile(values, np.linspace(0, 1, _CLASSES + 1)[1:-1])
    return [int(place) for place in np.searchsorted(edges, values)]


def _codes(values: Sequence[Any]) -> Codes:
    places = {value: number for number, value in enumerate(dict.fromkeys(values))}
    return np.array([places[value] for value in values], np.intp)


def _of_task(
    task: str,
    sample: Sequence[Instance],
    golds: Codes,
    facts: Mapping[str, Sequence[object]],
    seed: int,
) -> Iterator[Shortcut]:
    folds = np.array(
        [seed_of("fold", seed, instance.uuid) % _FOLDS for instance in sample], np.intp
    )
    generator = np.random.default_rng(seed_of("permutations", seed, task))
    orders = [generator.permutation(len(sample)) for _ in range(_PERMUTATIONS)]
    majority = _guessed(np.zeros_like(golds), golds, folds)
    for fact, values in facts.items():
        codes = _codes(values)
        if codes.any():
            chance = [_guessed(codes, golds[order], folds) for order in orders]
            low, high = np.quantile(chance, (0.025, 0.975))
            yield Shortcut(
                task=task, fact=fact, accuracy=_guessed(codes, golds, folds), low=float(low),
                high=float(high), majority=majority, records=len(sample),
            )  # fmt: skip


def _guessed(codes: Codes, golds: Codes, folds: Codes) -> float:
    """The share of answers that are the most frequent ones of the same value in other folds.

    Of a value that no other fold has, the guess is the most frequent answer of all.
    """
    size = int(codes.max()) + 1, int(golds.max()) + 1
    places = codes * size[1] + golds
    counts = np.bincount(places, minlength=size[0] * size[1]).reshape(size)
    hits = 0
    for fold in range(_FOLDS):
        in_fold = folds == fold
        own_counts = np.bincount(places[in_fold], minlength=counts.size).reshape(size)
        rest_counts = counts - own_counts
        totals = rest_counts.sum(axis=0)
        guesses = (rest_counts + totals / (totals.sum() + 1)).argmax(axis=1)
        hits += int((guesses[codes[in_fold]] == golds[in_fold]).sum())
    return hits / len(golds)
