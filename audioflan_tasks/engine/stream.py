"""A mixture over a corpus as a stream of examples that any step number can enter."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from secrets import randbits
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks import catalogue
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.corpus.examples import Example, ExampleMaker
from audioflan_tasks.engine.assembly.assembler import ExampleAssembler
from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.mean_lengths import mean_lengths
from audioflan_tasks.engine.rows import Rows, rows_of
from audioflan_tasks.errors import MixtureError, SettingsError
from audioflan_tasks.mixtures import Mix
from audioflan_tasks.mixtures.plan.plan import Draws, Plan, Stop
from audioflan_tasks.mixtures.plan.state import (
    VERSION,
    Sources,
    differing,
    name_hash,
    packed,
    unpacked,
    what_changed,
)
from audioflan_tasks.mixtures.spec.lock import LockedMix
from audioflan_tasks.mixtures.spec.resolve import ResolvedMix

__all__ = ["Stream", "StreamExample"]

I64 = NDArray[np.int64]

_LOG = logging.getLogger("audioflan_tasks")

# Settings that change the ids of an example.
_SETTINGS = (
    "tokenizer", "codebooks", "layout", "text", "instructions", "inversion", "shots",
    "shot_budget", "languages",
)  # fmt: skip


class StreamExample(NamedTuple):
    """An example and where it stands: global step, task (a number), epoch and row.

    It is row `at` of a block, and `kept` unless it was skipped; `size` counts its ids.
    """

    step: int
    task: int
    epoch: int
    row: int
    block: Block
    at: int
    kept: bool
    size: int

    @property
    def example(self) -> Example | None:
        """The example with its provenance, made when asked for."""
        return self.block.example(self.at)


class Stream:
    """The global stream of a mixture.

    Args:
      mix: what is mixed.
      corpus: None takes the one of the settings.
      seed: None draws one, which the state then holds.
      epochs: None is without end; else see `mixtures.plan.plan.Plan`.
      lengths: most ids of `inputs` and `targets`; audio is cropped by whole frames, and what
        cannot fit is skipped and counted.
      unit: rows of one task that stand together as one step.

    Raises:
      MixtureError: no task has records in the split.
    """

    def __init__(
        self,
        mix: Mix,
        corpus: Corpus | None = None,
        *,
        split: str = "train",
        seed: int | None = None,
        epochs: int | None = None,
        stop: Stop = "every_row",
        shuffle: bool = True,
        lengths: Mapping[str, int] | None = None,
        unit: int = 1,
    ) -> None:
        self.mix, self.split = mix, split
        self.corpus = open_corpus() if corpus is None else corpus
        self.rows: Rows = rows_of(mix, self.corpus, split)
        self.seed = randbits(31) if seed is None else int(seed)
        self._seed_given = seed is not None
        self.epochs, self.stop, self.shuffle, self.unit = epochs, stop, shuffle, unit
        self.lengths = dict(lengths or {})
        self._maker: ExampleMaker | None = None
        self._row_maker: ExampleAssembler | None = None
        self.resolved: ResolvedMix = self._resolve()
        # Draws of tasks that a revision has taken out, for the day they come back.
        self._gone: dict[bytes, tuple[bytes, int]] = {}
        self._revisions: list[dict[str, Any]] = []
        self.begin = 0
        self._plan_from(0, None)

    def __getstate__(self) -> dict[str, Any]:
        # A worker makes its own: they hold mapped files and functions.
        return {**self.__dict__, "_maker": None, "_row_maker": None}

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names of the tasks, in the order of `Draws.task`."""
        return self.plan.tasks

    @property
    def total(self) -> int | None:
        """The step after the last; None is without end."""
        return None if self.plan.total is None else self.begin + self.plan.total

    @property
    def maker(self) -> ExampleMaker:
        """What makes examples of instances; the vocabulary is loaded with it."""
        if self._maker is None:
            self._maker = ExampleMaker(self.corpus, self.lengths)
        return self._maker

    def draws(self, steps: I64) -> Draws:
        """Task, draw, epoch and row of global steps that are not before the last revision."""
        if len(steps) and steps.min() < self.begin:
            raise MixtureError(
                f"step {steps.min()} is before the revision at step {self.begin}; "
                "load a state from before it"
            )
        return self.plan.pick(steps - self.begin)

    @property
    def is_stored(self) -> bool:
        """Whether a store has the ids and codes of all examples, so that no record is read."""
        return self._rows_maker().is_stored

    def block(self, found: Draws) -> Block:
        """The examples of draws."""
        return self._rows_maker()(found)

    def _rows_maker(self) -> ExampleAssembler:
        if self._row_maker is None or self._row_maker.tasks != self.tasks:
            self._row_maker = ExampleAssembler(self.rows, self.maker, self.seed, self.tasks)
        return self._row_maker

    def made(self, steps: I64) -> list[StreamExample]:
        """The examples of global steps, with where they stand."""
        found = self.draws(steps)
        block = self.block(found)
        columns = (steps, found.task, found.epoch, found.row, block.kept, block.lengths.sum(1))
        return [
            StreamExample(step, task, epoch, row, block, at, kept, size)
            for at, (step, task, epoch, row, kept, size) in enumerate(
                zip(*(column.tolist() for column in columns), strict=True)
            )
        ]

    def state(self, step: int) -> dict[str, Any]:
        """The state of a stream of which `step` examples have been taken."""
        sources = self._sources()
        counts = self._counts(step)
        return {
            "version": VERSION,
            "step": step,
            "seed": self.seed,
            "mixture": self.mix.fingerprint,
            "sources": sources.text,
            "counts": packed(counts[key] for key in sources.prints),
            "revisions": [dict(one) for one in self._revisions],
            "options": self._options(),
        }

    def load(self, state: Mapping[str, Any], *, revise: bool = False) -> int:
        """Goes to a state and returns its step.

        Args:
          revise: accepts another mixture (weights, tasks more or less) from the state's step
            on. Each task goes on with the row after its last, so none is repeated or lost.

        Raises:
          MixtureError: the state belongs to another stream; says what has changed.
        """
        _check(state)
        if not self._seed_given:
            self.seed, self._row_maker = int(state["seed"]), None
        told = differing(
            {"seed": state["seed"], **state["options"]}, {"seed": self.seed, **self._options()}
        )
        before, step = Sources.read(state["sources"]), int(state["step"])
        self._revisions = [dict(one) for one in state["revisions"]]
        self._gone = {}
        now = self._sources()
        changed = what_changed(before, now, self.tasks)
        other = state["mixture"] != self.mix.fingerprint
        records = [c for c in changed if c.startswith("records")]
        if (
            told
            or records
            or ((other or changed) and not revise and not self._only_gone(state, now))
        ):
            raise MixtureError(_refusal(state, [*told, *changed], self.mix.fingerprint, records))
        if other or (changed and revise):
            self._revise(
                step, dict(zip(before.prints, unpacked(state["counts"]), strict=True)), before
            )
        else:
            self._continue(before)
        return step

    def _only_gone(self, state: Mapping[str, Any], now: Sources) -> bool:
        """Whether the mixture is the state's, which only remembers tasks of an earlier one."""
        before = Sources.read(state["sources"])
        same = state["mixture"] == self.mix.fingerprint
        return same and bool(self._revisions) and set(now.prints) <= set(before.prints)

    def _revise(self, step: int, counts: Mapping[bytes, int], before: Sources) -> None:
        keys = {name_hash(task) for task in self.resolved.shares.tasks}
        self._gone = {k: (before.prints[k], counts[k]) for k in before.prints if k not in keys}
        for one in self._revisions:
            one.pop("cursors", None)
        cursors = [counts.get(name_hash(task), 0) for task in self.resolved.shares.tasks]
        self._plan_from(step, cursors)
        order = self._sources().prints
        held = {name_hash(t): c for t, c in zip(self.tasks, cursors, strict=True)}
        held |= {key: count for key, (_, count) in self._gone.items()}
        revision = {"step": step, "mixture": self.mix.fingerprint}
        self._revisions.append({**revision, "cursors": packed(held[key] for key in order)})

    def _continue(self, before: Sources) -> None:
        if not self._revisions:
            self._plan_from(0, None)
            return
        last = self._revisions[-1]
        held = dict(zip(before.prints, unpacked(last["cursors"]), strict=True))
        keys = {name_hash(task): task for task in self.resolved.shares.tasks}
        self._gone = {k: (before.prints[k], c) for k, c in held.items() if k not in keys}
        self._plan_from(int(last["step"]), [held[key] for key in keys])

    def _plan_from(self, step: int, cursors: list[int] | None) -> None:
        shares = self.resolved.shares.later(step)
        self.begin = step
        self.plan = Plan(
            shares, self.resolved.sizes, self.seed, epochs=self.epochs, stop=self.stop,
            shuffle=self.shuffle, cursors=cursors, unit=self.unit,
        )  # fmt: skip

    def _resolve(self) -> ResolvedMix:
        sizes, unit = self.rows.sizes, self.mix.weight_by
        if isinstance(self.mix, LockedMix):
            return self._locked(self.mix, sizes)
        if not any(sizes.get(task) for task in self.mix.tasks):
            raise MixtureError(
                f"no task of the mixture has a split {self.split!r} with records in "
                f"{self.corpus.root}"
            )
        means = None if unit == "examples" else mean_lengths(self.mix, self.rows, unit)
        found = self.mix.resolve(sizes, means)
        if found.left_out:
            _LOG.warning(
                "%d tasks have no records in %s and are left out: %s",
                len(found.left_out), self.split, ", ".join(found.left_out),
            )  # fmt: skip
        for change in found.share_changes:
            if change.capped_share < change.policy_share:
                _LOG.warning(
                    "%s is held to %.3g %% instead of %.3g %% by its cap of epochs; "
                    "the others share the difference",
                    change.task, 100 * change.capped_share, 100 * change.policy_share,
                )  # fmt: skip
        return found

    def _locked(self, mix: LockedMix, sizes: Mapping[str, int]) -> ResolvedMix:
        if mix.split != self.split:
            raise MixtureError(f"the mixture is locked for split {mix.split!r}, not {self.split!r}")
        found = mix.resolve(sizes)
        now = Sources.of({task: self.rows.fingerprint(task) for task in found.shares.tasks})
        if changed := what_changed(Sources.read(mix.sources), now, found.shares.tasks):
            raise MixtureError(f"not the corpus that was locked: {'; '.join(changed)}")
        return found

    def _counts(self, step: int) -> dict[bytes, int]:
        counts = self.plan.counts(step - self.begin).tolist()
        found = {name_hash(task): n for task, n in zip(self.tasks, counts, strict=True)}
        return {**found, **{key: count for key, (_, count) in self._gone.items()}}

    def _sources(self) -> Sources:
        own = Sources.of({task: self.rows.fingerprint(task) for task in self.resolved.shares.tasks})
        gone = {key: kept for key, (kept, _) in self._gone.items()}
        return Sources({**own.prints, **gone})

    def _options(self) -> dict[str, Any]:
        given = {
            "split": self.split, "epochs": self.epochs, "stop": self.stop,
            "shuffle": self.shuffle, "unit": self.unit,
        }  # fmt: skip
        plain = type(settings).model_fields
        changed = {
            name: getattr(settings, name)
            for name in _SETTINGS
            if getattr(settings, name) != plain[name].default
        }
        return {**given, **{k: list(v) if isinstance(v, tuple) else v for k, v in changed.items()}}


def tags_text(mix: Mix, task: str) -> str:
    """Tags of a task as "key=value" pairs, sorted, joined by ";"."""
    return ";".join(f"{k}={v}" for k, v in sorted(mix.tags.get(task, {}).items()))


def facts(task: str) -> dict[str, str]:
    """Domain, major task and category of a task name."""
    row = catalogue.get(task)
    return {"domain": row.domain, "major": row.major, "paper_category": row.paper_category}


def _check(state: Mapping[str, Any]) -> None:
    if state.get("version") != VERSION:
        raise MixtureError(
            f"a state of version {state.get('version')!r}; this package reads {VERSION}"
        )
    needed = {"step", "seed", "mixture", "sources", "counts", "revisions", "options"}
    if missing := sorted(needed - set(state)):
        raise SettingsError(f"not a state of a mixture: it has no {', '.join(missing)}")


def _refusal(state: Mapping[str, Any], told: list[str], now: str, records: list[str]) -> str:
    if state["mixture"] != now and not any(t.startswith("tasks") for t in told):
        told.append(f"the mixture's weights, groups or tags changed ({state['mixture']} to {now})")
    advice = (
        "records cannot change under a stream: start a new one"
        if records
        else "to go on with another mixture from this step, load with revise=True"
    )
    return f"the state belongs to another stream: {'; '.join(told)}. {advice}"
