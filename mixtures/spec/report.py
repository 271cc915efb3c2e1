"""What a mixture does to a corpus: shares, epochs and hours, by size and as mixed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.foreign import facts_of, is_foreign
from audioflan_tasks.mixtures.plan.plan import UNKNOWN_SIZE
from audioflan_tasks.mixtures.spec.resolve import ResolvedMix, ShareChange

__all__ = ["LEVELS", "MixtureReport", "ReportLine", "report"]

# Beyond four passes repeated data is worth clearly less than new data (Muennighoff et al. 2023).
OVER_REPEATED = 4.0

# With fewer examples a task teaches little.
FEW_EXAMPLES = 100

# The word for each level in the facts of a task.
LEVELS: Mapping[str, str] = {
    "domain": "domain",
    "category": "paper_category",
    "major": "major",
    "task": "id",
}


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One task or group over the steps of a report.

    `size_share` is the share of examples by size, `share` that of the mixture; `tokens` and
    `seconds` are shares in these units, `hours` of audio heard; None where lengths are not
    known. `rate` is the share at step 0, `epochs` the passes over its instances. Of foreign tasks
    that do not say how many examples they have `instances`, `size_share` and `epochs` are None;
    shares by size are then those of the others.
    """

    name: str
    instances: int | None
    rate: float
    size_share: float | None
    share: float
    tokens: float | None
    seconds: float | None
    epochs: float | None
    hours: float | None
    notes: str


@dataclass(frozen=True, slots=True)
class MixtureReport:
    """Lines by level (domain, category, major, task), over `steps` examples of the stream."""

    steps: int
    levels: Mapping[str, tuple[ReportLine, ...]]
    share_changes: tuple[ShareChange, ...]
    left_out: tuple[str, ...]

    def notes(self) -> list[str]:
        """Sentences on what a user should look at."""
        sentences = []
        tasks = self.levels["task"]
        for word, limit in (("starved", f"fewer than {FEW_EXAMPLES} examples"),
                           ("over-repeated", f"more than {OVER_REPEATED:g} epochs")):  # fmt: skip
            names = [line.name for line in tasks if word in line.notes]
            if names:
                sentences.append(f"{word} ({limit} in {self.steps:,} steps): {', '.join(names)}")
        if self.left_out:
            sentences.append(f"without records, left out: {', '.join(self.left_out)}")
        for change in self.share_changes:
            if change.capped_share < change.policy_share:
                shares = f"{100 * change.policy_share:.3g} % to {100 * change.capped_share:.3g} %"
                sentences.append(f"held by the cap of epochs: {change.task}, {shares}")
        return sentences


def report(
    resolved_mix: ResolvedMix,
    *,
    steps: int = 1_000_000,
    tokens: Mapping[str, float] | None = None,
    seconds: Mapping[str, float] | None = None,
) -> MixtureReport:
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
    shares = resolved_mix.shares
    draws = dict(zip(shares.tasks, shares.expected(steps).tolist(), strict=True))
    first = dict(zip(shares.tasks, shares.at(0).tolist(), strict=True))
    table = [
        _TaskDraws(task, _known_size(resolved_mix.sizes[task]), first[task], draws[task],
               _amount_drawn(draws[task], tokens, task), _amount_drawn(draws[task], seconds, task))
        for task in shares.tasks
    ]  # fmt: skip
    levels = {name: _report_lines(table, name, steps) for name in LEVELS}
    return MixtureReport(steps, levels, resolved_mix.share_changes, resolved_mix.left_out)


@dataclass(frozen=True, slots=True)
class _TaskDraws:
    """A task's part in the steps of a report; `tokens` and `seconds` of all its draws."""

    task: str
    instances: int | None
    rate: float
    draws: float
    tokens: float | None
    seconds: float | None


def _known_size(size: int) -> int | None:
    return None if size >= UNKNOWN_SIZE else size


def _amount_drawn(draws: float, means: Mapping[str, float] | None, task: str) -> float | None:
    return None if means is None or task not in means else draws * means[task]


def _report_lines(table: list[_TaskDraws], level: str, steps: int) -> tuple[ReportLine, ...]:
    groups: dict[str, list[_TaskDraws]] = {}
    for facts in table:
        groups.setdefault(_group_of(facts.task, LEVELS[level]), []).append(facts)
    whole = sum(f.instances for f in table if f.instances is not None)
    all_tokens, all_seconds = _sum(f.tokens for f in table), _sum(f.seconds for f in table)
    lines = []
    for name, members in groups.items():
        instances = _sum(f.instances for f in members)
        draws = sum(f.draws for f in members)
        tokens, seconds = _sum(f.tokens for f in members), _sum(f.seconds for f in members)
        lines.append(
            ReportLine(
                name, None if instances is None else int(instances),
                sum(f.rate for f in members), _share_of(instances, whole), draws / steps,
                _share_of(tokens, all_tokens), _share_of(seconds, all_seconds),
                _share_of(draws, instances), None if seconds is None else seconds / 3600,
                _note_on(draws, _share_of(draws, instances)) if level == "task" else "",
            )
        )  # fmt: skip
    return tuple(lines)


def _sum(values: Iterable[float | None]) -> float | None:
    value_list = list(values)
    numbers = [v for v in value_list if v is not None]
    return sum(numbers) if len(numbers) == len(value_list) else None


def _share_of(value: float | None, whole: float | None) -> float | None:
    return None if value is None or not whole else value / whole


def _group_of(task: str, fact: str) -> str:
    """The group of a task at the level of a fact; a foreign task has its name for an id."""
    if is_foreign(task):
        return facts_of(task).get(fact, task)
    return str(getattr(catalogue.get(task), fact))


def _note_on(draws: float, epochs: float | None) -> str:
    if epochs is not None and epochs > OVER_REPEATED:
        return "over-repeated"
    return "starved" if round(draws) < FEW_EXAMPLES else ""
