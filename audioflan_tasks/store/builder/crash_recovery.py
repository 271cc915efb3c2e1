"""Code units run so that a clip which ends its process is named and left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from audioflan_tasks.errors import StoreError
from audioflan_tasks.store.builder.codes import NOTE, CodeJob, build_codes
from audioflan_tasks.store.builder.pool import WorkerDiedError, Workers
from audioflan_tasks.store.files import TEMPORARY
from audioflan_tasks.store.schema import CodeMarker

__all__ = ["run_codes"]

# Deaths without a note are no clip's doing; after a few of them the machine is to blame.
_UNEXPLAINED = 3


def run_codes(
    job: CodeJob, workers: Workers, report: Callable[[int, CodeMarker], None]
) -> list[CodeMarker]:
    """The markers of all code buckets; `report(total, marker)` is called after each.

    When a worker dies, what was being worked on is done again by one process alone, so that
    the next death has one cause: the clip that its note names is given up.

    Raises:
      StoreError: workers go on dying and no clip is the cause.
    """
    markers: dict[int, CodeMarker] = {}
    unexplained = 0
    suspects: list[int] = []
    total = 2**job.bits
    while len(markers) < total:
        is_alone = bool(suspects)
        buckets = suspects or [b for b in range(total) if b not in markers]

        def finish(number: int, marker: CodeMarker, buckets: list[int] = buckets) -> None:
            markers[buckets[number]] = marker
            report(total, marker)

        try:
            run = workers.run_alone if is_alone else workers.run
            run(build_codes, [(b, job) for b in buckets], finish)
            suspects = []
        except WorkerDiedError as error:
            clips = _noted_clips(Path(job.folder))
            if is_alone and clips:
                job = replace(job, fatal=(*job.fatal, *clips))
            else:
                unexplained += 1
            if unexplained > _UNEXPLAINED:
                raise StoreError(
                    f"worker processes die while they encode (buckets {error.units}); out of "
                    "memory? Run the build again, with fewer --workers. What is finished is kept."
                ) from None
            suspects = [b for b in (buckets[n] for n in error.units) if b not in markers]
    return [markers[b] for b in range(total)]


def _noted_clips(folder: Path) -> tuple[str, ...]:
    """Ids that processes were encoding when they ended; the notes are removed."""
    clips = []
    for note in sorted(folder.glob(f"{TEMPORARY}*{NOTE}")):
        clips.append(note.read_text("utf-8"))
        note.unlink()
    return tuple(filter(None, clips))
