"""Hallucination and yes-bias: balanced yes/no questions on present and absent sounds.

Each record with labels of its content (events, instruments, speakers) gives one question
about something present and one about something absent. A model that always says yes thus
has an accuracy of 0.5 and a yes-rate of 1. Open questions on the same clips count mentions
of labels that the record does not have. After POPE (Li et al. 2023, arXiv 2305.10355) for
images.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation.answers import Answer, AnswerFile
from audioflan_tasks.evaluation.gold_parsing import names_in, plain
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.runner import ask
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.render import Segment
from audioflan_tasks.records import Instance
from audioflan_tasks.seeds import seed_of

__all__ = ["yes_bias"]

_YES = re.compile(r"\W*(yes|yeah|true|correct)\b", re.IGNORECASE)
_NO = re.compile(r"\W*(no|not|false|incorrect|there is no)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Subject:
    """A kind of content (`names_heard` of task rows), with its yes/no and its open question."""

    name: str
    ask: str
    open: str


_SUBJECTS = (
    _Subject(
        "events",
        "Is there a sound of {} in this recording? Answer yes or no.",
        "Which sounds do you hear in this recording? List their names, separated by commas.",
    ),
    _Subject(
        "instruments",
        "Do you hear {} in this recording? Answer yes or no.",
        "Which instruments do you hear? List their names, separated by commas.",
    ),
    _Subject(
        "speakers",
        "Do exactly {} people speak in this recording? Answer yes or no.",
        "",
    ),
)
_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


@dataclass(frozen=True, slots=True)
class _Probe:
    subject: str
    prompt: Prompt
    gold: bool | None  # None: an open question
    present: frozenset[str]
    all_names: frozenset[str]


def yes_bias(
    model: Model,
    corpus: Corpus,
    options: ExampleOptions,
    split: str,
    count: int,
    seed: int,
    folder: Path,
) -> dict[str, Any]:
    """Asks up to `count` pairs of questions per subject; returns values by subject.

    `yes_rate` is 0.5 for an unbiased model, `accuracy` 0.5 for one that guesses.
    `unsupported` is the share of the labels mentioned in open answers that are absent.
    """
    results: dict[str, Any] = {}
    for subject in _SUBJECTS:
        probes = list(_probes(subject, corpus, options, split, count, seed))
        if not probes:
            continue
        prompts = [p.prompt for p in probes]
        with AnswerFile(folder, subject.name) as file:
            ask(model, prompts, file)
            replies = [file.reply(p.key) for p in prompts]
        pairs = [(p, r) for p, r in zip(probes, replies, strict=True) if isinstance(r, Answer)]
        results[subject.name] = {**_closed_questions(pairs), **_open_questions(pairs)}
    return results


def said_yes(text: str) -> bool | None:
    """True if an answer begins with yes, False if with no, None if with neither."""
    if _YES.match(text):
        return True
    return False if _NO.match(text) else None


def _closed_questions(pairs: Sequence[tuple[_Probe, Answer]]) -> dict[str, Any]:
    verdicts = [(p.gold, said_yes(a.text)) for p, a in pairs if p.gold is not None]
    if not verdicts:
        return {}
    readable = [yes for _, yes in verdicts if yes is not None]
    correct = Counter(gold for gold, yes in verdicts if gold == yes)
    return {
        "questions": len(verdicts),
        "yes_rate": sum(readable) / len(readable) if readable else None,
        "accuracy": sum(correct.values()) / len(verdicts),
        "accuracy_present": correct[True] / max(1, sum(g is True for g, _ in verdicts)),
        "accuracy_absent": correct[False] / max(1, sum(g is False for g, _ in verdicts)),
        "unparsed": 1 - len(readable) / len(verdicts),
    }


def _open_questions(pairs: Sequence[tuple[_Probe, Answer]]) -> dict[str, Any]:
    answers = [(p, _named_labels(a.text, p.all_names)) for p, a in pairs if p.gold is None]
    if not answers:
        return {}
    mentions = sum(len(labels) for _, labels in answers)
    wrong_mentions = sum(len(labels - p.present) for p, labels in answers)
    return {
        "open_questions": len(answers),
        "mentions": mentions,
        "unsupported": wrong_mentions / mentions if mentions else 0.0,
    }


def _named_labels(text: str, labels: frozenset[str]) -> set[str]:
    """The labels that occur in a text as whole words, but not inside a longer label."""
    remaining, names = plain(text), set()
    for name in sorted(labels, key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
        if re.search(pattern, remaining):
            names.add(name)
            remaining = re.sub(pattern, " ", remaining)
    return names


def _probes(
    subject: _Subject, corpus: Corpus, options: ExampleOptions, split: str, count: int, seed: int
) -> Iterator[_Probe]:
    clips = [
        (instance, _present(subject, instance))
        for row in catalogue.tasks()
        if row.names_heard == subject.name
        for instance in corpus.instances(row.id, split)
    ]
    clips = [(instance, present) for instance, present in clips if present]
    all_names = frozenset(name for _, present in clips for name in present)
    if subject.name == "speakers":
        all_names = frozenset(_NUMBERS.values())
    draw = random.Random(seed_of("yes-bias", seed, subject.name))
    draw.shuffle(clips)
    for number, (instance, present) in enumerate(clips[:count]):
        absent = sorted(all_names - _all_named(present, instance))
        if not absent:
            continue
        for gold, name in ((True, draw.choice(sorted(present))), (False, draw.choice(absent))):
            prompt = _prompt(corpus, options, instance, subject.ask.format(name), f"{number}{gold}")
            yield _Probe(subject.name, prompt, gold, present, all_names)
        if subject.open:
            prompt = _prompt(corpus, options, instance, subject.open, f"{number}open")
            yield _Probe(subject.name, prompt, None, present, all_names)


def _all_named(present: frozenset[str], instance: Instance) -> frozenset[str]:
    """Names that cannot count as absent: those present, and options with a word of one of these."""
    words = {word for name in present for word in name.split()}
    similar = {o for option in instance.options if set((o := plain(option)).split()) & words}
    return present | frozenset(similar)


def _present(subject: _Subject, instance: Instance) -> frozenset[str]:
    answer = catalogue.get(instance.task).answer_kind
    names = frozenset(names_in(instance.output.strip(), answer)) - {""}
    if subject.name != "speakers":
        return names
    return frozenset({_NUMBERS[len(names)]}) if len(names) in _NUMBERS else frozenset()


def _prompt(
    corpus: Corpus, options: ExampleOptions, instance: Instance, question: str, mark: str
) -> Prompt:
    row = catalogue.get(instance.task)
    audio_ids = [p.value for p in instance.input_pieces if p.kind == "audio"]
    segments = [Segment("text", f"{question}\n", "instruction")]
    segments += [Segment("audio", audio_id, "input") for audio_id in audio_ids]
    key = f"{row.id}/{instance.split}/{instance.uuid}/{mark}"
    prompt = Prompt(key, row, instance, tuple(segments), "yes-bias", corpus, options)
    return replace(prompt, treatment="probe")
