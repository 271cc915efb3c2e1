"""Prints what an example of each record asks: rendered words, answer, options, why words are kept.

    python scripts/question_table.py records.jsonl             one example a record
    python scripts/question_table.py --seeds 8 records.jsonl   and how many list options

A record keeps its own words where the pool could ask something else (`preprocessors.question`).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from audioflan_tasks import catalogue
from audioflan_tasks.preprocessors.prompt_signature import keep_reason
from audioflan_tasks.preprocessors.render import RenderedExample, render
from audioflan_tasks.preprocessors.templates import ENGLISH
from audioflan_tasks.records import Instance, Ledger
from audioflan_tasks.records.tree import read_file
from audioflan_tasks.vocabularies import vocabulary_for


def instances(path: Path) -> Iterator[Instance]:
    """The records of a file, with the vocabulary of the corpus that their ids begin with."""
    yield from map(_with_vocabulary, read_file(path, root=path.parent, ledger=Ledger()))


def _with_vocabulary(instance: Instance) -> Instance:
    if instance.vocabulary or not instance.task:
        return instance
    vocabulary = vocabulary_for(instance.task, instance.corpus or instance.uuid)
    return instance.replace(vocabulary=vocabulary.name if vocabulary else "")


def text_of(example: RenderedExample) -> tuple[str, str]:
    """Input and answer as text, audio as its id in braces."""
    sides = (example.inputs, example.targets)
    texts = ("".join(_segment(s.kind, s.value) for s in side) for side in sides)
    inputs, targets = texts
    return inputs, targets


def _segment(kind: str, value: str) -> str:
    return f"{{{value}}}" if kind == "audio" else value


def row_of(instance: Instance, seed: int) -> str:
    """One line: task, instruction of the record, example, answer, template or reason."""
    row = catalogue.get(instance.task)
    example = render(instance, row, seed)
    reason = keep_reason(instance, row, (ENGLISH,))
    inputs, targets = text_of(example)
    cells = (
        row.id,
        instance.instruction,
        inputs,
        targets,
        f"keep: {reason}" if reason else example.template,
    )
    return " | ".join(cell.replace("\n", " ⏎ ") for cell in cells)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table, and the counts below it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("records", type=Path)
    parser.add_argument("--seeds", type=int, default=1, help="examples of each record")
    options = parser.parse_args(arguments)
    reasons: Counter[str] = Counter()
    listed: Counter[bool] = Counter()
    for instance in instances(options.records):
        row = catalogue.get(instance.task)
        reasons[str(keep_reason(instance, row, (ENGLISH,)) or "asked from the pool")] += 1
        for seed in range(options.seeds):
            print(row_of(instance, seed))
            if instance.vocabulary and row.answer_kind.lists_options:
                listed["+" in render(instance, row, seed).template] += 1
    print(
        ", ".join(f"{reason} {count}" for reason, count in reasons.most_common()), file=sys.stderr
    )
    print(
        f"examples of classification records with a vocabulary: {listed[True]} of "
        f"{listed.total()} list options ({listed[True] / max(1, listed.total()):.0%})",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
