"""A mixture over a corpus as a stream of examples that any step number can enter."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import partial
from secrets import randbits
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.arguments import check_choice, check_count, check_lengths
from audioflan_tasks.config import options_or_settings
from audioflan_tasks.corpus import Corpus, open_corpus
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.corpus.skip_guard import SkipGuard
from audioflan_tasks.engine.assembly.assembler import ExampleAssembler
from audioflan_tasks.engine.assembly.block import Block
from audioflan_tasks.engine.checkpoint import Checkpoint, Revision, refusal
from audioflan_tasks.engine.made_with import check_origin, id_fingerprints, prompt_digest
from audioflan_tasks.engine.resolved_mix import epoch_rows, resolved_mix
from audioflan_tasks.engine.rows import Rows, rows_of
from audioflan_tasks.engine.state_seal import check_seal
from audioflan_tasks.engine.stream_examples import ExampleBlock, StreamExample, draw_lengths
from audioflan_tasks.errors import MixtureError, SettingsError
from audioflan_tasks.mixtures import HoldOut, Mix
from audioflan_tasks.mixtures.plan.plan import STOPS, Draws, Plan, Stop
from audioflan_tasks.mixtures.plan.row_order import Shuffle, check_shuffle
from audioflan_tasks.mixtures.plan.state import (
    Sources,
    name_hash,
    packed,
    what_changed,
)
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.records.instance import Split

__all__ = ["Stream"]

I64 = NDArray[np.int64]

_SEED_BITS = 31

# Examples that are looked at before a stream is given up because nothing fits.
_PROBES = 256
_NO_LIMIT = 2**62


class Stream:
    """The global stream of a mixture.

    Args:
      mix: what is mixed.
      corpus: None takes the one of the settings.
      seed: None draws one, which the state then holds.
      epochs: None is without end; else see `mixtures.plan.plan.Plan`.
      stop: how some epochs end; another one than the default is refused without `epochs`.
      shuffle: True permutes all rows of a task, False none; a `BlockShuffle` as it says.
      lengths: most ids of `inputs` and `targets`; audio is cropped by whole frames, and what
        cannot fit is skipped and counted.
      unit: rows of one task that stand together as one step.
      options: how examples are made; None takes those of the settings as they are now.

    Raises:
      MixtureError: no task has records in the split.
      SettingsError: an argument is of the wrong type or out of range.
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
        shuffle: Shuffle = True,
        lengths: Mapping[str, int] | None = None,
        unit: int = 1,
        options: ExampleOptions | None = None,
    ) -> None:
        if not isinstance(mix, Mix):
            raise SettingsError(f"mixture={mix!r}: expected a mixture (audioflan_tasks.mixture)")
        if corpus is not None and not isinstance(corpus, Corpus):
            raise SettingsError(f"corpus={corpus!r}: expected audioflan_tasks.Corpus or None")
        check_choice("split", split, get_args(Split))
        check_choice("stop", stop, STOPS)
        self.mix, self.split = mix, split
        self.options = options_or_settings(options)
        self.corpus = open_corpus() if corpus is None else corpus
        self.seed = randbits(_SEED_BITS) if seed is None else check_count("seed", seed)
        self._seed_given = seed is not None
        self.epochs = None if epochs is None else check_count("num_epochs", epochs, 1)
        if self.epochs is None and stop != "every_row":
            raise SettingsError(
                f"stop={stop!r} says how some epochs end, and this stream has no end: give "
                "num_epochs=1, or leave stop away"
            )
        self.shuffle = check_shuffle(shuffle)
        self.stop, self.unit = stop, check_count("unit", unit, 1)
        self.lengths = check_lengths("lengths", lengths)
        self.rows: Rows = rows_of(
            mix, self.corpus, split, self.options,
            lengths=self.lengths, shuffle=bool(self.shuffle), epochs=self.epochs,
        )  # fmt: skip
        self._maker: ExampleMaker | None = None
        # What this stream was made with, where it was sent from another process.
        self._origin_facts: Mapping[str, str] | None = None
        self._assembler: ExampleAssembler | None = None
        self.resolved = resolved_mix(mix, self.rows, split, self.corpus.address)
        # Fingerprint and draws of tasks that a revision has taken out, should they come back.
        self._removed_tasks: dict[bytes, tuple[bytes, int]] = {}
        self._revisions: tuple[Revision, ...] = ()
        self.begin = 0
        self._plan_from(0, None)

    def __getstate__(self) -> dict[str, Any]:
        # A worker makes its own: they hold mapped files and functions.
        return {
            **self.__dict__, "_maker": None, "_assembler": None, "_origin_facts": self.made_with(),
        }  # fmt: skip

    def __copy__(self) -> Self:
        copied_stream = object.__new__(type(self))
        copied_stream.__dict__.update({**self.__dict__, "_maker": None, "_assembler": None})
        return copied_stream

    def __repr__(self) -> str:
        return f"Stream({len(self.tasks)} tasks, split={self.split!r}, seed={self.seed})"

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
            self._check_origin()
            self._maker = ExampleMaker(self.corpus, self.options, self.lengths, self.rows.training)
        return self._maker

    def draws(self, steps: I64) -> Draws:
        """Task, draw, epoch and row of global steps that are not before the last revision."""
        if len(steps) and steps.min() < self.begin:
            raise MixtureError(
                f"step {steps.min()} is before the revision at step {self.begin}; "
                "load a state from before it"
            )
        return self.plan.pick(steps - self.begin)

    def wrapped(self, steps: I64) -> tuple[I64, NDArray[np.bool_]]:
        """Steps beyond the end as steps from the beginning on, and which these are."""
        if self.total is None or self.total == self.begin:
            return steps, np.zeros(len(steps), np.bool_)
        is_beyond = steps >= self.total
        first_steps = self.begin + (steps - self.total) % (self.total - self.begin)
        return np.where(is_beyond, first_steps, steps), is_beyond

    @property
    def is_stored(self) -> bool:
        """Whether a store has the ids and codes of all examples, so that no record is read."""
        return self.assembler.is_stored

    def block(self, draws: Draws) -> Block:
        """The examples of draws."""
        return self.assembler.assemble(draws)

    @property
    def assembler(self) -> ExampleAssembler:
        """What puts the examples of many rows together."""
        assembler = self._assembler
        if assembler is None or (assembler.tasks, assembler.seed) != (self.tasks, self.seed):
            assembler = ExampleAssembler(self.rows, self.maker, self.seed, self.tasks)
            self._assembler = assembler
        return assembler

    def lengths_of(self, draws: Draws) -> I64:
        """Ids of the examples of draws [n]; 0 for what is skipped or cannot be made.

        Nothing is counted as skipped, and no error is raised: that is left to who takes them.
        """
        skip_counts = self.maker.skipped.copy()
        try:
            return draw_lengths(self.block, draws)
        finally:
            self.maker.skipped.clear()
            self.maker.skipped.update(skip_counts)

    def skip_guard(
        self, shards: int = 1, source: str = "", most_ids: int = _NO_LIMIT, rows: int = _NO_LIMIT
    ) -> SkipGuard:
        """What ends a shard of this stream of which a whole epoch is skipped.

        Args:
          source: what is read, for the error.
          most_ids: ids of an example that can be used.
          rows: rows of the shard, where they are fewer than its part of an epoch.
        """
        count = min(epoch_rows(self.resolved) // shards, rows)
        name = source or f"split {self.split!r} of {self.corpus.address}"
        return SkipGuard(count, name, self.maker.skipped, partial(self._is_any_kept, most_ids))

    def _is_any_kept(self, most_ids: int) -> bool:
        """Whether any of some examples, evenly spread over an epoch, can be used."""
        count = epoch_rows(self.resolved)
        end = count if self.total is None else min(count, self.total - self.begin)
        for number in range(min(end, _PROBES)):
            step = self.begin + number * end // min(end, _PROBES)
            (length,) = self.lengths_of(self.draws(np.array([step], np.int64))).tolist()
            if 0 < length <= most_ids:
                return True
        return False

    def example_block(self, steps: I64) -> ExampleBlock:
        """The examples of global steps in columns."""
        draws = self.draws(steps)
        block = self.block(draws)
        columns = (steps, draws.task, block.lengths.sum(1))
        return ExampleBlock(block, *(column.tolist() for column in columns))

    def examples(self, steps: I64) -> list[StreamExample]:
        """The examples of global steps, with where they stand."""
        draws = self.draws(steps)
        block = self.block(draws)
        columns = (steps, draws.task, draws.epoch, draws.row, block.kept, block.lengths.sum(1))
        return [
            StreamExample(step, task, epoch, row, block, block_row, kept, size)
            for block_row, (step, task, epoch, row, kept, size) in enumerate(
                zip(*(column.tolist() for column in columns), strict=True)
            )
        ]

    def state(self, step: int) -> dict[str, Any]:
        """The state of a stream of which `step` examples have been taken."""
        sources, draws = self._sources(), self._draw_counts(step)
        return Checkpoint(
            step=step, seed=self.seed, mixture=self.mix.fingerprint, sources=sources.text,
            counts=packed(draws[key] for key in sources.prints), revisions=self._revisions,
            options=self._stated_options(), prompts=self._prompts(),
            hold_out=self.mix.hold_out.description,
        ).to_json()  # fmt: skip

    def load(self, state: Mapping[str, Any], *, revise: bool = False) -> int:
        """Goes to a state and returns its step. A refused state leaves the stream as it was.

        Args:
          revise: accepts another mixture (weights, tasks more or less) from the state's step
            on. Each task continues with the row after its last, so none is repeated or lost.
            Accepts edited pools too.

        Raises:
          MixtureError: the state belongs to another stream, or is none, or its mixture holds out
            what this one does not; says what is wrong.
        """
        checkpoint = Checkpoint.read(state)
        self._check_origin()
        loaded_stream = self._loaded(checkpoint, revise)
        check_seal(state)
        same_order = loaded_stream.seed == self.seed
        maker, assembler = self._maker, self._assembler
        self.__dict__.update(loaded_stream.__dict__)
        self._maker, self._assembler = maker, assembler if same_order else None
        return checkpoint.step

    def _loaded(self, checkpoint: Checkpoint, revise: bool) -> Self:
        """A copy of this stream that stands where the checkpoint does."""
        loaded_stream = copy.copy(self)
        if not self._seed_given:
            loaded_stream.seed = checkpoint.seed
        loaded_stream._revisions, loaded_stream._removed_tasks = checkpoint.revisions, {}
        state_sources, sources = Sources.read(checkpoint.sources), loaded_stream._sources()
        options = checkpoint.differences(loaded_stream.seed, self._stated_options())
        changes = what_changed(state_sources, sources, self.tasks)
        is_other = checkpoint.mixture != self.mix.fingerprint
        if not is_other and not changes and not revise and checkpoint.prompts != self._prompts():
            changes = ["the words of its prompts changed (pools, or rows of the catalogue)"]
        # After a revision a state remembers tasks that its mixture no longer has.
        only_removed = not is_other and bool(checkpoint.revisions) and state_sources.covers(sources)
        records = any(reason.startswith("records") for reason in changes)
        if options or records or ((is_other or changes) and not revise and not only_removed):
            raise MixtureError(refusal(checkpoint, [*options, *changes], self.mix.fingerprint))
        if is_other or (changes and revise):
            loaded_stream._revise(checkpoint)
        else:
            loaded_stream._continue(checkpoint)
        return loaded_stream

    def _revise(self, checkpoint: Checkpoint) -> None:
        """Begins another mixture at the checkpoint's step."""
        lacking = self.mix.hold_out.lacks(HoldOut.of(checkpoint.hold_out))
        if lacking:
            raise MixtureError(
                f"the state's mixture holds out what this one does not: {', '.join(lacking)}; give "
                "it the same hold_out (Split.training makes such mixtures), or name the tasks in "
                "allow_held_out"
            )
        cursors = self._remember(checkpoint, checkpoint.draws)
        self._plan_from(checkpoint.step, cursors)
        draws = self._draw_counts(checkpoint.step)
        self._revisions = (
            *(Revision(r.step, r.mixture) for r in checkpoint.revisions),
            Revision(
                checkpoint.step, self.mix.fingerprint,
                packed(draws[key] for key in self._sources().prints),
            ),
        )  # fmt: skip

    def _continue(self, checkpoint: Checkpoint) -> None:
        """Continues the mixture of the checkpoint."""
        cursors = self._remember(checkpoint, checkpoint.cursors)
        self._plan_from(checkpoint.begin, cursors if checkpoint.revisions else None)
        if self.total is not None and checkpoint.step > self.total:
            raise MixtureError(
                f"the state stands at step {checkpoint.step}, this stream ends at {self.total}"
            )
        if self._draw_counts(checkpoint.step) != checkpoint.draws:
            raise MixtureError(
                f"not a state of this stream: its counts are not those of step {checkpoint.step}"
            )

    def _remember(self, checkpoint: Checkpoint, draws: Mapping[bytes, int]) -> list[int]:
        """The draws of each task of the mixture; those of other tasks are remembered."""
        fingerprints = checkpoint.fingerprints
        keys = [name_hash(task) for task in self.resolved.shares.tasks]
        self._removed_tasks = {k: (fingerprints[k], n) for k, n in draws.items() if k not in keys}
        return [draws.get(key, 0) for key in keys]

    def _plan_from(self, step: int, cursors: list[int] | None) -> None:
        shares = self.resolved.shares.later(step)
        self.begin = step
        self.plan = Plan(
            shares, self.resolved.sizes, self.seed, epochs=self.epochs, stop=self.stop,
            shuffle=self.shuffle, cursors=cursors, in_order=self.rows.in_order, unit=self.unit,
        )  # fmt: skip

    def _draw_counts(self, step: int) -> dict[bytes, int]:
        """Draws that each task has had before a step, by hash of its name."""
        counts = self.plan.counts(step - self.begin).tolist()
        own_counts = {name_hash(task): n for task, n in zip(self.tasks, counts, strict=True)}
        return {**own_counts, **{key: count for key, (_, count) in self._removed_tasks.items()}}

    def _sources(self) -> Sources:
        own_sources = Sources.of(
            {task: self.rows.fingerprint(task) for task in self.resolved.shares.tasks}
        )
        removed_sources = {
            key: fingerprint for key, (fingerprint, _) in self._removed_tasks.items()
        }
        return Sources({**own_sources.prints, **removed_sources})

    def _stated_options(self) -> dict[str, Any]:
        """What a state must agree with: arguments, and options that change the ids."""
        arguments = {
            "split": self.split, "epochs": self.epochs, "stop": self.stop,
            "shuffle": self.shuffle if isinstance(self.shuffle, bool) else str(self.shuffle),
            "unit": self.unit,
        }  # fmt: skip
        # What is skipped may be mended or accepted between two runs, and weights may be moved.
        passed_over = ("missing_audio", "tokenizer_weights")
        changes = {k: v for k, v in self.options.changes.items() if k not in passed_over}
        return {**arguments, **changes, **id_fingerprints(self.options)}

    def made_with(self) -> dict[str, str]:
        """Fingerprints of all that ids depend on beside mixture, seed and options."""
        return {
            "records": self._sources().text, "prompts": self._prompts(),
            **id_fingerprints(self.options),
        }  # fmt: skip

    def check_made_with(self, origin_facts: Mapping[str, str]) -> None:
        """Refuses to make other examples than the process that this stream comes from.

        Raises:
          MixtureError: records, pools, tokenizer or text side are others here; names them.
        """
        check_origin(origin_facts, self.made_with(), self.tasks)

    def _check_origin(self) -> None:
        """Checks once what this stream was made with, where it was sent from another process."""
        if self._origin_facts is not None:
            self.check_made_with(self._origin_facts)
            self._origin_facts = None

    def _prompts(self) -> str:
        return prompt_digest(self.tasks, self.options.wordings)
