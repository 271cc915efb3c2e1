"""Code units run so that a clip which ends its process is found and left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from audioflan_tasks.errors import StoreError
from audioflan_tasks.store.builder.codes import NOTE, CodeJob, build_codes
from audioflan_tasks.store.builder.pool import WorkerDiedError, Workers
from audioflan_tasks.store.publish import TEMPORARY

__all__ = ["run_codes"]

_Said = dict[str, Any]
# Deaths without a note are no clip's doing; after a few of them the machine is to blame.
_UNEXPLAINED = 3


def run_codes(job: CodeJob, workers: Workers, tell: Callable[[int, _Said], None]) -> list[_Said]:
    """What the markers of all code buckets say.

    When a worker dies, what was being worked on is done again by one process alone, so that
    the next death has one cause: the clip that its note names is given up.

    Raises:
      StoreError: workers go on dying and no clip is the cause.
    """
    made: dict[int, _Said] = {}
    unexplained = 0
    suspects: list[int] = []
    total = 2**job.bits
    while len(made) < total:
        alone = bool(suspects)
        todo = suspects or [b for b in range(total) if b not in made]

        def done(number: int, said: _Said, todo: list[int] = todo) -> None:
            made[todo[number]] = said
            tell(total, said)

        try:
            run = workers.run_alone if alone else workers.run
            run(build_codes, [(b, job) for b in todo], done)
            suspects = []
        except WorkerDiedError as error:
            named = _notes(Path(job.folder))
            if alone and named:
                job = job._replace(fatal=(*job.fatal, *named))
            else:
                unexplained += 1
            if unexplained > _UNEXPLAINED:
                raise StoreError(
                    f"worker processes die while they encode (buckets {error.units}); out of "
                    "memory? Run the build again, with fewer --workers. What is finished is kept."
                ) from None
            suspects = [b for b in (todo[n] for n in error.units) if b not in made]
    return [made[b] for b in range(total)]


def _notes(folder: Path) -> tuple[str, ...]:
    """Ids that processes were encoding when they ended; the notes are removed."""
    found = []
    for note in sorted(folder.glob(f"{TEMPORARY}*{NOTE}")):
        found.append(note.read_text("utf-8"))
        note.unlink()
    return tuple(filter(None, found))
