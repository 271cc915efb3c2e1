"""What a mixture does to a corpus: shares, epochs and hours, before and after, in numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.spec.resolve import Moved, Resolved

__all__ = ["LEVELS", "Line", "Report", "report"]

# Beyond four passes repeated data is worth clearly less than new data (Muennighoff et al. 2023).
OVER_REPEATED = 4.0

# A task of which a run sees fewer examples teaches little.
STARVED = 100

LEVELS: Mapping[str, Callable[[catalogue.TaskRow], str]] = {
    "domain": lambda row: row.domain,
    "category": lambda row: row.paper_category,
    "major": lambda row: row.major,
    "task": lambda row: row.id,
}


class Line(NamedTuple):
    """One task or group over the steps of a report.

    `before` is the share of examples by size, `share` that of the mixture; `tokens` and
    `seconds` are shares in these units, `hours` of audio heard; None where lengths are not
    known. `rate` is the share at step 0, `epochs` the passes over its instances.
    """

    name: str
    instances: int
    rate: float
    before: float
    share: float
    tokens: float | None
    seconds: float | None
    epochs: float
    hours: float | None
    notes: str


@dataclass(frozen=True)
class Report:
    """Lines by level (domain, category, major, task), over `steps` examples of the stream."""

    steps: int
    levels: Mapping[str, tuple[Line, ...]]
    moved: tuple[Moved, ...]
    left_out: tuple[str, ...]

    def notes(self) -> list[str]:
        """What a user should look at, in sentences."""
        told = []
        tasks = self.levels["task"]
        for word, what in (("starved", f"fewer than {STARVED} examples"),
                           ("over-repeated", f"more than {OVER_REPEATED:g} epochs")):  # fmt: skip
            named = [line.name for line in tasks if word in line.notes]
            if named:
                told.append(f"{word} ({what} in {self.steps:,} steps): {', '.join(named)}")
        if self.left_out:
            told.append(f"without records, left out: {', '.join(self.left_out)}")
        for task, wanted, given in self.moved:
            if given < wanted:
                change = f"{100 * wanted:.3g} % to {100 * given:.3g} %"
                told.append(f"held by the cap of epochs: {task}, {change}")
        return told


def report(
    resolved: Resolved,
    *,
    steps: int = 1_000_000,
    tokens: Mapping[str, float] | None = None,
    seconds: Mapping[str, float] | None = None,
) -> Report:
    """The report of the shares of a mixture (`Mix.report` resolves them first).

    Args:
      steps: length of the stream that is looked at, in examples.
      tokens: mean ids of an example by task.
      seconds: mean seconds of audio of an example by task.

    Raises:
      MixtureError: no steps.
    """
    if steps < 1:
        raise MixtureError(f"steps={steps}: expected at least 1")
    shares = resolved.shares
    drawn = dict(zip(shares.tasks, shares.expected(steps).tolist(), strict=True))
    first = dict(zip(shares.tasks, shares.at(0).tolist(), strict=True))
    table = [
        _Facts(task, resolved.sizes[task], first[task], drawn[task],
               _times(drawn[task], tokens, task), _times(drawn[task], seconds, task))
        for task in shares.tasks
    ]  # fmt: skip
    levels = {name: _grouped(table, name, steps) for name in LEVELS}
    return Report(steps, levels, resolved.moved, resolved.left_out)


class _Facts(NamedTuple):
    task: str
    instances: int
    rate: float
    drawn: float
    tokens: float | None
    seconds: float | None


def _times(drawn: float, means: Mapping[str, float] | None, task: str) -> float | None:
    return None if means is None or task not in means else drawn * means[task]


def _grouped(table: list[_Facts], level: str, steps: int) -> tuple[Line, ...]:
    key = LEVELS[level]
    groups: dict[str, list[_Facts]] = {}
    for facts in table:
        groups.setdefault(key(catalogue.get(facts.task)), []).append(facts)
    whole = sum(f.instances for f in table)
    tokens, seconds = (_sum(f.tokens for f in table), _sum(f.seconds for f in table))
    lines = []
    for name, members in groups.items():
        instances = sum(f.instances for f in members)
        drawn = sum(f.drawn for f in members)
        own = _sum(f.seconds for f in members)
        lines.append(
            Line(
                name, instances, sum(f.rate for f in members), instances / whole, drawn / steps,
                _part(_sum(f.tokens for f in members), tokens), _part(own, seconds),
                drawn / instances, None if own is None else own / 3600,
                _noted(drawn, drawn / instances) if level == "task" else "",
            )
        )  # fmt: skip
    return tuple(lines)


def _sum(values: Iterable[float | None]) -> float | None:
    listed = list(values)
    known = [v for v in listed if v is not None]
    return sum(known) if len(known) == len(listed) else None


def _part(value: float | None, whole: float | None) -> float | None:
    return None if value is None or not whole else value / whole


def _noted(drawn: float, epochs: float) -> str:
    if epochs > OVER_REPEATED:
        return "over-repeated"
    return "starved" if round(drawn) < STARVED else ""
