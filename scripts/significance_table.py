"""Simulates intervals and tests, and writes docs/evaluation.md's tables: `--quick` only prints.

Answers are drawn from populations whose true score is known. Coverage is how often the 95 %
interval holds it; false positives are how often two runs of one population differ at 5 %.
Seeded; some minutes in full.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from generated_page import between
from numpy.typing import NDArray

from audioflan_tasks.evaluation.compare import holm
from audioflan_tasks.evaluation.scoring import paired
from audioflan_tasks.evaluation.scoring.normalisation import Anchors
from audioflan_tasks.evaluation.scoring.paired import (
    Exchange,
    exchange_of,
    mean_gain_p,
    paired_p,
)
from audioflan_tasks.evaluation.scoring.statistics import (
    correlation,
    difference_bounds,
    interval,
    mean_bounds,
)
from audioflan_tasks.metrics import Batch, Sums, metric

PAGE = Path(__file__).parents[1] / "docs" / "evaluation.md"
SIZES = (8, 12, 20, 50, 200, 1000)
_TRUTH, _DRAWS = 100_000, 1_000
# A test at 5 % is exact with any number of exchanges that with 1 is a multiple of 20.
_EXCHANGES = 399
_MOST_POSITIVES = 0.055

Floats = NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Population:
    """Draws the parts of examples, [n, k], whose metric has these bounds."""

    draw: Callable[[Random, int], Floats]
    value: Callable[[Floats], Floats]
    bounds: tuple[float, float] = (0.0, 1.0)
    unanswered: float = 0.0
    most_trials: float | None = None

    def truth(self) -> float:
        """The metric over very many examples."""
        return Sums(self.draw(np.random.default_rng(1), _TRUTH), self.value).whole

    def sums(self, random: Random, count: int) -> Sums:
        """The metric over `count` examples."""
        return Sums(self.draw(random, count), self.value, self.most_trials)

    def spread(self, sums: Sums) -> tuple[float, float, float]:
        """Value and bounds."""
        _, low, high = interval(sums, self.bounds, self.unanswered)
        return sums.whole, low, high


def value_of(name: str) -> Callable[[Floats], Floats]:
    """How a metric follows from its sums."""
    sides: Mapping[str, tuple[Any, Any]] = {
        "accuracy": ("a", "a"), "macro_f1": ("a", "a"), "wer": (("a",), ("a",)),
        "bleu": (("a",), ("a",)), "event_f1": ((), ()),
    }  # fmt: skip
    sums = metric(name).sums_of(Batch([sides[name][0]], [sides[name][1]]))
    assert sums is not None
    return sums.value


def bleu_of(sums: Floats) -> Floats:
    """BLEU of the counts of as long answers as references: sacrebleu's, which is slow row by row.

    Where a count is 0 sacrebleu says how that is smoothed.
    """
    correct, total = sums[..., 2:6], sums[..., 6:]
    with np.errstate(divide="ignore", invalid="ignore"):
        values = 100 * np.exp(np.log(correct / total).mean(axis=-1))
    rare = (correct == 0).any(axis=-1)
    if rare.any():
        values = np.array(values)
        values[rare] = value_of("bleu")(sums[rare])
    return np.asarray(values)


def share(p: float) -> Population:
    """Right answers, each with probability p."""
    return values(lambda random, count: random.random(count) < p)


def values(draw: Callable[[Random, int], Any], **facts: Any) -> Population:
    """The mean of values."""

    def parts(random: Random, count: int) -> Floats:
        return np.stack([np.asarray(draw(random, count), np.float64), np.ones(count)], axis=1)

    return Population(parts, value_of("accuracy"), **facts)


def wer(rate: float) -> Population:
    """Utterances of about ten words, some of which are much worse than others."""

    def draw(random: Random, count: int) -> Floats:
        words = 1 + random.poisson(9, count)
        own_rate = random.beta(2 * rate, 2 * (1 - rate), count)
        errors = random.binomial(words, own_rate) + random.poisson(0.1 * rate * words)
        return np.stack([errors, words], axis=1).astype(np.float64)

    return Population(draw, value_of("wer"), (0.0, np.inf), 1.0)


def bleu(right: float) -> Population:
    """Sentences of about twelve words, each word right with the probability of its sentence."""

    def draw(random: Random, count: int) -> Floats:
        lengths = 4 + random.poisson(8, count)
        own = random.beta(4 * right, 4 * (1 - right), count)
        hits = (random.random((count, lengths.max())) < own[:, None]) & (
            np.arange(lengths.max()) < lengths[:, None]
        )
        runs = [hits]
        for order in range(1, 4):
            runs.append(runs[-1][:, :-1] & hits[:, order:])
        correct = [run.sum(axis=1) for run in runs]
        totals = [lengths - order for order in range(4)]
        return np.stack([lengths, lengths, *correct, *totals], axis=1).astype(np.float64)

    return Population(draw, bleu_of, (0.0, 100.0), most_trials=3.0)


def events(right: float) -> Population:
    """About three events in each example, hit or missed together with false ones."""

    def draw(random: Random, count: int) -> Floats:
        real = 1 + random.poisson(2, count)
        hits = random.binomial(real, random.beta(2 * right, 2 * (1 - right), count))
        false = random.poisson(2 * (1 - right), count)
        return np.stack([2 * hits, real + hits + false], axis=1).astype(np.float64)

    return Population(draw, value_of("event_f1"))


def macro_f1(right: float, labels: int) -> Population:
    """One of some labels, of which the n-th is n times as rare as the first."""

    def draw(random: Random, count: int) -> Floats:
        weights = 1 / np.arange(1, labels + 1)
        real = random.choice(labels, count, p=weights / weights.sum())
        answer = np.where(random.random(count) < right, real, random.integers(0, labels, count))
        rows = np.eye(labels)
        both = rows[real] * rows[answer]
        return np.concatenate([2 * both, rows[real] + rows[answer], rows[real]], axis=1)

    return Population(draw, value_of("macro_f1"), most_trials=1.0)


def populations() -> dict[str, list[Population]]:
    """The kinds of scores, from middling to nearly perfect."""
    return {
        "share, p .5 to .99": [share(p) for p in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)],
        "WER .02 to .9": [wer(rate) for rate in (0.02, 0.1, 0.3, 0.6, 0.85)],
        "BLEU": [bleu(right) for right in (0.2, 0.3, 0.6, 0.9)],
        "event F1": [events(right) for right in (0.2, 0.5, 0.9, 0.97)],
        "macro F1, 4 labels": [macro_f1(right, 4) for right in (0.3, 0.7, 0.95)],
        "macro F1, 25 labels": [macro_f1(right, 25) for right in (0.3, 0.7, 0.95)],
        "values 0 to 1": [
            values(lambda random, n: random.beta(0.5, 0.2, n)),
            values(lambda random, n: random.beta(8, 2, n)),
            values(lambda random, n: np.where(random.random(n) < 0.8, 1, random.random(n))),
        ],
        "error of numbers": [
            values(lambda random, n: random.exponential(1, n), bounds=(0.0, np.inf), unanswered=3.0)
        ],
        "SI-SDR": [values(lambda random, n: random.normal(10, 6, n), bounds=(-60.0, 60.0))],
        "mel-cepstral distance": [
            values(lambda random, n: random.normal(8, 1.5, n), bounds=(0.0, np.inf),
                   unanswered=40.0),
        ],
    }  # fmt: skip


def coverage(kinds: Sequence[Population], count: int, repeats: int) -> float:
    """The lowest share of intervals that hold the truth over the populations of a kind."""
    random = np.random.default_rng(count)
    shares = []
    for population in kinds:
        truth = population.truth()
        spreads = [population.spread(population.sums(random, count)) for _ in range(repeats)]
        shares.append(np.mean([low <= truth <= high for _, low, high in spreads]))
    return float(min(shares))


def macro_coverage(count: int, repeats: int) -> float:
    """How often the interval of a mean over eight tasks holds it."""
    tasks = [share(0.5), share(0.8), share(0.95), share(0.99), events(0.5), events(0.9),
             macro_f1(0.7, 4), values(lambda random, n: random.beta(0.5, 0.2, n))]  # fmt: skip
    truth = float(np.mean([task.truth() for task in tasks]))
    random = np.random.default_rng(count)
    hits = 0
    for _ in range(repeats):
        low, high = mean_bounds([task.spread(task.sums(random, count)) for task in tasks])
        hits += low <= truth <= high
    return hits / repeats


def runs(population: Population, random: Random, count: int) -> tuple[Sums, Sums]:
    """Two runs of one quality: half of their examples come out alike."""
    base, other = (population.draw(random, count) for _ in range(2))
    alike = random.random(count) < 0.5
    return (
        Sums(base, population.value),
        Sums(np.where(alike[:, None], base, other), population.value),
    )


def gain_coverage(population: Population, count: int, repeats: int) -> float:
    """How often the interval of the gain between two runs of one quality holds 0."""
    random = np.random.default_rng(count)
    hits = 0
    for _ in range(repeats):
        base, other = runs(population, random, count)
        low, high = difference_bounds(
            population.spread(base), population.spread(other), correlation(base, other)
        )
        hits += low <= 0 <= high
    return hits / repeats


@contextmanager
def few_exchanges() -> Iterator[None]:
    """Tests make no more exchanges than a decision at 5 % needs."""
    most = paired._MOST_EXCHANGES
    paired._MOST_EXCHANGES = _EXCHANGES
    try:
        yield
    finally:
        paired._MOST_EXCHANGES = most


def false_positives(population: Population, count: int, repeats: int) -> float:
    """How often two runs of one quality differ at 5 %."""
    random = np.random.default_rng(count)
    p_values = [
        paired_p(exchange_of(*runs(population, random, count)), seed)[0] for seed in range(repeats)
    ]
    return float(np.mean(np.array(p_values) <= 0.05))


def any_of_tasks(count: int, repeats: int) -> float:
    """How often any of eight tasks differs after Holm's correction."""
    least = [
        min(holm([paired_p(exchange, seed)[0] for exchange in exchanges]))
        for seed, exchanges in enumerate(exchanges_of_tasks(count, repeats))
    ]
    return float(np.mean(np.array(least) <= 0.05))


def overall(count: int, repeats: int) -> float:
    """How often the mean gain over eight tasks differs from 0."""
    p_values = [
        mean_gain_p([(exchange, Anchors(0.25, 1.0)) for exchange in exchanges], seed)
        for seed, exchanges in enumerate(exchanges_of_tasks(count, repeats))
    ]
    return float(np.mean(np.array(p_values) <= 0.05))


def exchanges_of_tasks(count: int, repeats: int) -> Iterator[list[Exchange]]:
    """Pairs of runs of one quality over eight tasks."""
    tasks = [share(0.5), share(0.9), events(0.5), macro_f1(0.7, 4)] * 2
    random = np.random.default_rng(count)
    for _ in range(repeats):
        yield [exchange_of(*runs(task, random, count)) for task in tasks]


def checked(rate: Callable[[int, int], float], count: int, repeats: int) -> float:
    """A rate of false positives; above 5.5 %, where chance may be the reason, of ten times as many
    draws."""
    first = rate(count, repeats)
    return first if first <= _MOST_POSITIVES else rate(count, 10 * repeats)


def smallest_p(count: int) -> tuple[float, float]:
    """P-value of a WER that falls from 0.3 to 0.2, alone and as one of 73 after Holm."""
    random = np.random.default_rng(count)
    base, other = wer(0.3).sums(random, count), wer(0.2).sums(random, count)
    p, _ = paired_p(exchange_of(base, other), 0)
    return p, holm([p] + [1.0] * 72)[0]


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


def coverage_rows(sizes: Sequence[int], repeats: int) -> Iterator[tuple[str, list[float]]]:
    """Coverage by kind of score and number of examples."""
    for name, kinds in populations().items():
        yield name, [coverage(kinds, n, repeats) for n in sizes]
    yield "mean over 8 tasks", [macro_coverage(n, repeats) for n in sizes]
    for name, population in (("share", share(0.7)), ("WER", wer(0.3))):
        label = f"gain between two runs, {name}"
        yield label, [gain_coverage(population, n, repeats) for n in sizes]


def test_rows(sizes: Sequence[int], repeats: int) -> Iterator[tuple[str, list[float]]]:
    """False positives by kind of score and number of examples."""
    kinds = {
        "share .7": share(0.7), "WER .1": wer(0.1), "WER .3": wer(0.3), "BLEU": bleu(0.6),
        "event F1": events(0.5), "macro F1": macro_f1(0.7, 4),
        "values 0 to 1": values(lambda random, n: random.beta(0.5, 0.2, n)),
    }  # fmt: skip
    rates: dict[str, Callable[[int, int], float]] = {
        name: partial(false_positives, population) for name, population in kinds.items()
    }
    rates |= {"any of 8 tasks (Holm)": any_of_tasks, "overall test over 8 tasks": overall}
    for name, rate in rates.items():
        yield name, [checked(rate, n, repeats) for n in sizes]


def table(first: str, sizes: Sequence[int], rows: Sequence[tuple[str, list[float]]]) -> str:
    lines = [[first, *(f"n = {n}" for n in sizes)], ["---"] * (len(sizes) + 1)]
    lines += [[name, *map(percent, numbers)] for name, numbers in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> int:
    quick = "--quick" in sys.argv[1:]
    sizes = SIZES[:1] if quick else SIZES
    test_sizes = SIZES[1:2] if quick else (8, 12, 50, 200)
    covered = list(coverage_rows(sizes, 120 if quick else _DRAWS))
    with few_exchanges():
        tested = list(test_rows(test_sizes, 200 if quick else 2 * _DRAWS))
    text = (
        f"Coverage of 95 % intervals in percent, of each kind the population with the lowest:\n\n"
        f"{table('score', sizes, covered)}\n"
        f"False positives at 5 % in percent:\n\n{table('paired test', test_sizes, tested)}\n"
    )
    p_values = [smallest_p(n) for n in (100, 1000, 10_000)]
    text += (
        "A WER that falls from 0.3 to 0.2: p "
        + ", ".join(f"{p:.2g} (as one of 73 tasks {q:.2g})" for p, q in p_values)
        + " at n = 100, 1,000, 10,000.\n"
    )
    print(text)
    if not quick:
        page = between("statistics", text, PAGE.read_text(encoding="utf-8"))
        PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
