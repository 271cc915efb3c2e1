"""`audioflan stats SOURCE`."""

from __future__ import annotations

import json
from pathlib import Path

from audioflan_tasks.catalogue import PREFIX
from audioflan_tasks.cli.mix.report import report_of
from audioflan_tasks.cli.output import print_table
from audioflan_tasks.cli.progress import progress_display
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures import mixture_named
from audioflan_tasks.remote import is_address
from audioflan_tasks.statistics import InstanceCounts, Statistics, count_corpus, statistics_of
from audioflan_tasks.statistics.formatting import (
    ATTRIBUTE_HEADER,
    MAJOR_HEADER,
    PART_HEADER,
    TREE_HEADER,
    attribute_rows,
    major_rows,
    notes,
    part_rows,
    tree_rows,
)
from audioflan_tasks.statistics.page import page
from audioflan_tasks.whole_files import write_whole

__all__ = ["print_statistics"]


def print_statistics(
    source: str, root: Path | None, split: str, steps: int, html: Path | None, as_json: bool
) -> None:
    """Prints the statistics of a corpus, a store, or a mixture over one."""
    statistics = _statistics(source, root, split, steps)
    if html is not None:
        write_whole(html, page(statistics))
    if as_json:
        print(json.dumps(statistics.as_dict(), indent=2, ensure_ascii=False))
        return
    print_table(MAJOR_HEADER, major_rows(statistics))
    print_table(PART_HEADER, part_rows(statistics))
    print_table(TREE_HEADER, tree_rows(statistics))
    print_table(ATTRIBUTE_HEADER, attribute_rows(statistics))
    for note in notes(statistics):
        print(note)
    if html is not None:
        print(f"wrote {html}")


def _statistics(source: str, root: Path | None, split: str, steps: int) -> Statistics:
    path = Path(source).expanduser()
    if not source or is_address(source) or (path.exists() and path.suffix != ".toml"):
        corpus = Corpus(source or root)
        counts = _counted(corpus, split)
        if not counts.instances and not counts.without_task:
            raise SettingsError(
                f"{corpus.address}: no records to count; why: audioflan check {corpus.address}"
            )
        return statistics_of(counts, corpus.address)
    mix, split = mixture_named(source), split or "train"
    counts = _counted(Corpus(root), split)
    report = report_of(mix, root, split, False, steps)
    draws = {line.name.removeprefix(PREFIX): line.share * steps for line in report.levels["task"]}
    return statistics_of(counts.scaled(draws), f"{steps:,} examples of {source} ({split})")


def _counted(corpus: Corpus, split: str) -> InstanceCounts:
    with progress_display() as display:

        def advance(count: int, total: int) -> None:
            display.update("shards counted", count, total)

        return count_corpus(corpus, split, advance)
