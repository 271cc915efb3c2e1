"""Pools are more varied than the paper's examples, and choices from them are fair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import pytest
from scipy.stats import chi2_contingency, chisquare

from audioflan_tasks.catalogue import get
from audioflan_tasks.cli.diversity import HEADER, table_rows
from audioflan_tasks.preprocessors.render import RenderedExample, render
from audioflan_tasks.preprocessors.templates import pool
from audioflan_tasks.records import Instance
from audioflan_tasks.variation.diversity import OWN_POOLS, PAPER_EXAMPLES, quality, read_pools
from audioflan_tasks.variation.diversity_page import diversity_page
from tests.kinds import first_of

pytestmark = pytest.mark.slow


POOLS = {(p.task, p.language): p for p in read_pools(OWN_POOLS)}
PAPER = quality(read_pools(PAPER_EXAMPLES)[0])

COUNT = 20_000
# Seeds are fixed, so a test that passes once passes always. Below this a fair choice falls
# once in a thousand tests.
LEVEL = 0.001

BOTH = ("en", "zh")
FULL = pytest.mark.full
CASES = first_of(
    ("emotion_recognition", BOTH),
    ("beat_tracking", ("en",)),
    ("text_to_speech", ("en",)),
    ("text_to_speech", ("zh",)),
    ("text_to_speech", BOTH),
    ("gender_recognition", ("en",)),
    ("gender_recognition", ("zh",)),
)


@pytest.mark.parametrize(("task", "language"), POOLS, ids=lambda value: value)
def test_a_pool_is_more_varied_than_the_papers_examples(task: str, language: str) -> None:
    pool_quality = quality(POOLS[task, language])
    assert pool_quality.distinct_2 > PAPER.distinct_2
    assert pool_quality.self_bleu < PAPER.self_bleu
    assert not pool_quality.near_pairs


def test_the_papers_examples_fail() -> None:
    assert len(PAPER.near_pairs) == 1
    assert PAPER.self_bleu > 40


def test_the_document_is_up_to_date() -> None:
    pools = {name: read_pools(name) for name in (OWN_POOLS, PAPER_EXAMPLES)}
    page = diversity_page(HEADER, table_rows(pools, by_task=True))
    file = Path(__file__).parents[2] / "docs" / "pools.md"
    assert file.read_text(encoding="utf-8") == page, (
        "run audioflan diversity pools paper --by-task --out FOLDER; it is its diversity.md"
    )


@lru_cache(maxsize=32)
def rendered(
    task: str, languages: tuple[str, ...] = ("en",), seed: int = 0, epoch: int = 0
) -> tuple[RenderedExample, ...]:
    """One record under 20,000 uuids, which are the same for every task."""
    row = get(task)
    instance = Instance(
        instruction="",
        input="come in" if row.reads == ("text",) else "<|SOA|>x<|EOA|>",
        output="<|SOA|>y<|EOA|>" if row.writes == ("audio",) else (*row.labels, "0.52, 1.04")[0],
        task=task,
    )
    return tuple(
        render(instance.replace(uuid=f"{n:024x}"), row, seed, epoch=epoch, languages=languages)
        for n in range(COUNT)
    )


def chosen(made: Sequence[RenderedExample]) -> list[str]:
    """The instruction of each, without the style of its options."""
    return [one.template.split("+")[0] for one in made]


def dependence(one: Sequence[str], other: Sequence[str]) -> float:
    """p-value of the chi-square test that two choices are independent."""
    pairs = Counter(zip(one, other, strict=True))
    rows, columns = sorted(set(one)), sorted(set(other))
    return float(chi2_contingency([[pairs[r, c] for c in columns] for r in rows]).pvalue)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_choice_is_uniform(case: tuple[str, tuple[str, ...]]) -> None:
    task, languages = case
    counts = Counter(chosen(rendered(task, languages)))
    size = sum(len(pool(task, language=language).instruction) for language in languages)
    assert len(counts) == size
    assert chisquare(list(counts.values())).pvalue > LEVEL


def test_a_skewed_choice_would_be_noticed() -> None:
    counts = Counter(chosen(rendered("text_to_speech")))
    counts["text_to_speech/0"] += 300
    assert chisquare(list(counts.values())).pvalue < LEVEL


@pytest.mark.parametrize("languages", first_of(BOTH, ("en",)), ids=str)
@pytest.mark.parametrize(
    "other",
    [
        lambda languages: rendered("denoising", languages, epoch=1),
        pytest.param(lambda languages: rendered("text_to_speech", languages), marks=FULL),
        pytest.param(lambda languages: rendered("denoising", languages, seed=1), marks=FULL),
    ],
    ids=["epoch", "task", "seed"],
)
def test_the_choice_is_independent_of(
    other: Callable[[tuple[str, ...]], tuple[RenderedExample, ...]], languages: tuple[str, ...]
) -> None:
    assert dependence(chosen(rendered("denoising", languages)), chosen(other(languages))) > LEVEL


def test_the_lead_in_is_independent_of_the_instruction() -> None:
    made = rendered("denoising")
    lead_ins = ["".join(s.value for s in one.targets[:-1]) for one in made]
    assert len(set(lead_ins)) == len(pool("denoising").answer.lead_ins)
    assert dependence(chosen(made), lead_ins) > LEVEL


def test_the_place_of_the_input_is_independent_of_instruction_and_epoch() -> None:
    made = rendered("denoising")
    places = [one.inputs[0].role for one in made]
    assert dependence(chosen(made), places) > LEVEL
    later = [one.inputs[0].role for one in rendered("denoising", epoch=1)]
    assert dependence(places, later) > LEVEL
    assert abs(places.count("input") / len(places) - 1 / 3) < 0.02


def test_dependent_choices_would_be_noticed() -> None:
    one = [name.split("/")[-1] for name in chosen(rendered("denoising"))]
    other = [name.split("/")[-1] for name in chosen(rendered("text_to_speech"))]
    # One record in ten has the same number in both tasks.
    other[::10] = one[::10]
    assert dependence(one, other) < LEVEL
