"""How two reports differ."""

from __future__ import annotations

from dataclasses import dataclass

from audioflan_tasks.mixtures.spec.report import MixtureReport, ReportLine

__all__ = ["Change", "changes"]

# Shares that are nearer than this are printed alike.
_SAME = 5e-7


@dataclass(frozen=True, slots=True)
class Change:
    """A group or task with another share; a line is None where the mixture lacks it."""

    level: str
    name: str
    first: ReportLine | None
    second: ReportLine | None

    @property
    def shares(self) -> tuple[float, float]:
        """Its share in either report, 0 where it is missing."""
        return _share(self.first), _share(self.second)


def changes(first: MixtureReport, second: MixtureReport) -> list[Change]:
    """What differs between two reports, level by level."""
    return [
        change
        for level in first.levels
        for change in _level_changes(level, first, second)
        if abs(change.shares[0] - change.shares[1]) >= _SAME
    ]


def _level_changes(level: str, first: MixtureReport, second: MixtureReport) -> list[Change]:
    lines, others = ({line.name: line for line in r.levels[level]} for r in (first, second))
    names = dict.fromkeys([*lines, *others])
    return [Change(level, name, lines.get(name), others.get(name)) for name in names]


def _share(line: ReportLine | None) -> float:
    return 0.0 if line is None else line.share
