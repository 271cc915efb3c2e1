"""Faults of the gold answers, found before a model is asked.

What other benchmarks found too late: answers that are not among the choices, one column
that is a copy of another, empty references, references that their own metric cannot read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from audioflan_tasks.errors import AudioFlanError
from audioflan_tasks.evaluation.answers import Answer
from audioflan_tasks.evaluation.gold_parsing import names, plain
from audioflan_tasks.evaluation.scorer import Scorer, infos_of
from audioflan_tasks.records import Piece

__all__ = ["Fault", "gold_faults"]

# Answers to a label task that may repeat without being suspicious.
_CONSTANT_FROM = 8
_SHOWN = 3
_SILENCE = 1e-6


class Fault(NamedTuple):
    """Something wrong with gold answers; `fatal` where no score could be right."""

    task: str
    kind: str
    found: int
    of: int
    examples: tuple[str, ...]
    fatal: bool

    def __str__(self) -> str:
        shown = "; ".join(self.examples)
        return f"{self.task}: {self.kind} in {self.found} of {self.of}: {shown}"


def gold_faults(scorer: Scorer) -> list[Fault]:
    """Faults of one task's prompts."""
    row, prompts, golds = scorer.row, scorer.prompts, scorer.golds
    where = [p.instance.where or p.instance.uuid for p in prompts]
    pairs = list(zip(prompts, golds, where, strict=True))
    found = [
        _fault(row.id, "empty reference", [w for _, g, w in pairs if not g.strip()], pairs, True),
        _fault(
            row.id,
            "answer not among the options",
            [f"{g!r} ({w})" for p, g, w in pairs if _outside(row.answer, g, p.instance.options)],
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
        found.append(
            Fault(row.id, "one answer for all", len(golds), len(golds), (golds[0][:80],), False)
        )
    seen = Counter(p.instance.uuid for p in prompts if p.instance.uuid)
    found.append(
        _fault(row.id, "uuid used twice", [u for u, n in seen.items() if n > 1], pairs, False)
    )
    empty = any(f is not None and f.kind == "empty reference" for f in found)
    if row.answer != "audio" and not empty:
        found.append(_unreadable(scorer))
    if row.answer == "audio" and not empty:
        silent = [
            f"{g} ({w})"
            for (_, g, w), target in zip(pairs, scorer.targets, strict=True)
            if float(np.abs(target.samples).max(initial=0.0)) < _SILENCE
        ]
        found.append(_fault(row.id, "silent reference", silent, pairs, False))
    return [f for f in found if f is not None]


def _fault(
    task: str, kind: str, bad: Sequence[str], pairs: Sequence[object], fatal: bool
) -> Fault | None:
    if not bad:
        return None
    return Fault(task, kind, len(bad), len(pairs), tuple(bad[:_SHOWN]), fatal)


def _outside(answer: str, gold: str, options: Sequence[str]) -> bool:
    if not options or answer not in ("label", "labels"):
        return False
    known = {plain(option) for option in options}
    said = {plain(gold)} if answer == "label" else set(names(gold))
    return not (said <= known)


def _columns(pieces: Sequence[Piece]) -> set[str]:
    # A question may well contain its answer, so only whole columns are compared.
    return {piece.value for piece in pieces}


def _unreadable(scorer: Scorer) -> Fault | None:
    """References that their metrics cannot take, each tried as its own perfect answer."""
    bad = []
    for prompt, gold in zip(scorer.prompts, scorer.golds, strict=True):
        try:
            said = Scorer(scorer.row, [prompt]).read([Answer(gold)])
            for info in infos_of(scorer.row):
                said.values(info)
        except AudioFlanError as error:
            bad.append(f"{error} ({prompt.instance.where})")
    return _fault(scorer.row.id, "reference that the metric cannot read", bad, scorer.prompts, True)
