"""The audit itself: which evaluation records leak into a training set, by kind of leak."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec

from audioflan_tasks.config import options_or_settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import EvaluationError, UnknownNameError
from audioflan_tasks.evaluation.leakage.clips import Clip, read_clips
from audioflan_tasks.evaluation.leakage.features import Features, features
from audioflan_tasks.evaluation.leakage.fingerprint import is_comparable, matches
from audioflan_tasks.evaluation.leakage.joins import Keys, hash_of, key_overlap
from audioflan_tasks.evaluation.leakage.sides import Side, side_of
from audioflan_tasks.evaluation.leakage.tasks import related_tasks, shared_templates
from audioflan_tasks.evaluation.leakage.texts import NearPair, near_pairs, shingles, short_pairs
from audioflan_tasks.mixtures import Mix, Split, Width
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.runners import LocalRunner, Runner

__all__ = ["KINDS", "NOT_FOUND", "Audit", "Leak", "audit", "join_sides"]

# In the order in which a reviewer would ask.
KINDS: Mapping[str, str] = {
    "same task": "the measured task itself",
    "linked task": "an inverse or a twin of a task that is not trained on",
    "family": "another task of the family of a task that is not trained on",
    "major task": "another task of the paper's major task of one that is not trained on",
    "corpus": "the same source corpus",
    "person": "the same speaker, singer or artist of a source corpus",
    "audio id": "the same audio id, or a mixture made of the same clip",
    "audio content": "the same samples under whatever name",
    "recording": "the same recording, re-encoded, trimmed or at another level",
    "text": "the same transcript, caption, lyrics or description",
    "near text": "one with nearly the same words",
    "short text": "one of 3 to 8 words, with one word more, less or changed",
    "instruction": "the same instruction, in records or in pools of templates",
}
# What is not found; docs/evaluation.md has the recall of each change.
NOT_FOUND = (
    "copies of audio whose speed was changed by 1 % or more",
    "copies of audio whose pitch was shifted",
    "a third of the copies of audio in a room of 0.3 s, and nine in ten in one of 1 s",
    "texts of more than 8 words that share less than 0.7 of their words and pairs of words",
)
_MAX_EXAMPLES = 5


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of leak: records of either side that it hits, distinct keys, some examples.

    `share` is the part of the evaluation records, from 0 to 1. An `allowed` leak does not
    count against `Audit.clean`.
    """

    kind: str
    train: int
    eval: int
    keys: int
    share: float
    examples: list[str]
    allowed: bool = False


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """All leaks between two sides.

    `not_heard` counts clips whose audio was not read, `not_compared` those that were but have too
    few peaks for a fingerprint (silence, less than a quarter of a second, one steady tone).
    `not_found` says which copies no audit of ours finds.
    """

    train: str
    eval: str
    train_records: int
    eval_records: int
    clips: int
    not_heard: int
    not_compared: int
    leaks: list[Leak]
    seconds: float
    not_found: tuple[str, ...] = NOT_FOUND

    @property
    def clean(self) -> bool:
        """Whether there is no leak except of the allowed kinds."""
        return all(leak.allowed or not leak.eval for leak in self.leaks)

    @property
    def limits(self) -> tuple[str, str]:
        """How many clips could not be compared, and what is not found, as reports say it."""
        return (
            f"{self.clips:,} clips heard, {self.not_compared:,} of them with too few peaks for a "
            f"fingerprint; {self.not_heard:,} could not be read or were left out",
            f"not found: {'; '.join(self.not_found)}",
        )

    def leak(self, kind: str) -> Leak:
        """The leak of one kind."""
        return next(leak for leak in self.leaks if leak.kind == kind)


def audit(
    train: str | Path | Mix | Split | Corpus,
    evaluation: str | Path | Mix | Split | Corpus,
    *,
    corpus: Corpus | None = None,
    allow: Iterable[str] = (),
    listen: bool = True,
    workers: int = 1,
    runner: Runner | None = None,
    progress: Callable[[str, int], None] = lambda step, count: None,
    options: ExampleOptions | None = None,
) -> Audit:
    """Checks whether records of `evaluation` are contained in the training data `train`.

    Args:
      train, evaluation: corpus roots, JSONL files, mixtures or tasks, each optionally with
        `@SPLIT`; or a `Mix`, a `Split` of `hold_out`, a `Corpus`.
      corpus: the corpus of mixtures and tasks; default that of the settings.
      allow: kinds of leak (`KINDS`) that are reported but do not count.
      listen: whether to read audio, for content hashes and fingerprints (which are kept in
        the cache folder).
      workers: processes that read audio.
      runner: what reads audio, instead of `workers`.
      progress: called with the step and how many items of it were done since the last call.
      options: with which the training side is trained: its exemplars and swapped tasks are among
        what is compared, and the templates are those of its languages; None takes the settings.

    Raises:
      UnknownNameError: no such mixture, task or kind of leak.
      EvaluationError: a side has no records.
    """
    for kind in allow:
        if kind not in KINDS:
            raise UnknownNameError("kind of leak", kind, KINDS)
    options = options_or_settings(options)
    sides = (
        side_of(train, training=True, corpus=corpus, options=options),
        side_of(evaluation, training=False, corpus=corpus),
    )
    start = time.perf_counter()
    train_set = features(sides[0], progress=lambda n: progress("training records", n))
    eval_set = features(sides[1], progress=lambda n: progress("evaluation records", n))
    for side, side_features in zip(sides, (train_set, eval_set), strict=True):
        if not side_features.records:
            raise EvaluationError(f"{side.name}: no records (split {side.split or 'any'})")
    with nullcontext(runner) if runner else LocalRunner(max(1, workers)) as clip_runner:
        clips = (
            _read_audio(sides, (train_set, eval_set), clip_runner, progress) if listen else ({}, {})
        )
    return join_sides(sides, train_set, eval_set, clips, options.languages, frozenset(allow), start)


def join_sides(
    sides: Sequence[Side],
    train_set: Features,
    eval_set: Features,
    clips: Sequence[Mapping[str, Clip]],
    languages: Sequence[str] = ("en",),
    allow: frozenset[str] = frozenset(),
    start: float = 0.0,
) -> Audit:
    """The audit of two sides that were read before (`features`, `read_clips`)."""
    contents = _contents(train_set, clips[0]), _contents(eval_set, clips[1])
    leaks = [
        _same_tasks(train_set, eval_set),
        *_sister_tasks(train_set, eval_set),
        _key_leak("corpus", train_set.corpora, eval_set.corpora, train_set, eval_set),
        _key_leak("person", train_set.people, eval_set.people, train_set, eval_set),
        _key_leak("audio id", train_set.audio, eval_set.audio, train_set, eval_set),
        _key_leak("audio content", *contents, train_set, eval_set),
        _recordings(train_set, eval_set, clips),
        _key_leak("text", train_set.text, eval_set.text, train_set, eval_set),
        *_near_texts(train_set, eval_set),
        _instructions(train_set, eval_set, languages),
    ]
    return Audit(
        train=sides[0].name, eval=sides[1].name, train_records=train_set.records,
        eval_records=eval_set.records, clips=len(clips[0]) + len(clips[1]),
        not_heard=len(train_set.clips) + len(eval_set.clips) - len(clips[0]) - len(clips[1]),
        not_compared=sum(
            not is_comparable(clip.landmarks) for side in clips for clip in side.values()
        ),
        leaks=[msgspec.structs.replace(leak, allowed=leak.kind in allow) for leak in leaks],
        seconds=round(time.perf_counter() - start, 2),
    )  # fmt: skip


def _read_audio(
    sides: Sequence[Side],
    records: Sequence[Features],
    runner: Runner,
    progress: Callable[[str, int], None],
) -> tuple[dict[str, Clip], dict[str, Clip]]:
    """The clips of the training side and of the evaluation side, by audio id."""
    train_clips, eval_clips = [
        read_clips(
            side.corpus,
            side_records.clip_records,
            runner=runner,
            progress=lambda n: progress("audio clips", n),
        )
        for side, side_records in zip(sides, records, strict=True)
    ]
    return train_clips, eval_clips


def _key_leak(
    kind: str, train_keys: Keys, eval_keys: Keys, train_set: Features, eval_set: Features
) -> Leak:
    overlap = key_overlap(train_keys, eval_keys, _MAX_EXAMPLES)
    return _leak(kind, eval_set, overlap.train, overlap.eval, overlap.keys, [
        f"{train_set.labels[t]} ~ {eval_set.labels[e]}" for t, e in overlap.examples
    ])  # fmt: skip


def _leak(
    kind: str, eval_set: Features, train_hits: int, eval_hits: int, keys: int, examples: list[str]
) -> Leak:
    share = eval_hits / max(1, eval_set.records)
    return Leak(
        kind=kind, train=train_hits, eval=eval_hits, keys=keys, share=share, examples=examples
    )


def _contents(side_features: Features, clips: Mapping[str, Clip]) -> Keys:
    keys = Keys()
    for name, clip in clips.items():
        key = hash_of(clip.content)
        for owner in side_features.clips[name]:
            keys.add(key, owner)
    return keys


def _recordings(
    train_set: Features, eval_set: Features, clips: Sequence[Mapping[str, Clip]]
) -> Leak:
    """Clips with the same fingerprint but other samples; `audio content` has the same samples."""
    names = list(clips[0]), list(clips[1])
    pairs = [
        (names[0][m.train], names[1][m.eval], m.votes)
        for m in matches(
            [clips[0][n].landmarks for n in names[0]], [clips[1][n].landmarks for n in names[1]]
        )
    ]
    different_pairs = [p for p in pairs if clips[0][p[0]].content != clips[1][p[1]].content]
    eval_owners = {owner for _, name, _ in different_pairs for owner in eval_set.clips[name]}
    train_owners = {owner for name, _, _ in different_pairs for owner in train_set.clips[name]}
    strongest_pairs = sorted(different_pairs, key=lambda p: -p[2])[:_MAX_EXAMPLES]
    examples = [f"{a} ~ {b} ({votes} landmarks)" for a, b, votes in strongest_pairs]
    return _leak(
        "recording", eval_set, len(train_owners), len(eval_owners), len(different_pairs), examples
    )


def _near_texts(train_set: Features, eval_set: Features) -> tuple[Leak, Leak]:
    texts = list(train_set.texts), [t for t in eval_set.texts if t not in train_set.texts]
    near = list(
        near_pairs(shingles([t.split() for t in texts[0]]), shingles([t.split() for t in texts[1]]))
    )
    known = {pair.eval for pair in near}
    short = [pair for pair in short_pairs(*texts) if pair.eval not in known]
    return (
        _text_leak("near text", near, texts, train_set, eval_set),
        _text_leak("short text", short, texts, train_set, eval_set),
    )


def _text_leak(
    kind: str,
    pairs: list[NearPair],
    texts: tuple[list[str], list[str]],
    train_set: Features,
    eval_set: Features,
) -> Leak:
    pairs = sorted(pairs, key=lambda pair: -pair.overlap)
    eval_owners = {eval_set.texts[texts[1][pair.eval]] for pair in pairs}
    train_owners = {train_set.texts[texts[0][pair.train]] for pair in pairs}
    examples = [
        f"{texts[0][p.train][:80]!r} ~ {texts[1][p.eval][:80]!r} ({p.overlap:.2f})"
        for p in pairs[:_MAX_EXAMPLES]
    ]
    return _leak(kind, eval_set, len(train_owners), len(eval_owners), len(pairs), examples)


def _instructions(train_set: Features, eval_set: Features, languages: Sequence[str]) -> Leak:
    leak = _key_leak(
        "instruction", train_set.instruction, eval_set.instruction, train_set, eval_set
    )
    pools = list(shared_templates(train_set.tasks, eval_set.tasks, languages))
    examples = [*leak.examples, *(f"pools of {a} and {b}" for a, b in pools)]
    extra: dict[str, Any] = {"keys": leak.keys + len(pools), "examples": examples[:_MAX_EXAMPLES]}
    return msgspec.structs.replace(leak, eval=max(leak.eval, len(pools)), **extra)


def _same_tasks(train_set: Features, eval_set: Features) -> Leak:
    tasks = sorted(train_set.tasks & eval_set.tasks)
    return _task_leak("same task", [(task, task) for task in tasks], tasks, train_set, eval_set)


def _sister_tasks(train_set: Features, eval_set: Features) -> Iterator[Leak]:
    """Sisters by width; a pair of a narrower one is not told again."""
    widths: tuple[Width, ...] = ("task", "family", "major")
    for place, (kind, width) in enumerate(
        zip(("linked task", "family", "major task"), widths, strict=True)
    ):
        pairs = list(related_tasks(train_set.tasks, eval_set.tasks, width, *widths[:place]))
        names = [f"{a} ~ {b}" for a, b in pairs]
        yield _task_leak(kind, pairs, names, train_set, eval_set)


def _task_leak(
    kind: str,
    pairs: Sequence[tuple[str, str]],
    examples: list[str],
    train_set: Features,
    eval_set: Features,
) -> Leak:
    """A leak of pairs of (training task, evaluation task)."""
    train_tasks, eval_tasks = {task for task, _ in pairs}, {task for _, task in pairs}
    train_count = sum(label.partition(":")[0] in train_tasks for label in train_set.labels)
    eval_count = sum(label.partition(":")[0] in eval_tasks for label in eval_set.labels)
    return _leak(kind, eval_set, train_count, eval_count, len(pairs), examples[:_MAX_EXAMPLES])
