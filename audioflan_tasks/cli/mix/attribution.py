"""`audioflan mix attribution MIXTURE --out FILE`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from audioflan_tasks.cli.mix.source import read_mixture
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.rows import rows_of
from audioflan_tasks.recipes.attribution import attribution
from audioflan_tasks.whole_files import write_whole

__all__ = ["write_attribution"]


def write_attribution(name: str, out: Path, root: Path | None, split: str) -> None:
    """Writes whom to name for the records that a mixture draws from."""
    mix = read_mixture(name)
    rows = rows_of(mix, Corpus(root), split, settings.example_options())
    records = Counter[tuple[str, str]]()
    for task, size in rows.sizes.items():
        for row in range(size if task in mix.tasks and task not in rows.foreign else 0):
            instance = rows.instance(task, row)
            records[instance.corpus, instance.licence] += 1
    write_whole(out, attribution(records))
    print(f"wrote {out}: {records.total():,} records of {len({c for c, _ in records})} corpora")
