"""Which tasks and which of their records a run measures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import PREFIX, TaskRow
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import EvaluationError, MixtureError, UnknownNameError
from audioflan_tasks.evaluation.prompt import chosen_rows
from audioflan_tasks.mixtures import HoldOut, Mix, Split, folds, mixture, standard_mixtures
from audioflan_tasks.mixtures.splits import split as split_of
from audioflan_tasks.records import Instance

__all__ = ["Measured", "Selection", "content_hash", "measured", "select"]


class Selection(NamedTuple):
    """Tasks by name, which records of them count, and what it is called."""

    name: str
    tasks: tuple[str, ...]
    keep: Callable[[Instance], bool]


class Measured(NamedTuple):
    """A task with its chosen rows."""

    row: TaskRow
    rows: list[tuple[int, Instance]]


def select(what: str | Mix | Split, tasks: Iterable[str] = ()) -> Selection:
    """The tasks of a mixture, and of these only `tasks` where some are named.

    `what` is a standard mixture, a task, a group of tasks ("music"), `fold:2` or `fold:2/8`
    of the default suite, a `Mix`, or a `Split`, whose evaluation side is meant.

    Raises:
      UnknownNameError: no such mixture, task or group; with the nearest names.
      EvaluationError: a named task is not in the mixture.
    """
    found = _selected(what)
    wanted = list(tasks)
    if not wanted:
        return found
    names = dict.fromkeys(name for part in wanted for name in mixture(part).tasks)
    outside = [name for name in names if name not in found.tasks]
    if outside:
        raise EvaluationError(
            f"{outside[0]} is not in {found.name}; it holds {len(found.tasks)} tasks "
            f"(audioflan tasks --mixtures)"
        )
    return found._replace(tasks=tuple(names), name=f"{found.name} ({','.join(wanted)})")


def _selected(what: str | Mix | Split) -> Selection:
    if isinstance(what, Split):
        return Selection(
            f"unseen: {what.hold_out.name}", what.eval.tasks, what.hold_out.for_evaluation
        )
    if isinstance(what, Mix):
        # A mixture has no name of its own: its fingerprint says which one it was.
        return Selection(f"mixture {what.fingerprint}", what.tasks, what.rows.keeps)
    if what.startswith("fold:"):
        return _selected(split_of(_fold(what)))
    for row in standard_mixtures():
        if row.name == what:
            return Selection(what, row.tasks, _all)
    try:
        return Selection(what, mixture(what).tasks, _all)
    except UnknownNameError:
        known = {row.name for row in standard_mixtures()}
        known |= {row.name for row in catalogue.tasks()}
        raise UnknownNameError("mixture or task", what, known) from None


def _fold(what: str) -> HoldOut:
    number, _, count = what.removeprefix("fold:").partition("/")
    try:
        suite = folds(int(count)) if count else folds()
        return suite[int(number)]
    except (ValueError, IndexError, MixtureError) as error:
        raise EvaluationError(f"{what!r}: expected fold:N or fold:N/COUNT ({error})") from error


def _all(instance: Instance) -> bool:
    return True


def measured(
    corpus: Corpus, chosen: Selection, split: str, limit: float | None, seed: int
) -> list[Measured]:
    """The rows of every task that has some in the split.

    Raises:
      EvaluationError: no task has any; a typo in a split would score nothing at all.
    """
    found = []
    for name in chosen.tasks:
        row = catalogue.get(name.removeprefix(PREFIX))
        rows = chosen_rows(corpus, row, split, limit=limit, seed=seed, keep=chosen.keep)
        if rows:
            found.append(Measured(row, rows))
    if not found:
        have = sorted({s for _, s in corpus.rows.pairs()})
        raise EvaluationError(
            f"{chosen.name}: no records in split {split!r} of {corpus.root}; "
            f"it has {', '.join(have) or 'none'}"
        )
    return found


def content_hash(found: Sequence[Measured]) -> str:
    """A hash of every measured record: two runs with the same one asked the same things."""
    total = hashlib.sha256()
    for row, rows in found:
        for _, instance in rows:
            record = json.dumps(instance.record(), sort_keys=True, ensure_ascii=False)
            total.update(f"{row.id}\x1f{record}\x1e".encode("utf-8", "surrogatepass"))
    return total.hexdigest()[:16]
