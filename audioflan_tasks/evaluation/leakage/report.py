"""What a training set gives away of an evaluation set."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from audioflan_tasks.config import options_or_settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import EvaluationError, UnknownNameError
from audioflan_tasks.evaluation.leakage.clips import Clip, read_clips
from audioflan_tasks.evaluation.leakage.features import Features, features
from audioflan_tasks.evaluation.leakage.fingerprint import matches
from audioflan_tasks.evaluation.leakage.joins import Keys, hash_of, shared
from audioflan_tasks.evaluation.leakage.sides import Side, side_of
from audioflan_tasks.evaluation.leakage.tasks import related, shared_templates
from audioflan_tasks.evaluation.leakage.texts import near_pairs, shingles
from audioflan_tasks.mixtures import Mix, Split
from audioflan_tasks.options import ExampleOptions

__all__ = ["KINDS", "Audit", "Leak", "audit", "audited"]

KINDS: Mapping[str, str] = {
    "audio id": "the same audio id, or a mixture made of the same clip",
    "audio content": "the same samples under whatever name",
    "recording": "the same recording, re-encoded, trimmed or at another level",
    "text": "the same transcript, caption, lyrics or description",
    "near text": "one with nearly the same words",
    "person": "the same speaker, singer or artist of a source corpus",
    "instruction": "the same instruction, in records or in pools of templates",
    "task": "an inverse or a twin of a task that is not trained on",
}
_SHOWN = 5


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """What two sides share of one kind: records hit, distinct keys, and some of them."""

    kind: str
    train: int
    eval: int
    keys: int
    share: float
    examples: list[str]
    allowed: bool = False


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """The leaks between two sides. `not_heard` counts clips whose audio could not be read."""

    train: str
    eval: str
    train_records: int
    eval_records: int
    clips: int
    not_heard: int
    leaks: list[Leak]
    seconds: float

    @property
    def clean(self) -> bool:
        """Whether nothing leaks that was not allowed to."""
        return all(leak.allowed or not leak.eval for leak in self.leaks)

    def leak(self, kind: str) -> Leak:
        """The finding of one kind."""
        return next(leak for leak in self.leaks if leak.kind == kind)


def audit(
    train: str | Path | Mix | Split | Corpus,
    measured: str | Path | Mix | Split | Corpus,
    *,
    corpus: Corpus | None = None,
    allow: Iterable[str] = (),
    listen: bool = True,
    workers: int = 1,
    progress: Callable[[str, int], None] = lambda step, count: None,
    options: ExampleOptions | None = None,
) -> Audit:
    """Looks for records of `measured` that training on `train` gives away.

    Args:
      train, measured: corpus roots, JSONL files, mixtures or tasks, each with `@SPLIT` if
        wanted; or a `Mix`, a `Split` of `hold_out`, a `Corpus`.
      corpus: of mixtures and tasks; default the settings'.
      allow: kinds of leak (`KINDS`) that are reported and do not count.
      listen: reads audio for content hashes and fingerprints (kept in the cache folder).
      workers: processes that read audio.
      progress: is told the step and how much of it is done.
      options: of which the languages count, for templates; None takes those of the settings.

    Raises:
      UnknownNameError: no such mixture, task or kind of leak.
      EvaluationError: a side has no records.
    """
    for kind in allow:
        if kind not in KINDS:
            raise UnknownNameError("kind of leak", kind, KINDS)
    sides = (
        side_of(train, training=True, corpus=corpus),
        side_of(measured, training=False, corpus=corpus),
    )
    start = time.perf_counter()
    left = features(sides[0], progress=lambda n: progress("training records", n))
    right = features(sides[1], progress=lambda n: progress("evaluation records", n))
    for side, found in zip(sides, (left, right), strict=True):
        if not found.records:
            raise EvaluationError(f"{side.name}: no records (split {side.split or 'any'})")
    clips = _heard(sides, (left, right), workers, progress) if listen else ({}, {})
    languages = options_or_settings(options).languages
    return audited(sides, left, right, clips, languages, frozenset(allow), start)


def audited(
    sides: Sequence[Side],
    left: Features,
    right: Features,
    clips: Sequence[Mapping[str, Clip]],
    languages: Sequence[str] = ("en",),
    allow: frozenset[str] = frozenset(),
    start: float = 0.0,
) -> Audit:
    """The joins alone, over what was read of both sides."""
    found = [
        _joined("audio id", left.audio, right.audio, left, right),
        _joined(
            "audio content", _contents(left, clips[0]), _contents(right, clips[1]), left, right
        ),
        _recordings(left, right, clips),
        _joined("text", left.text, right.text, left, right),
        _near(left, right),
        _joined("person", left.people, right.people, left, right),
        _instructions(left, right, languages),
        _tasks(left, right),
    ]
    return Audit(
        train=sides[0].name, eval=sides[1].name, train_records=left.records,
        eval_records=right.records, clips=len(clips[0]) + len(clips[1]),
        not_heard=len(left.clips) + len(right.clips) - len(clips[0]) - len(clips[1]),
        leaks=[msgspec.structs.replace(leak, allowed=leak.kind in allow) for leak in found],
        seconds=round(time.perf_counter() - start, 2),
    )  # fmt: skip


def _heard(
    sides: Sequence[Side],
    found: Sequence[Features],
    workers: int,
    progress: Callable[[str, int], None],
) -> tuple[dict[str, Clip], dict[str, Clip]]:
    made = [
        read_clips(
            side.corpus, of.named, workers=workers, progress=lambda n: progress("audio clips", n)
        )
        for side, of in zip(sides, found, strict=True)
    ]
    return made[0], made[1]


def _joined(kind: str, one: Keys, other: Keys, left: Features, right: Features) -> Leak:
    both = shared(one, other, _SHOWN)
    return _leak(kind, right, both.train, both.eval, both.keys, [
        f"{left.labels[t]} ~ {right.labels[e]}" for t, e in both.examples
    ])  # fmt: skip


def _leak(
    kind: str, right: Features, train: int, measured: int, keys: int, examples: list[str]
) -> Leak:
    share = measured / max(1, right.records)
    return Leak(kind=kind, train=train, eval=measured, keys=keys, share=share, examples=examples)


def _contents(of: Features, clips: Mapping[str, Clip]) -> Keys:
    keys = Keys()
    for name, clip in clips.items():
        key = hash_of(clip.content)
        for owner in of.clips[name]:
            keys.add(key, owner)
    return keys


def _recordings(left: Features, right: Features, clips: Sequence[Mapping[str, Clip]]) -> Leak:
    """Clips that sound the same and are not the same samples, which `audio content` has."""
    names = list(clips[0]), list(clips[1])
    pairs = [
        (names[0][m.train], names[1][m.eval], m.votes)
        for m in matches(
            [clips[0][n].landmarks for n in names[0]], [clips[1][n].landmarks for n in names[1]]
        )
    ]
    other = [p for p in pairs if clips[0][p[0]].content != clips[1][p[1]].content]
    hit = {owner for _, name, _ in other for owner in right.clips[name]}
    gave = {owner for name, _, _ in other for owner in left.clips[name]}
    shown = sorted(other, key=lambda p: -p[2])[:_SHOWN]
    examples = [f"{a} ~ {b} ({votes} landmarks)" for a, b, votes in shown]
    return _leak("recording", right, len(gave), len(hit), len(other), examples)


def _near(left: Features, right: Features) -> Leak:
    texts = list(left.texts), [t for t in right.texts if t not in left.texts]
    found = sorted(
        near_pairs(
            shingles([t.split() for t in texts[0]]), shingles([t.split() for t in texts[1]])
        ),
        key=lambda pair: -pair.overlap,
    )
    hit = {right.texts[texts[1][pair.eval]] for pair in found}
    gave = {left.texts[texts[0][pair.train]] for pair in found}
    examples = [
        f"{texts[0][p.train][:80]!r} ~ {texts[1][p.eval][:80]!r} ({p.overlap:.2f})"
        for p in found[:_SHOWN]
    ]
    return _leak("near text", right, len(gave), len(hit), len(found), examples)


def _instructions(left: Features, right: Features, languages: Sequence[str]) -> Leak:
    found = _joined("instruction", left.instruction, right.instruction, left, right)
    pools = list(shared_templates(left.tasks, right.tasks, languages))
    examples = [*found.examples, *(f"pools of {a} and {b}" for a, b in pools)]
    extra: dict[str, Any] = {"keys": found.keys + len(pools), "examples": examples[:_SHOWN]}
    return msgspec.structs.replace(found, eval=max(found.eval, len(pools)), **extra)


def _tasks(left: Features, right: Features) -> Leak:
    pairs = list(related(left.tasks, right.tasks))
    hit = {task for _, task in pairs}
    count = sum(label.partition(":")[0] in hit for label in right.labels)
    gave = {task for task, _ in pairs}
    trained = sum(label.partition(":")[0] in gave for label in left.labels)
    examples = [f"{a} ~ {b}" for a, b in pairs[:_SHOWN]]
    return _leak("task", right, trained, count, len(pairs), examples)
