"""A training and an evaluation mixture that share no task and no record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audioflan_tasks import catalogue
from audioflan_tasks.arguments import check_names
from audioflan_tasks.catalogue import snake
from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.mixtures.holdout.clusters import HoldOut, clusters, held_out
from audioflan_tasks.mixtures.spec.builder import build_mixture
from audioflan_tasks.mixtures.spec.mix import Mix
from audioflan_tasks.mixtures.spec.policies import POLICIES, Policy
from audioflan_tasks.mixtures.spec.standard import DEFAULT_POLICY

__all__ = ["Split", "hold_out", "split"]


@dataclass(frozen=True, slots=True)
class Split:
    """A training and an evaluation mixture, and the rule that separates them.

    Where corpora, origins or languages are held out, `train` draws none of their records, and
    `eval` has only these, of any task, and the records of the held-out tasks.
    """

    train: Mix
    eval: Mix
    hold_out: HoldOut

    def training(
        self, *select: str, policy: Policy | str = DEFAULT_POLICY, exclude: Iterable[str] = ()
    ) -> Mix:
        """Another training mixture (arguments as in `mixture`).

        Raises:
          MixtureError: it names a task that is held out, or one of its cluster.
        """
        mix = build_mixture(
            *select, policy=policy, exclude=exclude, rows=_training_filter(self.hold_out)
        )
        self.hold_out.refuse(mix.tasks)
        return mix


def hold_out(
    *,
    tasks: Iterable[str] = (),
    majors: Iterable[str] = (),
    clusters: Iterable[str] = (),
    corpora: Iterable[str] = (),
    origins: Iterable[str] = (),
    languages: Iterable[str] = (),
    policy: Policy | str = DEFAULT_POLICY,
) -> Split:
    """Splits the 80 tasks into a mixture to train on and one to measure with.

    Without arguments the default held-out set is meant (`audioflan_unseen`).

    Args:
      tasks: names or ids to measure; their whole clusters are kept from training.
      majors: major tasks to measure; likewise.
      clusters: names or ids, each standing for its whole cluster, all of which is measured.
      corpora: corpora in any spelling ("LibriTTS-R"; `Instance.corpus`); their records are
        measured, whatever the task, and kept from training.
      origins: where recordings were made ("youtube"), as records name it in `source`; likewise.
      languages: languages of records (`Instance.language`); likewise.
      policy: rates of the training mixture; evaluation takes every record once.

    Raises:
      UnknownNameError: no such task or major task.
      MixtureError: nothing is left to train on.
    """
    names = frozenset(
        [catalogue.get(name).name for name in check_names("tasks", tasks)]
        + [name for major in check_names("majors", majors) for name in _tasks_of_major(major)]
        + [name for seed in check_names("clusters", clusters) for name in _cluster_of(seed)]
    )
    held_corpora = frozenset(check_names("corpora", corpora))
    held_origins = frozenset(check_names("origins", origins))
    held_languages = frozenset(check_names("languages", languages))
    if not names | held_corpora | held_origins | held_languages:
        names = held_out()
    kept_from_training = frozenset(other for name in names for other in _cluster_of(name))
    label = ", ".join(sorted(names | held_corpora | held_origins | held_languages))
    fold = HoldOut(label, names, kept_from_training, held_corpora, held_origins, held_languages)
    return split(fold, policy)


def split(fold: HoldOut, policy: Policy | str = DEFAULT_POLICY) -> Split:
    """The two mixtures of a fold.

    Raises:
      MixtureError: nothing is left to train on.
    """
    names = [row.name for row in catalogue.tasks()]
    training_tasks = [name for name in names if name not in fold.refused]
    if not training_tasks:
        raise MixtureError(f"{fold.name}: every task is held out, nothing is left to train on")
    eval_tasks = names if fold.by_record else [name for name in names if name in fold.tasks]
    return Split(
        build_mixture(*training_tasks, policy=policy, rows=_training_filter(fold)),
        build_mixture(*eval_tasks, policy=POLICIES["size"], rows=_eval_filter(fold)),
        fold,
    )


def _training_filter(fold: HoldOut) -> dict[str, list[str]]:
    """The filter of records that may be trained on."""
    fields = {
        "not_corpus": sorted(fold.corpora), "not_origin": sorted(fold.origins),
        "not_language": sorted(fold.languages),
    }  # fmt: skip
    filters = {name: values for name, values in fields.items() if values}
    # Such a filter reads every record, so it is not set where tasks alone decide.
    return {**filters, "not_unseen": ["true"]} if filters else {}


def _eval_filter(fold: HoldOut) -> dict[str, list[dict[str, list[str]]]]:
    """The filter of records that measure; {} where every record of the tasks does."""
    if not fold.by_record:
        return {}
    fields = {
        "corpus": sorted(fold.corpora), "origin": sorted(fold.origins),
        "language": sorted(fold.languages), "task": sorted(fold.tasks), "unseen": ["true"],
    }  # fmt: skip
    return {"either": [{name: values} for name, values in fields.items() if values]}


def _cluster_of(name: str) -> frozenset[str]:
    return clusters()[catalogue.get(name).name]


def _tasks_of_major(name: str) -> tuple[str, ...]:
    names = tuple(r.name for r in catalogue.tasks() if snake(r.major) == snake(name))
    if not names:
        raise UnknownNameError("major task", name, [m.name for m in catalogue.majors()])
    return names
