"""A lock file: the resolved shares of a mixture, for the same stream on another machine."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from audioflan_tasks.errors import MixtureError, reason_of
from audioflan_tasks.mixtures.holdout.hold_out import HoldOut
from audioflan_tasks.mixtures.plan.shares import SharePiece, Shares
from audioflan_tasks.mixtures.spec.mix import Mix
from audioflan_tasks.mixtures.spec.policies import equal
from audioflan_tasks.mixtures.spec.resolve import ResolvedMix
from audioflan_tasks.mixtures.spec.tree import Group, Leaf
from audioflan_tasks.plain_files import read_plain_text
from audioflan_tasks.records.row_filter import RowFilter

__all__ = ["LockedMix", "lock", "read_lock"]

VERSION = 1

# Shares are whole multiples of 1 / _UNIT: written as whole numbers they lose nothing.
_UNIT = 2.0**48


@dataclass(frozen=True)
class LockedMix(Mix):
    """A mixture whose shares are fixed by a lock file, for one split of one corpus."""

    split: str = "train"
    locked_shares: ResolvedMix | None = None
    sources: str = ""
    original: str = field(default="")

    @property
    def fingerprint(self) -> str:
        """That of the mixture that was locked, so that a state of one resumes the other."""
        return self.original

    def resolve(
        self, sizes: Mapping[str, int], mean_lengths: Mapping[str, float] | None = None
    ) -> ResolvedMix:
        """The locked shares.

        Raises:
          MixtureError: a task has another number of rows than when the lock was written.
        """
        if self.locked_shares is None:
            raise MixtureError("a locked mixture without shares; read it with read_lock")
        for task, size in self.locked_shares.sizes.items():
            if sizes.get(task, 0) != size:
                raise MixtureError(
                    f"{task} had {size:,} rows when the mixture was locked and has "
                    f"{sizes.get(task, 0):,} now: the stream would be another; lock it again"
                )
        return self.locked_shares


def lock(mix: Mix, shares: ResolvedMix, *, split: str, sources: str, version: str) -> str:
    """The text of a lock file; `sources` are the fingerprints of a stream's state."""
    content = {
        "lock": VERSION,
        "audioflan_tasks": version,
        "fingerprint": mix.fingerprint,
        "split": split,
        "sources": sources,
        "description": mix.description,
        "tags": {task: dict(tags) for task, tags in mix.tags.items() if tags},
        "sizes": dict(shares.sizes),
        "pieces": [
            {"steps": p.steps, "begin": _whole_numbers(p.begin), "end": _whole_numbers(p.end)}
            for p in shares.shares.pieces
        ],
    }
    return json.dumps(content, indent=1) + "\n"


def read_lock(path: str | os.PathLike[str]) -> LockedMix:
    """The mixture of a lock file.

    Raises:
      MixtureError: not a lock file that this version can read.
    """
    try:
        content: dict[str, Any] = json.loads(read_plain_text(Path(path)))
        if content.get("lock") != VERSION:
            raise MixtureError(f"lock file version {content.get('lock')!r}, expected {VERSION}")
        sizes = {str(task): int(n) for task, n in content["sizes"].items()}
        pieces = tuple(
            SharePiece(p["steps"], np.array(p["begin"]) / _UNIT, np.array(p["end"]) / _UNIT)
            for p in content["pieces"]
        )
        tags = content["tags"]
        members = tuple(Leaf(task, tags.get(task, {})) for task in sizes)
        return LockedMix(
            Group("", members, equal()),
            content["description"]["weight_by"],
            rows=RowFilter.of(content["description"]["rows"]),
            hold_out=HoldOut.of(content["description"].get("hold_out", {})),
            split=content["split"],
            locked_shares=ResolvedMix(Shares(tuple(sizes), pieces), sizes, (), ()),
            sources=content["sources"],
            original=content["fingerprint"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MixtureError(f"{path}: not a lock file of a mixture: {reason_of(error)}") from error


def _whole_numbers(shares: np.ndarray[Any, Any]) -> list[int]:
    return [round(s * _UNIT) for s in shares.tolist()]
