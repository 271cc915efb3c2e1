"""Metrics as functions of sums: equal to the metric itself on any examples."""

from __future__ import annotations

import numpy as np
import pytest

from audioflan_tasks.metrics import METRICS, Batch, metric
from audioflan_tasks.metrics.parsing import READERS, read_answer
from audioflan_tasks.metrics.sums import Sums, mean, ratio

# Answers of each reader, the first six as references; None cannot be read.
_ANSWERS: dict[str, tuple[str | None, ...]] = {
    "text": ("a cat sat on a mat", "rain", "the dog barks at night", "yes it is so", "two birds",
             "no", "a cat on mat", "dog barks", None),
    "caption": ("a cat sat on a mat", "rain", "the dog barks at night", "yes it is so",
                "two birds", "no", "a cat on mat", "dog barks", None),
    "phones": ("AA B K", "S IY", "T AH", "K AE T", "D AO G", "M", "AA K", "S", None),
    "sequence": ("dog, rain", "cat", "rain, rain, dog", "bird", "dog", "cat, dog", "dog, cat",
                 "rain", None),
    "label": ("dog", "cat", "dog", "rain", "dog", "cat", "dog", "rain", None),
    "number": ("3", "10", "4.5", "7", "0", "12", "3", "9", None),
    "intervals": ("0.00-1.00 dog; 2.00-3.00 cat", "0.50-2.00 dog", "1.00-1.50 cat",
                  "0.00-4.00 rain", "0.10-0.90 dog", "2.00-2.50 cat", "0.05-1.10 dog",
                  "0.00-1.00 cat", None),
}  # fmt: skip
NAMES = sorted(name for name, info in METRICS.items() if info.sums)


def _batch(name: str, generator: np.random.Generator, count: int) -> Batch:
    reader = READERS[METRICS[name].reads]
    texts = _ANSWERS[reader.name]
    labels = ("dog", "cat", "rain") if reader.labels == "closed" else ()

    def value(text: str | None) -> object:
        return None if text is None else read_answer(reader, text, labels).value

    references = [value(texts[place]) for place in generator.integers(0, 6, count)]
    answers = [value(texts[place]) for place in generator.integers(0, 9, count)]
    if reader.is_text:
        references = [r if isinstance(r, tuple) else (r,) for r in references]
    return Batch(references, answers, labels=labels)


@pytest.mark.parametrize("name", NAMES)
def test_the_value_of_the_sums_is_the_metric(name: str) -> None:
    generator = np.random.default_rng(0)
    for count in (1, 2, 5, 12, 30):
        batch = _batch(name, generator, count)
        sums = metric(name).sums_of(batch)
        assert sums is not None and len(sums.parts) == count
        assert sums.whole == pytest.approx(metric(name).compute(batch)[name])


def test_parts_by_hand() -> None:
    rate = ratio([(1, 4), (0, 6)])
    assert rate.whole == 0.1
    assert rate.without_each().tolist() == [0, 0.25]
    assert rate.singles is None and rate.size == pytest.approx(121 / 61)
    values = mean([1.0, float("nan"), 0.5])
    assert values.whole == 0.75 and values.size == 2
    assert values.singles is not None and values.singles[[0, 2]].tolist() == [1.0, 0.5]
    assert ratio([(1, 0)]).whole == 1 and ratio([(0, 0)], when_none=1.0).whole == 1


def test_groups_are_those_of_every_run_with_as_many_examples() -> None:
    many, others = (Sums(np.arange(20.0)[:, None] * k, lambda s: s[..., 0]) for k in (1, 2))
    assert many.in_groups(6).whole == many.whole and len(many.in_groups(6).parts) == 6
    assert (2 * many.in_groups(6).parts == others.in_groups(6).parts).all()
