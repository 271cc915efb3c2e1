"""Codes that earlier builds made, looked up by content."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.store.layout import OK, bucket_name, bucket_of
from audioflan_tasks.store.units import damaged_files, unit_markers

__all__ = ["EarlierCodes"]


@dataclass(frozen=True, slots=True)
class _CodeBucket:
    """A `layout.CLIP` for each clip, and codes [frames, codebooks]."""

    clips: NDArray[Any]
    codes: NDArray[np.uint16]


class EarlierCodes:
    """Codes that are there already, in this folder or one with another number of buckets.

    A bucket counts only if it is whole and its checksums hold, so that a damaged file is
    never copied into a new one.
    """

    def __init__(self, folder: Path) -> None:
        self._folders = [folder, *(f for f in sorted(folder.parent.glob("b*")) if f != folder)]
        self._open_buckets: dict[Path, list[_CodeBucket]] = {}

    def find(self, key: int) -> tuple[NDArray[np.uint16], float] | None:
        """Codes and seconds of a content, or None."""
        for folder in self._folders:
            stem = bucket_name(bucket_of(key, int(folder.name[1:])))
            for code_bucket in self._buckets(folder, stem):
                clips = code_bucket.clips
                n = int(np.searchsorted(clips["key"], np.uint64(key)))
                if n < len(clips) and clips["key"][n] == key and clips["status"][n] == OK:
                    start, frames = int(clips["start"][n]), int(clips["frames"][n])
                    codes = code_bucket.codes[start : start + frames]
                    return codes, float(clips["seconds"][n])
        return None

    def _buckets(self, folder: Path, stem: str) -> list[_CodeBucket]:
        path = folder / stem
        if path not in self._open_buckets:
            whole = [m for m in unit_markers(folder, stem) if not damaged_files(m)]
            units = [marker.name.removesuffix(".done") for marker in whole]
            self._open_buckets[path] = [
                _CodeBucket(
                    np.load(folder / f"{unit}.index.npy", allow_pickle=False),
                    np.load(folder / f"{unit}.npy", mmap_mode="r", allow_pickle=False),
                )
                for unit in units
            ]
        return self._open_buckets[path]
