"""A corpus on a store: lengths come from it, and are those of the records."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import tokenizer_options
from audioflan_tasks.engine import batches
from audioflan_tasks.engine.lengths import mean_lengths
from audioflan_tasks.engine.source import RowStore, rows_of
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.records import Instance
from audioflan_tasks.tokens import get_tokenizer

FIELDS = [(name, np.uint32) for name in ("text_in", "text_out", "frames_in", "frames_out")]
FIELDS += [(name, np.float32) for name in ("seconds_in", "seconds_out")]  # type: ignore[misc]


class MeasuredCorpus(Corpus):
    """The demo corpus, with a store's reading surface beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self._coder = self.coder(get_tokenizer(settings.tokenizer, **tokenizer_options()))
        self.store = self

    def pairs(self) -> tuple[tuple[str, str], ...]:
        return self.rows.pairs()

    def codes(self, task: str, split: str, row: int) -> list[NDArray[np.uint16]]:
        one = self.instance(task, split, row)
        pieces = (*one.input_pieces, *one.output_pieces)
        return [self._coder(p.value, one) for p in pieces if p.kind == "audio"]

    def text_ids(self, task: str, split: str, row: int) -> list[NDArray[Any]]:
        return []

    def lengths(self, task: str, split: str) -> NDArray[Any]:
        self.asked += 1
        found = np.zeros(self.size(task, split), FIELDS)
        for row in range(len(found)):
            one: Instance = self.instance(task, split, row)
            for side, pieces in (("in", one.input_pieces), ("out", one.output_pieces)):
                frames = sum(len(self._coder(p.value, one)) for p in pieces if p.kind == "audio")
                found[row][f"frames_{side}"] = frames
                found[row][f"seconds_{side}"] = frames / 50
                found[row][f"text_{side}"] = sum(
                    len(p.value) // 4 for p in pieces if p.kind == "text"
                )
        return found


def test_it_is_a_store() -> None:
    assert isinstance(MeasuredCorpus(), RowStore)


@pytest.mark.parametrize("rows", [None, {"not_grade": "W"}])
def test_seconds_are_those_that_are_heard(rows: Any) -> None:
    mix = mixture("denoising", "key_detection", rows=rows)
    measured, plain = MeasuredCorpus(), Corpus()
    one = mean_lengths(mix, rows_of(mix, measured, "test"), "seconds")
    other = mean_lengths(mix, rows_of(mix, plain, "test"), "seconds")
    assert measured.asked == 2
    assert one == pytest.approx(other, rel=1e-4)


def test_shares_hold_in_seconds() -> None:
    mix = mixture(
        weights={"denoising": 1, "key_detection": 1, "text_to_speech": 2}, weight_by="seconds"
    )
    corpus = MeasuredCorpus()
    stream = batches(mix, corpus=corpus, batch_size=32, split="test", seed=1)
    heard = np.zeros(3)
    for batch in itertools.islice(stream, 25):
        for task, row in zip(batch["task"].tolist(), batch["row"].tolist(), strict=True):
            codes = corpus.codes(stream.tasks[task], "test", row)
            heard[task] += sum(map(len, codes))
    assert heard / heard.sum() == pytest.approx([0.25, 0.25, 0.5], abs=0.02)


def test_buckets_are_sorted_by_the_lengths_of_the_store() -> None:
    mix = mixture("denoising", "key_detection", "text_to_speech", policy="equal")
    options: dict[str, Any] = {"batch_size": 4, "split": "test", "seed": 1}
    corpus = MeasuredCorpus()
    bucketed = batches(mix, corpus=corpus, form="bucketed", window=6, **options)
    padded = batches(mix, corpus=Corpus(), **options)
    steps = [[s for b in itertools.islice(one, 6) for s in b["step"].tolist()]
             for one in (bucketed, padded)]  # fmt: skip
    assert corpus.asked == 3
    assert sorted(steps[0]) == sorted(steps[1])
    assert bucketed.padding < 0.8 * padded.padding
