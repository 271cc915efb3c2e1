"""What a build did, in numbers and in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audioflan_tasks.store.builder.stages import BuildResult

__all__ = ["Summary", "summarize"]


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
        lines = [
            f"{self.store}: {self.rows:,} rows from {self.records:,} records "
            f"in {self.files:,} files"
        ]
        if self.clips:
            lines.append(
                f"codes: {self.clips:,} audio ids, {self.seconds / 3600:,.2f} h, "
                f"{self.frames:,} frames; {self.missing:,} missing, {self.unreadable:,} unreadable"
            )
        if self.text_ids:
            lines.append(f"texts: {self.text_ids:,} ids")
        lines += self._repair_lines()
        lines += [f"skipped {kind}: {n:,}" for kind, n in self.problems.most_common()]
        if self.unknown:
            lines.append(f"records of unknown tasks: {self.unknown:,}")
        if self.without_audio:
            lines.append(f"rows without audio: {self.without_audio:,}")
        if self.quarantined:
            lines.append(f"quarantine.jsonl: {self.quarantined:,} records with place and reason")
        return lines

    def _repair_lines(self) -> list[str]:
        """A line for the kinds that are equally many: mostly they are of the same records."""
        kinds: dict[int, list[str]] = {}
        for kind, count in self.repairs.most_common():
            kinds.setdefault(count, []).append(kind)
        return [f"repaired {', '.join(names)}: {count:,}" for count, names in kinds.items()]


def summarize(store: Path, result: BuildResult, quarantined: int) -> Summary:
    """The counts of a build that is finished."""
    records = result.records.markers
    clips = result.audio.clips.markers if result.audio else ()
    codes = result.audio.codes.markers if result.audio else ()
    references = result.audio.references.markers if result.audio else ()
    groups = [group for marker in references or records for group in marker.groups]
    repairs: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    for marker in records:
        repairs.update(marker.repairs)
        problems.update(marker.problems)
    return Summary(
        store=str(store),
        files=len({piece.file for marker in records for piece in marker.source.pieces}),
        records=sum(marker.records for marker in records),
        rows=sum(group.rows for group in groups if group.task),
        clips=sum(marker.ok for marker in clips),
        missing=sum(marker.missing for marker in clips),
        unreadable=sum(marker.failed for marker in clips)
        + sum(len(marker.failed) for marker in codes),
        seconds=sum(marker.seconds for marker in codes),
        frames=sum(marker.frames for marker in codes),
        text_ids=sum(marker.ids for marker in result.texts.markers) if result.texts else 0,
        without_audio=sum(marker.without_audio for marker in references),
        quarantined=quarantined,
        repairs=repairs,
        problems=problems,
        unknown=sum(task.records for marker in records for task in marker.unknown),
    )
