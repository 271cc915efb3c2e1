"""`audioflan mix attribution MIXTURE --out FILE`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from audioflan_tasks.cli.mix.source import read_mixture
from audioflan_tasks.cli.progress import progress_display
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.rows import Rows, rows_of
from audioflan_tasks.recipes.attribution import attribution
from audioflan_tasks.whole_files import write_whole

__all__ = ["write_attribution"]

# Records between two signs of progress.
_STEP = 256


def write_attribution(name: str, out: Path, root: Path | None, split: str) -> None:
    """Writes whom to name for the records that a mixture draws from; no other is read."""
    mix = read_mixture(name)
    rows = rows_of(mix, Corpus(root), split, settings.example_options())
    tasks = {task for task in mix.tasks if task not in rows.foreign}
    sizes = {task: size for task, size in rows.sizes.items() if task in tasks}
    with progress_display() as display:
        records = _records(
            rows, sizes, lambda done, total: display.update("records read", done, total)
        )
    write_whole(out, attribution(records))
    print(f"wrote {out}: {records.total():,} records of {len({c for c, _ in records})} corpora")


def _records(
    rows: Rows, sizes: Mapping[str, int], progress: Callable[[int, int], None]
) -> Counter[tuple[str, str]]:
    """Numbers of records by corpus and licence."""
    records = Counter[tuple[str, str]]()
    total, done = sum(sizes.values()), 0
    for task, size in sizes.items():
        for row in range(size):
            instance = rows.instance(task, row)
            records[instance.corpus, instance.licence] += 1
            done += 1
            if done % _STEP == 0 or done == total:
                progress(done, total)
    return records
