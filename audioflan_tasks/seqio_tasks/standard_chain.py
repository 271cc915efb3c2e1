"""The preprocessors of a task, and the mark among them where a cache is cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import seqio

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.preprocessors import chain

__all__ = ["CachedUpToHere", "standard_chain"]


class CachedUpToHere(seqio.CacheDatasetPlaceholder):
    """`seqio.CacheDatasetPlaceholder` with a name that can be read."""

    def __repr__(self) -> str:
        return "CacheDatasetPlaceholder()"


def standard_chain(row: TaskRow) -> tuple[Callable[..., Any], ...]:
    """The steps from a record of a task to its ids; what they are is in docs/seqio.md."""
    return (
        chain.tokenize_audio(),
        CachedUpToHere(),
        chain.apply_template(row.id),
        chain.encode_text(),
        chain.splice_spans(),
        chain.crop_spans(),
        chain.append_eos(),
    )
