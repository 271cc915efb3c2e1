"""A training and an evaluation mixture that share no task and no record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures.holdout.clusters import DEFAULT_WIDTH, Width
from audioflan_tasks.mixtures.holdout.hold_out import HoldOut, hold_out_of
from audioflan_tasks.mixtures.spec.builder import build_mixture
from audioflan_tasks.mixtures.spec.mix import Mix
from audioflan_tasks.mixtures.spec.policies import POLICIES, Policy
from audioflan_tasks.mixtures.spec.standard import DEFAULT_POLICY

__all__ = ["Split", "hold_out", "split"]


@dataclass(frozen=True, slots=True)
class Split:
    """A training and an evaluation mixture, and the rule that separates them.

    `train` carries the rule: whatever is made of it (streams, exemplars, dialogues, groups of
    other mixtures) leaves out the same. Where corpora, origins, languages or speakers are held
    out, `eval` has only their records, of any task, and the records of the held-out tasks.
    """

    train: Mix
    eval: Mix
    hold_out: HoldOut

    def training(self, *select: str, **arguments: Any) -> Mix:
        """Another training mixture, with the arguments of `mixture`: weights, groups, policy, rows.

        Without any it is `train`'s tasks.

        Raises:
          MixtureError: it has a task that is held out, or one of its cluster, which
            `allow_held_out=[...]` does not name.
        """
        if "hold_out" in arguments:
            raise MixtureError("hold_out: a split has its own; hold out more in hold_out(...)")
        has_tasks = bool(select) or any(arguments.get(n) is not None for n in ("weights", "groups"))
        names = select if has_tasks else self.train.tasks
        return build_mixture(*names, hold_out=self.hold_out, **arguments)


def hold_out(
    *,
    tasks: Iterable[str] | None = None,
    majors: Iterable[str] | None = None,
    families: Iterable[str] | None = None,
    clusters: Iterable[str] | None = None,
    corpora: Iterable[str] | None = None,
    origins: Iterable[str] | None = None,
    languages: Iterable[str] | None = None,
    speakers: Iterable[str] | None = None,
    width: Width = DEFAULT_WIDTH,
    policy: Policy | str | Mapping[str, Any] = DEFAULT_POLICY,
) -> Split:
    """Splits the 80 tasks into a mixture to train on and one to measure with.

    Without arguments the default held-out set is meant (`audioflan_unseen`).

    Args:
      tasks: names or ids to measure; their whole clusters are kept from training.
      majors: major tasks to measure; likewise.
      families: families of tasks, or one task of each, all of which is measured.
      clusters: clusters of the width, or one task of each, all of which is measured.
      corpora: corpora in any spelling: their names, folders, or what their ids begin with
        ("LibriTTS-R", "13_LibriTTS-R"); their records are measured, whatever the task, and kept
        from training, as is every other record with the same audio or the same sentences.
      origins: where recordings were made ("youtube"), as records name it in `source`; likewise.
      languages: languages of records by name or ISO code ("French", "fr"); likewise.
      speakers: people by name or id, of any corpus or of one ("VCTK/p225"); likewise.
      width: how much a measured task keeps from training: `task` (inverse and twins), `family`
        or `major` (`mixtures.holdout.clusters`).
      policy: rates of the training mixture; evaluation takes every record once.

    Raises:
      UnknownNameError: no such task, major task, family or width.
      MixtureError: nothing is left to train on. That no record has a corpus, origin, language or
        speaker is said where a corpus is read.
    """
    fold = hold_out_of(
        tasks=tasks, majors=majors, families=families, clusters=clusters, corpora=corpora,
        origins=origins, languages=languages, speakers=speakers, width=width,
    )  # fmt: skip
    return split(fold, policy)


def split(fold: HoldOut, policy: Policy | str | Mapping[str, Any] = DEFAULT_POLICY) -> Split:
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
        build_mixture(*training_tasks, policy=policy, hold_out=fold),
        build_mixture(*eval_tasks, policy=POLICIES["size"], rows=_eval_filter(fold)),
        fold,
    )


def _eval_filter(fold: HoldOut) -> dict[str, list[dict[str, list[str]]]]:
    """The filter of records that measure; {} where every record of the tasks does."""
    if not fold.by_record:
        return {}
    fields = {
        "corpus": sorted(fold.corpora), "origin": sorted(fold.origins),
        "language": sorted(fold.languages), "speaker": sorted(fold.speakers),
        "task": sorted(fold.tasks), "unseen": ["true"],
    }  # fmt: skip
    return {"either": [{name: values} for name, values in fields.items() if values]}
