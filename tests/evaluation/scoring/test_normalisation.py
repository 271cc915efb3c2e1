"""The normalised scale: 100 for an oracle and 0 for someone who does not listen, in every task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation import evaluate
from audioflan_tasks.evaluation.baselines import baseline
from audioflan_tasks.evaluation.scorer import Scorer, infos_of
from audioflan_tasks.evaluation.scoring.normalisation import anchors, chance_answers, normalise
from tests.evaluation.prompts import prompts_of
from tests.kinds import each_kind

ROWS = catalogue.tasks()


def _by_first_metric(row: catalogue.TaskRow) -> tuple[object, ...]:
    """The scale is that of a task's first metric alone."""
    return row.answer, row.metrics[0], bool(row.labels)


def _guessed_rows() -> list[Any]:
    """One row for each scale; of those that compare sounds, which is slow, one by default."""
    sounds = [pytest.param(row, id=row.id) for row in ROWS if row.id == "dereverberation"]
    texts = each_kind([row for row in ROWS if row.answer != "audio"], key=_by_first_metric)
    others = [row for row in ROWS if row.answer == "audio" and row.id != "dereverberation"]
    return [*texts, *sounds, *(pytest.param(r, id=r.id, marks=pytest.mark.full) for r in others)]


TEXTS = tuple(row.id for row in ROWS if row.answer != "audio")
SOUNDS = tuple(row.id for row in ROWS if row.answer == "audio")
# One for each metric that measures a sound first.
FEW_SOUNDS = tuple({row.metrics[0]: row.id for row in ROWS if row.answer == "audio"}.values())


@pytest.mark.parametrize(
    ("texts", "sounds"),
    [
        pytest.param(TEXTS, FEW_SOUNDS, marks=pytest.mark.slow, id="few sounds"),
        pytest.param(TEXTS, SOUNDS, marks=pytest.mark.full, id="every task"),
    ],
)
def test_an_oracle_scores_100_on_every_task(
    texts: tuple[str, ...], sounds: tuple[str, ...], tmp_path: Path
) -> None:
    """Two questions per task that writes text, one where comparing audio is slow."""
    for tasks, limit in ((texts, 2), (sounds, 1)):
        results = evaluate(
            baseline("oracle"), "audioflan_all", tmp_path / str(limit), tasks=tasks, limit=limit,
            proof_of_hearing=0, baselines=["majority"],
            seed=1,  # of text-guided source separation, seed 0 draws a silent reference
        )  # fmt: skip
        assert len(results.tasks) == len(tasks) and not results.failed and not results.gold
        for task in results.tasks:
            assert task.normalised == pytest.approx(100, abs=1e-3), task.task
            assert task.answered == limit and not task.unparsed
            assert task.headline == ("W" not in task.grades)
            assert ("majority" in task.baselines) == (limit == 2)
        whole = results.macro()
        assert whole is not None and whole.value == pytest.approx(100, abs=1e-3)
        assert whole.tasks == len(tasks) - sum("W" in t.grades for t in results.tasks)
        assert {m.group for m in results.macros} == {"all", "domain", "category", "major"}


@pytest.mark.slow
@pytest.mark.parametrize("row", _guessed_rows())
def test_chance_is_zero_on_every_task(row: catalogue.TaskRow, corpus: Corpus) -> None:
    """The whole test split, guessed with other seeds than the anchor's.

    Text is guessed 100 times, where the anchor mostly is an exact expectation. Audio is guessed
    as the anchor does, until its mean is known to two points: the difference of two such means
    has a standard error of three.
    """
    scorer = Scorer(row, prompts_of(corpus, row))
    info = infos_of(row)[0]
    at = anchors(scorer, 0)
    perfect = at.best if info.better == "higher" else -at.best
    assert perfect > (at.chance if info.better == "higher" else -at.chance)
    if row.answer == "audio":
        value = anchors(scorer, 1).chance
    else:
        draws = (chance_answers(scorer, 1000 + draw) for draw in range(100))
        value = float(np.mean([scorer.read(said).value(info) for (said,) in draws]))
    assert abs(float(normalise(value, at))) < (8 if row.answer == "audio" else 5)


@pytest.mark.slow
def test_wrong_audio_is_not_better_than_chance_where_a_band_is_missing(corpus: Corpus) -> None:
    """Distances of logarithms punish an empty band more than any sound in it."""
    row = catalogue.get("speech_bandwidth_extension")
    scorer = Scorer(row, prompts_of(corpus, row))
    at, info = anchors(scorer, 0), infos_of(row)[0]
    copied = scorer.read([baseline("copy").say(p, 0) for p in scorer.prompts]).value(info)
    assert normalise(copied, at) < -20
