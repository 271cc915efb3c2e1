"""Hallucination and yes-bias: balanced yes/no questions on what is there and what is not.

From records whose labels say what can be heard (events, instruments, speakers) one question
is made about something present and one about something absent, in equal number, so that a
model that always says yes is right half of the time and shows a yes-rate of 1. Open
questions on the same clips count mentions of labels that the record does not hold.
After POPE (Li et al. 2023, arXiv 2305.10355) for images.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation.answers import Answer, AnswerFile
from audioflan_tasks.evaluation.gold_parsing import labels_of_intervals, names, plain
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


class _Subject(NamedTuple):
    """A kind of thing to ask after, the tasks that know it, and how to ask."""

    name: str
    tasks: tuple[str, ...]
    ask: str
    open: str


_SUBJECTS = (
    _Subject(
        "events",
        ("sound_event_recognition", "sound_event_detection", "sound_event_sequence_recognition"),
        "Is there a sound of {} in this recording? Answer yes or no.",
        "Which sounds do you hear in this recording? List their names, separated by commas.",
    ),
    _Subject(
        "instruments",
        ("instrument_classification", "beat_level_instrument_recognition"),
        "Do you hear {} in this recording? Answer yes or no.",
        "Which instruments do you hear? List their names, separated by commas.",
    ),
    _Subject(
        "speakers",
        ("speaker_diarization",),
        "Do exactly {} people speak in this recording? Answer yes or no.",
        "",
    ),
)
_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


class _Probe(NamedTuple):
    subject: str
    prompt: Prompt
    gold: bool | None  # None: an open question
    present: frozenset[str]
    known: frozenset[str]


def yes_bias(
    model: Model,
    corpus: Corpus,
    options: ExampleOptions,
    split: str,
    count: int,
    seed: int,
    folder: Path,
) -> dict[str, Any]:
    """Asks `count` pairs of questions per subject; values by subject.

    `yes_rate` is 0.5 for an unbiased model; `accuracy` 0.5 for one that guesses.
    `unsupported` is the share of labels mentioned in open answers that are not there.
    """
    found: dict[str, Any] = {}
    for subject in _SUBJECTS:
        probes = list(_probes(subject, corpus, options, split, count, seed))
        if not probes:
            continue
        prompts = [p.prompt for p in probes]
        with AnswerFile(folder, subject.name) as file:
            ask(model, prompts, file)
            replies = [file.reply(p.key) for p in prompts]
        pairs = [(p, r) for p, r in zip(probes, replies, strict=True) if isinstance(r, Answer)]
        found[subject.name] = {**_closed(pairs), **_mentions(pairs)}
    return found


def said_yes(text: str) -> bool | None:
    """Whether an answer begins with yes or no; None where it begins with neither."""
    if _YES.match(text):
        return True
    return False if _NO.match(text) else None


def _closed(pairs: Sequence[tuple[_Probe, Answer]]) -> dict[str, Any]:
    told = [(p.gold, said_yes(a.text)) for p, a in pairs if p.gold is not None]
    if not told:
        return {}
    read = [said for _, said in told if said is not None]
    right = Counter(gold for gold, said in told if gold == said)
    return {
        "questions": len(told),
        "yes_rate": sum(read) / len(read) if read else None,
        "accuracy": sum(right.values()) / len(told),
        "accuracy_present": right[True] / max(1, sum(g is True for g, _ in told)),
        "accuracy_absent": right[False] / max(1, sum(g is False for g, _ in told)),
        "unparsed": 1 - len(read) / len(told),
    }


def _mentions(pairs: Sequence[tuple[_Probe, Answer]]) -> dict[str, Any]:
    opened = [(p, _named(a.text, p.known)) for p, a in pairs if p.gold is None]
    if not opened:
        return {}
    mentioned = sum(len(said) for _, said in opened)
    wrong = sum(len(said - p.present) for p, said in opened)
    return {
        "open_questions": len(opened),
        "mentions": mentioned,
        "unsupported": wrong / mentioned if mentioned else 0.0,
    }


def _named(text: str, known: frozenset[str]) -> set[str]:
    """The labels that occur in a text as words, longest first, so that none counts in another."""
    left, found = plain(text), set()
    for name in sorted(known, key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
        if re.search(pattern, left):
            found.add(name)
            left = re.sub(pattern, " ", left)
    return found


def _probes(
    subject: _Subject, corpus: Corpus, options: ExampleOptions, split: str, count: int, seed: int
) -> Iterator[_Probe]:
    clips = [
        (instance, _present(subject, instance))
        for task in subject.tasks
        for instance in corpus.instances(task, split)
    ]
    clips = [(instance, present) for instance, present in clips if present]
    known = frozenset(name for _, present in clips for name in present)
    if subject.name == "speakers":
        known = frozenset(_NUMBERS.values())
    draw = random.Random(seed_of("yes-bias", seed, subject.name))
    draw.shuffle(clips)
    for number, (instance, present) in enumerate(clips[:count]):
        absent = sorted(known - _all_named(present, instance))
        if not absent:
            continue
        for gold, name in ((True, draw.choice(sorted(present))), (False, draw.choice(absent))):
            prompt = _prompt(corpus, options, instance, subject.ask.format(name), f"{number}{gold}")
            yield _Probe(subject.name, prompt, gold, present, known)
        if subject.open:
            prompt = _prompt(corpus, options, instance, subject.open, f"{number}open")
            yield _Probe(subject.name, prompt, None, present, known)


def _all_named(present: frozenset[str], instance: Instance) -> frozenset[str]:
    """What may not be asked as absent: what is there, and names that share a word with it."""
    words = {word for name in present for word in name.split()}
    near = {o for option in instance.options if set((o := plain(option)).split()) & words}
    return present | frozenset(near)


def _present(subject: _Subject, instance: Instance) -> frozenset[str]:
    text = instance.output.strip()
    if subject.name == "speakers":
        count = len(set(labels_of_intervals(text)))
        return frozenset({_NUMBERS[count]}) if count in _NUMBERS else frozenset()
    answer = catalogue.get(instance.task).answer
    if answer == "intervals":
        return frozenset(labels_of_intervals(text))
    return frozenset(names(text))


def _prompt(
    corpus: Corpus, options: ExampleOptions, instance: Instance, question: str, mark: str
) -> Prompt:
    row = catalogue.get(instance.task)
    heard = [p.value for p in instance.input_pieces if p.kind == "audio"]
    segments = [Segment("text", f"{question}\n", "instruction")]
    segments += [Segment("audio", audio_id, "input") for audio_id in heard]
    key = f"{row.id}/{instance.split}/{instance.uuid}/{mark}"
    made = Prompt(key, row, instance, tuple(segments), "yes-bias", corpus, options)
    return replace(made, treatment="probe")
