"""The tasks and records of a run."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from audioflan_tasks import catalogue
from audioflan_tasks.arguments import check_limit, check_names
from audioflan_tasks.catalogue import PREFIX, TaskRow, snake
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import EvaluationError, MixtureError, UnknownNameError
from audioflan_tasks.evaluation.prompt import chosen_rows
from audioflan_tasks.foreign import is_foreign
from audioflan_tasks.mixtures import (
    WIDTHS,
    HoldOut,
    Mix,
    Split,
    Width,
    folds,
    leave_one_cluster_out,
    mixture,
    mixture_named,
)
from audioflan_tasks.mixtures.splits import split as split_of
from audioflan_tasks.records import Instance

__all__ = [
    "Selection", "TaskRecords", "content_hash", "is_fold", "select", "split_named", "task_records",
]  # fmt: skip

_LOG = logging.getLogger("audioflan_tasks")


@dataclass(frozen=True, slots=True)
class Selection:
    """Tasks with a filter of their records; `name` is that of the mixture.

    `refuse_unmatched` raises where the filter asks for what none of some records has.
    """

    name: str
    tasks: tuple[str, ...]
    keep: Callable[[Instance], bool]
    refuse_unmatched: Callable[[Iterable[Instance]], None] | None = None


@dataclass(frozen=True, slots=True)
class TaskRecords:
    """A task with its records, each with its row number in the corpus."""

    row: TaskRow
    rows: list[tuple[int, Instance]]


def select(source: str | Mix | Split, tasks: Iterable[str] = ()) -> Selection:
    """The tasks of a mixture, limited to `tasks` if any are given.

    `source` is the name of a standard mixture, task or group of tasks ("music"), a fold
    (`split_named`), a .toml or .lock.json file, a `Mix`, or a `Split`, of which the evaluation
    side is taken.

    Raises:
      UnknownNameError: no such mixture, task or group; with the nearest names.
      EvaluationError: one of `tasks` is not in the mixture.
    """
    selection = _selection_of(source)
    parts = check_names("tasks", tasks)
    if not parts:
        return selection
    names = dict.fromkeys(name for part in parts for name in mixture(part).tasks)
    missing = [name for name in names if name not in selection.tasks]
    if missing:
        raise EvaluationError(
            f"{missing[0]} is not in {selection.name}; it holds {len(selection.tasks)} tasks "
            f"(audioflan tasks --mixtures)"
        )
    return replace(selection, tasks=tuple(names), name=f"{selection.name} ({','.join(parts)})")


def _selection_of(source: str | Mix | Split) -> Selection:
    if isinstance(source, Split):
        return Selection(
            f"unseen: {source.hold_out.name}", source.eval.tasks, source.hold_out.for_evaluation,
            _check_of(source.eval),
        )  # fmt: skip
    if isinstance(source, Mix):
        # A mixture has no name of its own, so its fingerprint identifies it.
        name = f"mixture {source.fingerprint}"
        return Selection(name, source.tasks, source.rows.keeps, _check_of(source))
    if not isinstance(source, str):
        raise EvaluationError(f"mixture={source!r}: expected a name, a Mix or a Split")
    if is_fold(source):
        return _selection_of(split_named(source))
    mix = mixture_named(source)
    # Of a file the content counts, not where it lies.
    is_file = source.endswith((".toml", ".lock.json"))
    return _selection_of(mix) if is_file else Selection(source, mix.tasks, _all)


def is_fold(text: str) -> bool:
    """Whether a text names a fold: `fold:2`, `fold:2/8`, `fold:family/pitch`."""
    return text.startswith("fold:")


def split_named(text: str) -> Split:
    """The split of a fold of the default suite, `fold:2` or `fold:2/8`, or of the fold that
    measures one cluster of a width: `fold:family/pitch`, `fold:major/speech_caption`.

    Raises:
      EvaluationError: no such fold.
      UnknownNameError: no such cluster.
    """
    first, _, second = text.removeprefix("fold:").partition("/")
    if first in WIDTHS:
        return split_of(_fold_of_cluster(second, first))
    if not first.isdecimal() or (second and not second.isdecimal()):
        raise EvaluationError(
            f"{text!r}: expected fold:N, fold:N/COUNT or fold:WIDTH/NAME, such as fold:2/8 or "
            "fold:family/pitch"
        )
    try:
        suite = folds(int(second)) if second else folds()
    except MixtureError as error:
        raise EvaluationError(f"{text!r}: {error}") from error
    if int(first) >= len(suite):
        raise EvaluationError(f"{text!r}: expected fold:N with N from 0 to {len(suite) - 1}")
    return split_of(suite[int(first)])


def _fold_of_cluster(name: str, width: Width) -> HoldOut:
    suite = {fold.name: fold for fold in leave_one_cluster_out(width)}
    if snake(name) not in suite:
        raise UnknownNameError(f"fold of width {width}", name, suite)
    return suite[snake(name)]


def _check_of(mix: Mix) -> Callable[[Iterable[Instance]], None] | None:
    return mix.rows.refuse_unmatched if mix.rows.open_values else None


def _all(instance: Instance) -> bool:
    return True


def task_records(
    corpus: Corpus, selection: Selection, split: str, limit: float | None, seed: int
) -> list[TaskRecords]:
    """The records of the selected tasks, without the tasks that have none in the split.

    Raises:
      SettingsError: the limit is no number of records and no share.
      EvaluationError: no task has records in the split.
      MixtureError: a filter names a corpus, origin or language that no record has.
    """
    limit = check_limit(limit)
    if selection.refuse_unmatched is not None:
        selection.refuse_unmatched(corpus.instances())
    foreign_tasks = [name for name in selection.tasks if is_foreign(name)]
    if foreign_tasks:
        _LOG.warning(
            "not evaluated, as they are no audio tasks: %s (seqio.Evaluator scores tasks of seqio)",
            ", ".join(foreign_tasks),
        )
    tasks = []
    for name in selection.tasks:
        if name in foreign_tasks:
            continue
        row = catalogue.get(name.removeprefix(PREFIX))
        rows = chosen_rows(corpus, row, split, limit=limit, seed=seed, keep=selection.keep)
        if rows:
            tasks.append(TaskRecords(row, rows))
    if not tasks:
        have = sorted({s for _, s in corpus.rows.pairs()})
        raise EvaluationError(
            f"{selection.name}: no records in split {split!r} of {corpus.address}; "
            f"it has {', '.join(have) or 'none'}"
        )
    return tasks


def content_hash(tasks: Sequence[TaskRecords]) -> str:
    """A hash of all records; two runs with the same hash used the same records."""
    total = hashlib.sha256()
    for task in tasks:
        for _, instance in task.rows:
            record = json.dumps(instance.record(), sort_keys=True, ensure_ascii=False)
            total.update(f"{task.row.id}\x1f{record}\x1e".encode("utf-8", "surrogatepass"))
    return total.hexdigest()[:16]
