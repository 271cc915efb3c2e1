"""`audioflan ids CORPUS SOURCE --out FILE`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from audioflan_tasks.cli.output import print_table
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.recipes.source_files import RULES, proposals
from audioflan_tasks.records import iter_instances
from audioflan_tasks.whole_files import WholeFiles

__all__ = ["write_proposals"]


def write_proposals(corpus: str, source: Path, out: Path, root: Path | None) -> None:
    """Writes which file of a source corpus each audio id may mean, and prints how many have one."""
    rules = Counter[str]()
    with WholeFiles() as files:
        file = files.open(out)
        file.write("audio id\tfile (proposed, not verified)\trule\n")
        for proposal in proposals(_audio_ids(root), corpus, source):
            rules[proposal.rule] += 1
            file.write("\t".join(proposal) + "\n")
    print_table(("ids", "rule"), [(str(count), RULES[rule]) for rule, count in rules.most_common()])
    print(f"wrote {out}: {rules.total()} ids; proposed by name alone, compare the audio before use")


def _audio_ids(root: Path | None) -> Iterator[str]:
    for instance in iter_instances(Corpus(root).root):
        yield from instance.audio_ids
