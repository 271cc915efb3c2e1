"""Intervals and paired tests: against their theory, by hand, and by simulation."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy import stats

from audioflan_tasks.evaluation.scoring.normalisation import Anchors
from audioflan_tasks.evaluation.scoring.paired import exchange_of, mean_gain_p, paired_p
from audioflan_tasks.evaluation.scoring.statistics import (
    correlation,
    difference_bounds,
    interval,
    least_detectable,
    mean_bounds,
)
from audioflan_tasks.metrics import Batch, metric
from audioflan_tasks.metrics.sums import Sums, mean, ratio

SCRIPTS = Path(__file__).parents[3] / "scripts"
SHARE = (0.0, 1.0)
RATE = (0.0, float("inf"))


@pytest.fixture(scope="module")
def simulation() -> Iterator[ModuleType]:
    sys.path.insert(0, str(SCRIPTS))
    try:
        spec = importlib.util.spec_from_file_location(
            "significance_table", SCRIPTS / "significance_table.py"
        )
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["significance_table"] = module
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(SCRIPTS))
        sys.modules.pop("significance_table", None)


def rights(right: int, count: int) -> Sums:
    return mean([1.0] * right + [0.0] * (count - right))


@pytest.mark.parametrize(("right", "count"), [(20, 20), (19, 20), (0, 8), (5, 12), (480, 500)])
def test_of_right_and_wrong_answers_the_interval_is_the_exact_one(right: int, count: int) -> None:
    exact = stats.binomtest(right, count).proportion_ci(method="exact")
    _, low, high = interval(rights(right, count), SHARE, 0.0)
    assert (low, high) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_no_run_is_certain() -> None:
    """Perfect answers to n questions leave room for an error in the next."""
    _, low, high = interval(rights(20, 20), SHARE, 0.0)
    assert low == pytest.approx(0.025 ** (1 / 20)) and high == 1
    _, low, high = interval(ratio([(0, 10)] * 20), RATE, 1.0)
    assert low == 0 and high == pytest.approx(-np.log(0.025) / 20)  # an utterance without an answer
    assert least_detectable((low, high)) > 0


def test_of_many_values_the_interval_is_that_of_the_normal_law() -> None:
    sample = np.random.default_rng(0).normal(3.0, 2.0, 4000).clip(-60, 60)
    stderr, low, high = interval(mean(sample), (-60.0, 60.0), 0.0)
    assert stderr == pytest.approx(sample.std(ddof=1) / np.sqrt(4000), rel=0.05)
    assert (low, high) == pytest.approx(
        (sample.mean() - 1.96 * stderr, sample.mean() + 1.96 * stderr), abs=0.003
    )
    # Card et al. 2020: 2.8 standard errors of a difference for 80 % power.
    assert least_detectable((low, high)) == pytest.approx(2.8016 * np.sqrt(2) * stderr, rel=0.01)


def test_bounds_of_means_and_differences() -> None:
    assert mean_bounds([(5, 2, 8), (7, 3, 8)]) == (6 - 5 / 2, 6 + np.hypot(3, 1) / 2)
    assert difference_bounds((5, 2, 8), (7, 3, 8), 0.0) == (2 - 5, 2 + np.hypot(3, 1))
    assert difference_bounds((5, 4, 6), (5, 4, 6), 1.0) == (0, 0)


def test_right_against_wrong_is_mcnemars_exact_test() -> None:
    base, other = mean([1, 1, 0, 0, 0, 0, 0, 0, 1, 0]), mean([1, 0, 1, 1, 1, 1, 1, 1, 1, 0])
    assert paired_p(exchange_of(base, other), 0) == (2 * 8 / 128, "exact sign test")  # 6 of 7
    many = exchange_of(mean(np.zeros(400)), mean(np.ones(400)))
    assert paired_p(many, 0)[0] == 2.0**-399
    assert paired_p(exchange_of(base, base), 0)[0] == 1.0


def test_rare_labels_may_vary_more_than_right_and_wrong() -> None:
    """One of two examples of a rare label decides half of a balanced accuracy."""
    real = ["a"] * 48 + ["b"] * 2
    sums = metric("balanced_accuracy").sums_of(Batch(real, ["a"] * 49 + ["b"]))
    assert sums is not None and sums.whole == pytest.approx(0.75)
    _, low, high = interval(sums, SHARE, 0.0)
    assert low < 0.5 and high > 0.9
    _, low, _ = interval(rights(37, 50), SHARE, 0.0)
    assert low > 0.55


def test_where_all_are_bad_a_good_one_may_be_unseen() -> None:
    """With bounds of the jackknife alone, 10 of 100 intervals at this rate lay above the truth."""
    rates = [(8, 10), (9, 10), (10, 10), (9, 10)] * 2
    _, low, _ = interval(ratio(rates), RATE, 1.0)
    assert 0.5 < low < 0.75


def test_the_permutation_test_is_scipys() -> None:
    for count, tolerance in ((11, 1e-9), (80, 0.02)):
        sample = np.random.default_rng(count).normal(0.3, 1, count)
        expected = stats.permutation_test(
            (sample,), lambda x, axis: x.mean(axis=axis), permutation_type="samples",
            n_resamples=20_000, rng=3,
        ).pvalue  # fmt: skip
        p, _ = paired_p(exchange_of(mean(np.zeros(count)), mean(sample)), 0)
        assert p == pytest.approx(expected, abs=tolerance)


def test_few_examples_say_little_about_how_runs_go_together() -> None:
    """Two examples always lie on a line, one on any: neither makes a gain certain."""
    for count in (1, 2):
        base, other = mean(np.arange(count)), mean(2.0 * np.arange(count))
        assert correlation(base, other) == 0
    base, other = mean(np.arange(41)), mean(2.0 * np.arange(41))
    assert correlation(base, other) == pytest.approx(1 - 1 / 40)
    zero, one = mean([0.0]), mean([1.0])
    spreads = [interval(score, SHARE, 0.0) for score in (zero, one)]
    low, high = difference_bounds(
        (0.0, spreads[0].low, spreads[0].high), (1.0, spreads[1].low, spreads[1].high),
        correlation(zero, one),
    )  # fmt: skip
    assert low < 0 < high


@pytest.mark.slow
def test_p_has_no_floor_that_a_correction_could_not_pass() -> None:
    """A WER that falls from .3 to .2 over 5,000 utterances is one of 73 results."""
    generator = np.random.default_rng(0)
    words = 5 + generator.poisson(5, 5000)
    base, other = (
        ratio(np.stack([generator.binomial(words, rate), words], 1)) for rate in (0.3, 0.2)
    )
    p, _ = paired_p(exchange_of(base, other), 0)
    assert 73 * p < 0.002


def test_perfect_against_hopeless_is_seen_over_all_tasks() -> None:
    tasks = [(exchange_of(rights(0, 8), rights(8, 8)), Anchors(0.5, 1.0)) for _ in range(9)]
    assert mean_gain_p(tasks, 0) < 1e-4
    assert mean_gain_p([(exchange_of(rights(8, 8), rights(8, 8)), Anchors(0.5, 1.0))], 0) == 1.0


@pytest.mark.slow
def test_simulated_coverage_and_false_positives(simulation: ModuleType) -> None:
    """The short form of scripts/significance_table.py: 93 % and 5.5 %, with the error of 300."""
    for _, (covered,) in simulation.coverage_rows((12,), 120):
        assert covered > 0.88
    for name in (simulation.share(0.7), simulation.wer(0.1), simulation.events(0.5)):
        assert simulation.false_positives(name, 12, 200) < 0.09


@pytest.mark.full
@pytest.mark.parametrize("count", [8, 20, 100, 500])
def test_simulated_at_length(simulation: ModuleType, count: int) -> None:
    """93 %, but for the error of so many draws, and 5.5 %."""
    for name, (covered,) in simulation.coverage_rows((count,), 2000):
        assert covered >= 0.925, name
    with simulation.few_exchanges():
        for name, (positives,) in simulation.test_rows((count,), 2000):
            assert positives <= 0.055, name
