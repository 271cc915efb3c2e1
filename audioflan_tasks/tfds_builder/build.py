"""All tasks of a corpus at once."""

from __future__ import annotations

import os
from collections.abc import Iterable

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.corpus import open_corpus
from audioflan_tasks.tfds_builder.builder import AudioFlan

__all__ = ["build_tfds"]


def build_tfds(
    data_dir: str | os.PathLike[str], tasks: Iterable[str] | None = None
) -> tuple[str, ...]:
    """Builds the data sets of tasks of the corpus of the settings; those that are as they should
    be are kept.

    `tfds build audioflan` builds all configs too, but stops at a task of which there are no
    records.

    Args:
      data_dir: of TFDS.
      tasks: ids or names; None takes all that have records.

    Returns:
      names with versions, as `tfds.load` and `seqio.TfdsDataSource` take them.

    Raises:
      UnknownNameError: no such task.
      SettingsError: a task that was named has no records.
      AudioError: as of `AudioFlan.download_and_prepare`.
    """
    if tasks is None:
        with_records = {task for task, _ in open_corpus().rows.pairs()}
        ids = [row.id for row in catalogue.tasks() if row.id in with_records]
    else:
        ids = [catalogue.get(task.removeprefix(PREFIX)).id for task in tasks]
    builders = [AudioFlan(config=task, data_dir=data_dir) for task in ids]
    for builder in builders:
        builder.download_and_prepare()
    return tuple(builder.get_reference().tfds_name() for builder in builders)
