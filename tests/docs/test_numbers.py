"""Numbers that guides state about the catalogue are those of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.evaluation.selection import split_named
from audioflan_tasks.mixtures.holdout.clusters import cluster_list, held_out
from audioflan_tasks.preprocessors.templates import languages_of

DOCS = Path(__file__).parents[2] / "docs"
ROWS = catalogue.tasks()[:80]


def _clusters() -> str:
    sizes = [len(cluster) for cluster in cluster_list("task")]
    return f"There are {len(sizes)} clusters of width `task`; the largest has {max(sizes)} tasks."


def _default_split() -> str:
    names = held_out()
    families = [cluster for cluster in cluster_list() if cluster & names]
    return f"the default split: {len(families)} families, {len(names)} tasks"


def _seen() -> str:
    return f"all the other {len(ROWS) - len(held_out())} tasks"


def _fold_of_transcription() -> str:
    fold = split_named("fold:family/transcription")
    counts = len(fold.eval.tasks), len(fold.train.tasks)
    return f"the fold of *transcription* measures {counts[0]} tasks and trains on {counts[1]}"


def _scaled() -> str:
    return f"each of them is within 5 points of 0 in each of the {len(ROWS)} tasks"


def _majors() -> str:
    return f"a major task ({len({row.major for row in ROWS})} of them)"


def _mandarin() -> str:
    count = sum("zh" in languages_of(row.id) for row in ROWS)
    return f"{count} tasks have one in Mandarin"


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("unseen.md", _clusters),
        ("unseen.md", _default_split),
        ("unseen.md", _seen),
        ("unseen.md", _fold_of_transcription),
        ("evaluation.md", _scaled),
        ("mixtures.md", _majors),
        ("templates.md", _mandarin),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_the_page_states_the_number(page: str, sentence: Callable[[], str]) -> None:
    text = " ".join((DOCS / page).read_text(encoding="utf-8").split())
    assert sentence() in text
