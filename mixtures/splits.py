"""A training and an evaluation mixture that have nothing in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import snake
from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.mixtures.holdout.clusters import Held, clusters, held_out
from audioflan_tasks.mixtures.spec.builder import build_mixture
from audioflan_tasks.mixtures.spec.mix import Mix
from audioflan_tasks.mixtures.spec.policies import POLICIES, Policy
from audioflan_tasks.mixtures.spec.standard import DEFAULT_POLICY

__all__ = ["Split", "hold_out", "split"]


@dataclass(frozen=True, slots=True)
class Split:
    """Two mixtures, and what holds records apart where a name is not enough.

    Where corpora or languages are held out, `train` draws no record of theirs and `eval` holds
    these alone, whatever their task, beside the held-out tasks.
    """

    train: Mix
    eval: Mix
    held: Held

    def training(
        self, *select: str, policy: Policy | str = DEFAULT_POLICY, exclude: Iterable[str] = ()
    ) -> Mix:
        """A training mixture of one's own (arguments as in `mixture`).

        Raises:
          MixtureError: it names a task that is held out, or one of its cluster.
        """
        mix = build_mixture(*select, policy=policy, exclude=exclude, rows=_kept(self.held))
        self.held.refuse(mix.tasks)
        return mix


def hold_out(
    *,
    tasks: Iterable[str] = (),
    majors: Iterable[str] = (),
    clusters: Iterable[str] = (),
    corpora: Iterable[str] = (),
    languages: Iterable[str] = (),
    policy: Policy | str = DEFAULT_POLICY,
) -> Split:
    """Splits the 80 tasks into a mixture to train on and one to measure with.

    Without arguments the default held-out set is meant (`audioflan_unseen`).

    Args:
      tasks: names or ids to measure; their whole clusters are kept from training.
      majors: major tasks to measure; likewise.
      clusters: names or ids, each standing for its whole cluster, all of which is measured.
      corpora: source corpora, as records name them in `source`; their records are measured,
        whatever the task, and kept from training.
      languages: languages, as records name them in `other.language`; likewise.
      policy: rates of the training mixture; evaluation takes every record once.

    Raises:
      UnknownNameError: no such task or major task.
      MixtureError: nothing is left to train on.
    """
    named = frozenset(
        [catalogue.get(name).name for name in tasks]
        + [name for major in majors for name in _of_major(major)]
        + [name for seed in clusters for name in _cluster(seed)]
    )
    held_corpora, held_languages = frozenset(corpora), frozenset(languages)
    if not named | held_corpora | held_languages:
        named = held_out()
    refused = frozenset(other for name in named for other in _cluster(name))
    label = ", ".join(sorted(named | held_corpora | held_languages))
    return split(Held(label, named, refused, held_corpora, held_languages), policy)


def split(held: Held, policy: Policy | str = DEFAULT_POLICY) -> Split:
    """The two mixtures of a fold.

    Raises:
      MixtureError: nothing is left to train on.
    """
    names = [row.name for row in catalogue.tasks()]
    seen = [name for name in names if name not in held.refused]
    if not seen:
        raise MixtureError(f"{held.name}: every task is held out, nothing is left to train on")
    measured = names if held.by_record else [name for name in names if name in held.tasks]
    return Split(
        build_mixture(*seen, policy=policy, rows=_kept(held)),
        build_mixture(*measured, policy=POLICIES["size"], rows=_measured(held)),
        held,
    )


def _kept(held: Held) -> dict[str, list[str]]:
    """The filter of records that may be trained on."""
    found = {"not_corpus": sorted(held.corpora), "not_language": sorted(held.languages)}
    kept = {name: values for name, values in found.items() if values}
    # Records are read one by one for such a filter, so it is not set where tasks do alone.
    return {**kept, "not_unseen": ["true"]} if kept else {}


def _measured(held: Held) -> dict[str, list[dict[str, list[str]]]]:
    """The filter of records that measure; {} where every record of the tasks does."""
    if not held.by_record:
        return {}
    found = {
        "corpus": sorted(held.corpora), "language": sorted(held.languages),
        "task": sorted(held.tasks), "unseen": ["true"],
    }  # fmt: skip
    return {"either": [{name: values} for name, values in found.items() if values]}


def _cluster(name: str) -> frozenset[str]:
    return clusters()[catalogue.get(name).name]


def _of_major(name: str) -> tuple[str, ...]:
    found = tuple(r.name for r in catalogue.tasks() if snake(r.major) == snake(name))
    if not found:
        raise UnknownNameError("major task", name, [m.name for m in catalogue.majors()])
    return found
