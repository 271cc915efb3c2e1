"""Prompts of the bundled corpus for tests."""

from __future__ import annotations

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation import Prompt
from audioflan_tasks.evaluation.prompt import make_prompts
from tests.conftest import maker_of


def prompts_of(corpus: Corpus, row: TaskRow, count: int = 10**6) -> list[Prompt]:
    """The first `count` questions of a task's test split."""
    size = min(count, corpus.size(row.id, "test"))
    rows = [(at, corpus.instance(row.id, "test", at)) for at in range(size)]
    return list(make_prompts(maker_of(corpus), corpus, row, "test", rows, 0))
