"""The normalised scale: 100 for an oracle and 0 for someone who does not listen, in every task."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation import Prompt, evaluate
from audioflan_tasks.evaluation.baselines import BASELINES, DEAF, Baseline, baseline
from audioflan_tasks.evaluation.results import MetricResult, TaskResult
from audioflan_tasks.evaluation.scorer import Scorer, infos_of
from audioflan_tasks.evaluation.scoring.macros import macros
from audioflan_tasks.evaluation.scoring.normalisation import (
    Anchors,
    anchors,
    normalise,
    on_line,
)
from audioflan_tasks.evaluation.sound_baselines import noisy_clip
from tests.evaluation.prompts import prompts_of
from tests.kinds import each_kind

ROWS = catalogue.tasks()
_FEWEST_DRAWS, _MOST_GUESSES = 5, 10_000


def _by_first_metric(row: catalogue.TaskRow) -> tuple[object, ...]:
    """The scale is that of a task's first metric alone."""
    return row.answer, row.metrics[0], bool(row.labels)


def _guessed_rows() -> list[Any]:
    """One row for each scale; of those that compare sounds, which is slow, one by default."""
    sounds = [pytest.param(row, id=row.id) for row in ROWS if row.id == "denoising"]
    texts = each_kind([row for row in ROWS if row.answer != "audio"], key=_by_first_metric)
    others = [row for row in ROWS if row.answer == "audio" and row.id != "denoising"]
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
            # A constant may be right twice; then there is no scale.
            is_scaled = task.chance != task.best
            assert task.normalised == (pytest.approx(100, abs=1e-3) if is_scaled else None)
            assert is_scaled or task.reason
            assert task.answered == limit and not task.unparsed
            assert task.headline == (is_scaled and "W" not in task.grades)
            assert ("majority" in task.baselines) == (limit == 2)
        whole = results.macro()
        assert whole is not None and whole.value == pytest.approx(100, abs=1e-3)
        assert whole.tasks == sum(t.headline for t in results.tasks) > len(tasks) / 2
        assert {m.group for m in results.macros} == {
            "all",
            "worst case",
            "domain",
            "category",
            "major",
        }


@pytest.mark.slow
@pytest.mark.parametrize("row", _guessed_rows())
def test_nobody_who_does_not_listen_scores_on_any_task(
    row: catalogue.TaskRow, corpus: Corpus
) -> None:
    """Each of them is within 5 of 0, on the whole test split and with another seed."""
    _check_all_are_near_0(row, prompts_of(corpus, row))


def _many_questions(corpus: Corpus, row: catalogue.TaskRow) -> list[Prompt]:
    """500 questions of which a few come much more often than others, so that answers do too.

    Each is a record of its own, so that it is guessed anew.
    """
    questions = prompts_of(corpus, row)
    weights = 1 / np.arange(1, len(questions) + 1)
    places = np.random.default_rng(0).choice(len(questions), 500, p=weights / weights.sum())
    return [_numbered(questions[place], number) for number, place in enumerate(places.tolist())]


def _numbered(question: Prompt, number: int) -> Prompt:
    uuid = f"{question.instance.uuid}/{number}"
    return replace(
        question, key=f"{question.key}/{number}", instance=question.instance.replace(uuid=uuid)
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "row",
    [
        pytest.param(r, id=r.id, marks=() if r.id == "genre_classification" else pytest.mark.full)
        for r in ROWS
    ],
)
def test_nobody_who_does_not_listen_scores_on_500_questions(
    row: catalogue.TaskRow, corpus: Corpus
) -> None:
    _check_all_are_near_0(row, _many_questions(corpus, row))


def _check_all_are_near_0(row: catalogue.TaskRow, prompts: Sequence[Prompt]) -> None:
    scorer = Scorer(row, prompts)
    info, scale = infos_of(row)[0], anchors(scorer, 0)
    assert (scale.best > scale.chance) == (info.better == "higher")
    for name in (*DEAF, "random"):
        if BASELINES[name].applies(row):
            assert _mean_score(name, scorer, scale) <= 5, name


def _mean_score(name: str, scorer: Scorer, scale: Anchors) -> float:
    """The score of the mean of many draws, of what is drawn: with eight questions one guess is
    lucky by 35 points, with 10,000 of two options by one. Sounds are drawn once.
    """
    is_drawn = name == "random" and scorer.row.answer != "audio"
    values: list[float] = []
    while not values or (is_drawn and not _is_known(values, scale, len(scorer.prompts))):
        values.append(_value(baseline(name, 1000 + len(values)), scorer))
    return float(normalise(np.mean(values), scale))


def _value(model: Baseline, scorer: Scorer) -> float:
    """Of a sound, which is slow to compare, a question that comes again is answered once."""
    info, prompts = infos_of(scorer.row)[0], scorer.prompts
    if scorer.row.answer != "audio":
        return scorer.read([model.say(prompt, model.seed) for prompt in prompts]).value(info)
    counts = Counter(prompt.instance.where for prompt in prompts)
    once = list({prompt.instance.where: prompt for prompt in prompts}.values())
    reading = Scorer(scorer.row, once).read([model.say(prompt, model.seed) for prompt in once])
    singles = reading.singles(info)
    assert singles is not None
    weights = np.array([counts[prompt.instance.where] for prompt in once])
    compared = np.isfinite(singles)
    return float(np.average(singles[compared], weights=weights[compared]))


def _is_known(values: Sequence[float], scale: Anchors, questions: int) -> bool:
    """Whether the mean is known to a point, its standard error, or is of answers enough."""
    count = len(values)
    if count < _FEWEST_DRAWS:
        return False
    error = np.std(on_line(np.array(values), scale), ddof=1) / np.sqrt(count)
    return bool(error < 1) or count * questions > _MOST_GUESSES


def test_uuids_that_repeat_hide_no_answer_from_the_baselines(tmp_path: Path) -> None:
    """Records may share a uuid; the majority of their answers is known all the same."""
    record = {"instruction": "Who?", "input": "<|SOA|>c<|EOA|>", "uuid": "same",
              "split": ["test"], "task_type": {"minor": ["Gender Recognition"]}}  # fmt: skip
    outputs = ["male"] * 8 + ["female"] * 2
    lines = [json.dumps({**record, "output": output}) + "\n" for output in outputs]
    (tmp_path / "a.jsonl").write_text("".join(lines))
    row = catalogue.get("gender_recognition")
    scale = anchors(Scorer(row, prompts_of(Corpus(tmp_path / "a.jsonl"), row)), 0)
    assert (scale.chance, scale.chance_by) == (0.8, "majority")


@pytest.mark.slow
def test_noise_in_an_empty_band_is_not_listening(corpus: Corpus) -> None:
    """Distances of logarithms punish an empty band; noise of any colour and level may fill it."""
    row = catalogue.get("audio_super_resolution")
    scorer = Scorer(row, prompts_of(corpus, row))
    info, scale = infos_of(row)[0], anchors(scorer, 0)
    for below_db in (15, 25, 50):
        answers = [noisy_clip(p, 5, below_db) for p in scorer.prompts]
        assert normalise(scorer.read(answers).value(info), scale) <= 5


def _result(task: str, score: float, **facts: Any) -> TaskResult:
    first = MetricResult(name="m", value=score, stderr=0, low=score - 10, high=score + 10,
                         better="higher", best=100, unit="", library="", singles=True,
                         unanswered=0)  # fmt: skip
    shown = {"status": "scored", "headline": True, "metrics": [first], "chance": 0.0, "best": 100.0}
    return TaskResult(**{"task": task, "domain": "d", "major": "m", "category": "c",
                         "normalised": max(0.0, score), **shown, **facts})  # fmt: skip


def test_a_task_that_fails_counts_0_in_the_worst_case() -> None:
    lost: dict[str, Any] = {"headline": False, "metrics": [], "normalised": None}
    answered = [_result("a", 60), _result("b", -40)]
    crashed = [_result("a", 60), _result("b", 0, status="failed", **lost)]
    by_name = [{m.group: m for m in macros(results)} for results in (answered, crashed)]
    assert [m["all"].value for m in by_name] == [30, 60]
    assert [m["worst case"].value for m in by_name] == [30, 30]
    assert by_name[1]["worst case"].tasks == 2
    never = [*answered, _result("w", 0, status="failed", grades={"W": 3}, **lost)]
    assert macros(never)[1].tasks == 2
    (only,) = macros([_result("b", 0, status="incomplete", **lost)])
    assert (only.group, only.value, only.tasks) == ("worst case", 0, 1)


def test_the_bounds_of_a_mean_of_guesses_hold_0() -> None:
    """Scores below chance are 0, so a mean of lucky ones is above it; its lower bound is not."""
    lucky = [_result(str(n), 20 if n % 2 else -20) for n in range(40)]
    whole = macros(lucky)[0]
    assert whole.value == 10 and whole.low == 0 and whole.high > 10
