"""Which piece of a record is which piece of its task."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from audioflan_tasks.catalogue import Kind
from audioflan_tasks.preprocessors.compiled_pool import PoolPiece

__all__ = ["LabelledPiece", "matching_order"]

# An own label counts more than any words in one.
_WHOLE_LABEL = 4
_LABEL_WORD = re.compile(r"[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class LabelledPiece:
    """Label and kind of a piece of a record's input."""

    label: str
    kind: Kind


@lru_cache(maxsize=4096)
def matching_order(
    task_pieces: tuple[PoolPiece, ...], record_pieces: tuple[LabelledPiece, ...]
) -> tuple[int, ...] | None:
    """For each piece of the task the number of the record's; labels decide between equal kinds.

    None where the kinds differ, or where labels do not say which of two pieces is which.
    """

    def agreement(order: tuple[int, ...]) -> int:
        labels = (record_pieces[number].label.lower() for number in order)
        return sum(
            _fit(piece, label) for piece, label in zip(task_pieces, labels, strict=True) if label
        )

    orders = [
        order
        for order in itertools.permutations(range(len(record_pieces)))
        if all(
            record_pieces[number].kind == piece.kind
            for piece, number in zip(task_pieces, order, strict=True)
        )
    ]
    if not orders:
        return None
    # `max` keeps the first of equals, which is the record's own order.
    best = max(orders, key=agreement)
    is_tie = sum(agreement(order) == agreement(best) for order in orders) > 1
    return None if is_tie and _have_roles(task_pieces, record_pieces) else best


def _have_roles(task_pieces: Sequence[PoolPiece], record_pieces: Sequence[LabelledPiece]) -> bool:
    """Whether pieces of a kind are more than a first and a second, and all have labels."""
    role_kinds = {p.kind for p in task_pieces if p.words and not any(map(str.isdigit, p.words))}
    return bool(role_kinds) and all(p.label for p in record_pieces if p.kind in role_kinds)


def _fit(piece: PoolPiece, label: str) -> int:
    """How well a record's label fits a piece: its own label best, then words of it."""
    if label == piece.name or label in {name.strip(" :：").lower() for name in piece.labels}:
        return _WHOLE_LABEL
    return len(set(_LABEL_WORD.findall(label)).intersection(piece.words))
