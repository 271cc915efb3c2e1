"""Whether rewrites ask what their originals ask, judged by the rules and by somebody else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from audioflan_tasks import catalogue
from audioflan_tasks.errors import SettingsError, reason_of
from audioflan_tasks.evaluation.results import UNREADABLE_JSON
from audioflan_tasks.plain_files import open_plain_file
from audioflan_tasks.variation.diversity import TaskPool
from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.judgement import Objection, instruction_objections
from audioflan_tasks.variation.reading import language_of

__all__ = ["Agreement", "JudgedPair", "agreement", "read_judgements", "sample_lines"]


class JudgedPair(msgspec.Struct, frozen=True, kw_only=True):
    """A rewrite with what a person or a second model says of it."""

    task: str
    original: str
    rewrite: str
    faithful: bool

    @property
    def objections(self) -> list[Objection]:
        """What the rules say of it."""
        row = catalogue.get(self.task)
        language = language_of(self.original)
        return instruction_objections(
            InstructionRewrite(row, self.original, self.rewrite, language)
        )


@dataclass(frozen=True, slots=True)
class Agreement:
    """Judgements side by side: numbers of pairs, and the pairs on which they disagree.

    `refused_pairs` are those that only the rules refuse, `missed_pairs` those that only the judge
    does.
    """

    both_faithful: int
    both_unfaithful: int
    refused_pairs: tuple[JudgedPair, ...]
    missed_pairs: tuple[JudgedPair, ...]

    @property
    def count(self) -> int:
        """Number of pairs."""
        agreement_count = self.both_faithful + self.both_unfaithful
        return agreement_count + len(self.refused_pairs) + len(self.missed_pairs)

    @property
    def fidelity(self) -> float:
        """Share of faithful pairs among those that the rules let pass, by the judge."""
        pass_count = self.both_faithful + len(self.missed_pairs)
        return self.both_faithful / pass_count if pass_count else 0.0

    @property
    def kappa(self) -> float:
        """Cohen's kappa: agreement beyond chance, 1 at most."""
        n = self.count
        rules = self.both_faithful + len(self.missed_pairs)
        judge = self.both_faithful + len(self.refused_pairs)
        chance = (rules * judge + (n - rules) * (n - judge)) / n**2
        agreement_share = (self.both_faithful + self.both_unfaithful) / n
        return 1.0 if chance == 1 else (agreement_share - chance) / (1 - chance)


def agreement(judged_pairs: Sequence[JudgedPair]) -> Agreement:
    """The rules and the judge on the same pairs."""
    verdicts = [bool(pair.objections) for pair in judged_pairs]
    rows = list(zip(judged_pairs, verdicts, strict=True))
    return Agreement(
        both_faithful=sum(pair.faithful and not b for pair, b in rows),
        both_unfaithful=sum(not pair.faithful and b for pair, b in rows),
        refused_pairs=tuple(pair for pair, b in rows if pair.faithful and b),
        missed_pairs=tuple(pair for pair, b in rows if not pair.faithful and not b),
    )


def read_judgements(file: Path) -> list[JudgedPair]:
    """The pairs of a file of lines of JSON.

    Raises:
      SettingsError: it cannot be read, is empty, or a line lacks a field or its judgement.
    """
    try:
        with open_plain_file(file) as handle:
            lines = handle.readlines()
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {reason_of(error)}") from error
    judged_pairs = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            judged_pairs.append(msgspec.json.decode(line, type=JudgedPair))
        except UNREADABLE_JSON as error:
            raise SettingsError(
                f"{file}:{number}: {error}; expected task, original, rewrite, and faithful: true "
                "or false"
            ) from error
    if not judged_pairs:
        raise SettingsError(f"{file}: no judgements; fill in the sample that --out writes")
    return judged_pairs


def sample_lines(pools: Iterable[TaskPool], limit: int = 100) -> list[str]:
    """Accepted variations to judge, spread evenly over all: lines with "faithful" left open."""
    rows = [
        {"task": p.task, "original": i.origin.seed, "rewrite": i.ask, "faithful": None}
        for p in pools
        for i in p.instructions
        if i.origin is not None
    ]
    step = max(1, len(rows) // limit)
    return [json.dumps(row, ensure_ascii=False) for row in rows[::step][:limit]]
