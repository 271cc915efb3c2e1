"""Code units run so that a clip which ends its process is named and left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from audioflan_tasks.errors import StoreError
from audioflan_tasks.runners import Runner, WorkerDiedError
from audioflan_tasks.store.builder.codes import CodeJob, build_codes, note_path
from audioflan_tasks.store.schema import CodeMarker

__all__ = ["run_codes"]

# After so many deaths in a row of which no clip is the cause the machine is to blame.
_UNEXPLAINED = 3


def run_codes(
    job: CodeJob, runner: Runner, report: Callable[[int, CodeMarker], None]
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
            runner.run(build_codes, [(b, job) for b in buckets], finish, one_by_one=is_alone)
            suspects = []
        except WorkerDiedError as error:
            lost_buckets = [buckets[number] for number in error.units]
            clips = _noted_clips(job, lost_buckets)
            if is_alone and clips:
                job = replace(job, fatal=(*job.fatal, *clips))
                unexplained = 0
            else:
                unexplained += 1
            if unexplained > _UNEXPLAINED:
                raise StoreError(
                    f"worker processes die while they encode (buckets {lost_buckets}); out of "
                    "memory? Run the build again, with fewer --workers. What is finished is kept."
                ) from None
            suspects = [b for b in lost_buckets if b not in markers]
    return [markers[b] for b in range(total)]


def _noted_clips(job: CodeJob, buckets: list[int]) -> tuple[str, ...]:
    """Ids that processes were encoding when they ended; the notes are removed."""
    clips = []
    for bucket in buckets:
        note = note_path(job, bucket)
        if note.exists():
            clips.append(note.read_text("utf-8"))
            note.unlink()
    return tuple(filter(None, clips))
