"""Unfaithful rewrites are found and faithful ones are not refused, on pairs made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest

from tests.kinds import first_of
from tests.variation.pairs import LISTS, WIDE, Pair, judged_refusals, pairs

ALL = [pair for name in LISTS for pair in pairs(name)]
# Every second one of both kinds by default, all of them in the long form.
SHARES = first_of(2, 1)


@cache
def is_refused(pair: Pair) -> bool:
    """Whether a rule objects."""
    return bool(pair.objections)


def recall(some: Sequence[Pair]) -> float:
    """The share of unfaithful pairs to which a rule objects."""
    unfaithful = [pair for pair in some if not pair.is_faithful]
    return sum(map(is_refused, unfaithful)) / len(unfaithful)


def false_alarms(some: Sequence[Pair]) -> float:
    """The share of faithful pairs to which a rule objects."""
    faithful = [pair for pair in some if pair.is_faithful]
    return sum(map(is_refused, faithful)) / len(faithful)


def test_there_are_enough_pairs_of_enough_tasks_in_both_languages() -> None:
    assert len({(p.task, p.original, p.rewrite) for p in ALL}) == len(ALL) >= 300
    assert len(pairs("first")) >= 100 and len(pairs("held_out")) >= 100
    assert len({pair.task for pair in ALL}) >= 40
    for language in ("en", "zh"):
        own = [pair for pair in ALL if pair.language == language]
        assert {pair.is_faithful for pair in own} == {True, False} and len(own) > 80


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("step", SHARES)
def test_unfaithful_rewrites_are_found_and_faithful_ones_are_not_refused(
    step: int, language: str
) -> None:
    some = [pair for pair in ALL[::step] if pair.language == language]
    assert recall(some) >= 0.98
    assert false_alarms(some) < 0.05


@pytest.mark.slow
def test_words_that_no_table_has_are_where_rules_end() -> None:
    """What docs/variation.md says of rewrites in any words; a judge is for these."""
    wide = [pair for name in WIDE for pair in pairs(name)]
    assert len(wide) > 820
    assert recall(wide) > 0.85 and false_alarms(wide) < 0.25


def test_a_judge_tells_them_apart_in_any_words() -> None:
    """By stored verdicts of a large model on a list that nobody has mended a rule by."""
    refused = judged_refusals(WIDE[-1])
    for is_faithful in (False, True):
        verdicts = [refusal for pair, refusal in refused.items() if pair.is_faithful is is_faithful]
        share = sum(verdicts) / len(verdicts)
        assert (share < 0.05) if is_faithful else (share >= 0.98)
