"""Checks of the gold answers before a model is asked.

The faults are ones that other benchmarks found too late: answers that are not among the
options, answers that are copies of an input column, empty references, and references that
their own metric cannot parse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from audioflan_tasks.catalogue import AnswerKind
from audioflan_tasks.errors import AudioFlanError
from audioflan_tasks.evaluation.answers import Answer
from audioflan_tasks.evaluation.gold_parsing import names_in, plain
from audioflan_tasks.evaluation.scorer import Scorer, infos_of
from audioflan_tasks.records import Piece

__all__ = ["GoldFault", "gold_faults"]

# From this number of questions on, the same answer to all of them is a fault.
_CONSTANT_FROM = 8
_MAX_EXAMPLES = 3
_SILENCE = 1e-6


@dataclass(frozen=True, slots=True)
class GoldFault:
    """A fault of some gold answers; a `fatal` one makes every score wrong."""

    task: str
    kind: str
    faulty: int
    total: int
    examples: tuple[str, ...]
    fatal: bool

    def __str__(self) -> str:
        examples = "; ".join(self.examples)
        return f"{self.task}: {self.kind} in {self.faulty} of {self.total}: {examples}"


def gold_faults(scorer: Scorer) -> list[GoldFault]:
    """Faults of the gold answers of one task."""
    row, prompts, golds = scorer.row, scorer.prompts, scorer.golds
    places = [p.instance.where or p.instance.uuid for p in prompts]
    pairs = list(zip(prompts, golds, places, strict=True))
    faults = [
        _fault(row.id, "empty reference", [w for _, g, w in pairs if not g.strip()], pairs, True),
        _fault(
            row.id,
            "answer not among the options",
            [
                f"{g!r} ({w})"
                for p, g, w in pairs
                if _is_outside(row.answer_kind, g, p.instance.options)
            ],
            pairs,
            True,
        ),
        _fault(
            row.id,
            "answer is a copy of an input column",
            [f"{g!r} ({w})" for p, g, w in pairs if g and g in _columns(p.instance.input_pieces)],
            pairs,
            False,
        ),
    ]
    if len(golds) >= _CONSTANT_FROM and len(set(golds)) == 1:
        faults.append(
            GoldFault(row.id, "one answer for all", len(golds), len(golds), (golds[0][:80],), False)
        )
    uuids = Counter(p.instance.uuid for p in prompts if p.instance.uuid)
    faults.append(
        _fault(row.id, "uuid used twice", [u for u, n in uuids.items() if n > 1], pairs, False)
    )
    empty = any(f is not None and f.kind == "empty reference" for f in faults)
    if not row.answer_kind.is_audio and not empty:
        faults.append(_unreadable(scorer))
    if row.answer_kind.is_audio and not empty:
        silent = [
            f"{g} ({w})"
            for (_, g, w), target in zip(pairs, scorer.targets, strict=True)
            if float(np.abs(target.samples).max(initial=0.0)) < _SILENCE
        ]
        faults.append(_fault(row.id, "silent reference", silent, pairs, False))
    return [f for f in faults if f is not None]


def _fault(
    task: str, kind: str, bad: Sequence[str], pairs: Sequence[object], fatal: bool
) -> GoldFault | None:
    if not bad:
        return None
    return GoldFault(task, kind, len(bad), len(pairs), tuple(bad[:_MAX_EXAMPLES]), fatal)


def _is_outside(answer: AnswerKind, gold: str, options: Sequence[str]) -> bool:
    if not options or not answer.lists_options:
        return False
    labels = {plain(option) for option in options}
    # An option with a comma is one label, also where commas separate labels.
    return plain(gold) not in labels and not labels.issuperset(names_in(gold, answer))


def _columns(pieces: Sequence[Piece]) -> set[str]:
    # A question may contain its answer, so only whole columns are compared.
    return {piece.value for piece in pieces}


def _unreadable(scorer: Scorer) -> GoldFault | None:
    """References that the metrics cannot parse, each given as the answer to itself."""
    bad = []
    for prompt, gold in zip(scorer.prompts, scorer.golds, strict=True):
        try:
            reading = Scorer(scorer.row, [prompt]).read([Answer(gold)])
            for info in infos_of(scorer.row):
                reading.values(info)
        except AudioFlanError as error:
            bad.append(f"{error} ({prompt.instance.where})")
    return _fault(scorer.row.id, "reference that the metric cannot read", bad, scorer.prompts, True)
