"""What a build did, in numbers and in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Summary"]


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of a finished build.

    `rows` can be used; `records` were read, of which `without_audio` have no codes. `seconds`
    is the length of the encoded audio, each content once. `quarantined` counts the lines of
    `quarantine.jsonl`.
    """

    store: str
    files: int
    records: int
    rows: int
    clips: int = 0
    missing: int = 0
    unreadable: int = 0
    seconds: float = 0.0
    frames: int = 0
    text_ids: int = 0
    without_audio: int = 0
    quarantined: int = 0
    repairs: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    unknown: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The counts, ready for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    def lines(self) -> list[str]:
        """The summary as lines to print."""
        told = [
            f"{self.store}: {self.rows:,} rows from {self.records:,} records "
            f"in {self.files:,} files"
        ]
        if self.clips:
            told.append(
                f"codes: {self.clips:,} audio ids, {self.seconds / 3600:,.2f} h, "
                f"{self.frames:,} frames; {self.missing:,} missing, {self.unreadable:,} unreadable"
            )
        if self.text_ids:
            told.append(f"texts: {self.text_ids:,} ids")
        told += [f"repaired {kind}: {n:,}" for kind, n in self.repairs.most_common()]
        told += [f"skipped {kind}: {n:,}" for kind, n in self.problems.most_common()]
        if self.unknown:
            told.append(f"records of unknown tasks: {self.unknown:,}")
        if self.without_audio:
            told.append(f"rows without audio: {self.without_audio:,}")
        if self.quarantined:
            told.append(f"quarantine.jsonl: {self.quarantined:,} records with place and reason")
        return told
