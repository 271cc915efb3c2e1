"""The shares of a mixture over the rows that a stream reads."""

from __future__ import annotations

import logging

from audioflan_tasks.engine.mean_lengths import mean_lengths
from audioflan_tasks.engine.rows import Rows
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures import Mix
from audioflan_tasks.mixtures.plan.plan import UNKNOWN_SIZE
from audioflan_tasks.mixtures.plan.state import Sources, what_changed
from audioflan_tasks.mixtures.spec.lock import LockedMix
from audioflan_tasks.mixtures.spec.resolve import ResolvedMix

__all__ = ["epoch_rows", "resolved_mix"]

_LOG = logging.getLogger("audioflan_tasks")

# Tasks without records that a warning names.
_NAMED = 5
_ROWS_OF_UNKNOWN = 2**14


def resolved_mix(mix: Mix, rows: Rows, split: str, address: str) -> ResolvedMix:
    """The shares of a mixture over the rows of a split; `address` names the corpus in errors.

    Tasks without records, and caps that move shares, are named in the log.

    Raises:
      MixtureError: no task has records, or the mixture is locked for another corpus.
    """
    sizes, unit = rows.sizes, mix.weight_by
    if isinstance(mix, LockedMix):
        return _locked(mix, rows, split)
    if not any(sizes.get(task) for task in mix.tasks):
        raise MixtureError(
            f"no task of the mixture has a split {split!r} with records in "
            f"{address}; what is there: audioflan check {address}"
        )
    means = None if unit == "examples" else mean_lengths(mix, rows, unit)
    resolved = mix.resolve(sizes, means)
    _log_changes(resolved, split)
    return resolved


def epoch_rows(resolved: ResolvedMix) -> int:
    """Rows of an epoch of all tasks, of which one of unknown size counts as some thousands."""
    return sum(_ROWS_OF_UNKNOWN if n >= UNKNOWN_SIZE else n for n in resolved.sizes.values())


def _log_changes(resolved: ResolvedMix, split: str) -> None:
    if resolved.left_out:
        others = len(resolved.left_out) - _NAMED
        _LOG.warning(
            "%d tasks have no records in %s and are left out: %s%s",
            len(resolved.left_out), split, ", ".join(resolved.left_out[:_NAMED]),
            f" and {others} more" if others > 0 else "",
        )  # fmt: skip
    for change in resolved.share_changes:
        if change.capped_share < change.policy_share:
            _LOG.warning(
                "%s is held to %.3g %% instead of %.3g %% by its cap of epochs; "
                "the others share the difference",
                change.task, 100 * change.capped_share, 100 * change.policy_share,
            )  # fmt: skip


def _locked(mix: LockedMix, rows: Rows, split: str) -> ResolvedMix:
    if mix.split != split:
        raise MixtureError(f"the mixture is locked for split {mix.split!r}, not {split!r}")
    resolved = mix.resolve(rows.sizes)
    sources = Sources.of({task: rows.fingerprint(task) for task in resolved.shares.tasks})
    if changes := what_changed(Sources.read(mix.sources), sources, resolved.shares.tasks):
        raise MixtureError(f"not the corpus that was locked: {'; '.join(changes)}")
    return resolved
