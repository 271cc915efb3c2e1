"""Folds: each task measured once a width, by the fold's model; an ended run is gone on with."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation.answers import Reply
from audioflan_tasks.evaluation.baselines import baseline
from audioflan_tasks.evaluation.compare import compare
from audioflan_tasks.evaluation.folds import FOLDS_FILE, evaluate_folds
from audioflan_tasks.evaluation.models import NearestModel
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.results import read_results
from audioflan_tasks.evaluation.selection import select, split_named
from audioflan_tasks.mixtures import WIDTHS, Split, Width

TASKS = (
    "accent_recognition", "dialect_identification", "language_identification",
    "genre_classification",
)  # fmt: skip
QUICK: dict[str, Any] = {
    "tasks": TASKS, "limit": 2, "baselines": (), "proof_of_hearing": 0,
}  # fmt: skip


class Counting:
    """The oracle, which counts the questions, and breaks at the one of that number."""

    name = "counting"
    hears = True

    def __init__(self, breaks_at: int = -1) -> None:
        self.settings: dict[str, Any] = {}
        self.oracle, self.asked, self.breaks_at = baseline("oracle", 0), 0, breaks_at

    def answer(self, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        self.asked += len(prompts)
        if self.breaks_at in range(self.asked - len(prompts), self.asked):
            raise KeyboardInterrupt
        return self.oracle.answer(prompts)


@pytest.mark.slow
def test_three_widths_from_one_command_ask_each_question_once(tmp_path: Path) -> None:
    model = Counting()
    splits: list[tuple[str, Split]] = []

    def model_of(part: Split, width: Width) -> Model:
        splits.append((width, part))
        return model

    arguments = {**QUICK, "baselines": ("majority", "blind"), "widths": WIDTHS}
    results = evaluate_folds(model_of, tmp_path, models="counting", **arguments)
    assert model.asked == 2 * 2 * len(TASKS)  # with and without audio
    assert {w: len(folds) for w, folds in results.widths.items()} == {
        "family": 2, "task": 3, "major": 2,
    }  # fmt: skip
    for width, folds in results.widths.items():
        assert sorted(t for f in folds for t in f.scores) == sorted(f"audioflan_{t}" for t in TASKS)
        assert results.mean(width) == pytest.approx(100)
    assert all(not set(part.train.tasks) & part.hold_out.refused for _, part in splits)
    page = (tmp_path / "folds.md").read_text(encoding="utf-8")
    assert "| all tasks | 7 |  | 100 |" in page and "| language_and_accent | 3 | 77 | 100 |" in page
    again = evaluate_folds(model_of, tmp_path, models="counting", **arguments)
    assert (model.asked, again.widths) == (2 * 2 * len(TASKS), results.widths)
    whole = read_results(tmp_path / "family")
    assert {t.task for t in whole.tasks} == {f"audioflan_{t}" for t in TASKS}
    worst = whole.macro("worst case", "worst case")
    assert worst is not None and worst.tasks == len(TASKS)
    assert worst.value == pytest.approx(100)
    assert 'href="task/genre_classification/report.html"' in (tmp_path / "folds.html").read_text()
    (same,) = compare(tmp_path / "family", [tmp_path / "major"])
    assert same.overall == 0 and len(same.tasks) == len(TASKS)
    with pytest.raises(EvaluationError, match="holds folds of counting"):
        evaluate_folds(model_of, tmp_path, models="another", **QUICK)


@pytest.mark.slow
def test_an_ended_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    ended = Counting(breaks_at=7)
    arguments: dict[str, Any] = {"widths": ("family",), "models": "counting", **QUICK}
    with pytest.raises(KeyboardInterrupt):
        evaluate_folds(lambda part, width: ended, tmp_path, **arguments)
    assert (tmp_path / FOLDS_FILE).exists()
    model = Counting()
    results = evaluate_folds(lambda part, width: model, tmp_path, **arguments)
    assert model.asked == 1
    assert results.mean("family") == pytest.approx(100)
    # Ended between the reports of the last fold and the list of those that are finished.
    listing = tmp_path / FOLDS_FILE
    shutil.rmtree(tmp_path / "family" / "samples")
    listing.unlink()
    again = evaluate_folds(lambda part, width: model, tmp_path, **arguments)
    assert (model.asked, again.widths) == (1, results.widths)
    assert len(list((tmp_path / "family" / "samples").iterdir())) == len(TASKS)
    assert len(read_results(tmp_path / "family").tasks) == len(TASKS)
    listing.write_text('{"widths": ')
    with pytest.raises(EvaluationError, match=r"folds.json: not what .*move it"):
        evaluate_folds(lambda part, width: model, tmp_path, **arguments)


def test_a_fold_has_a_name_that_other_commands_take() -> None:
    assert select("fold:family/pitch").tasks == select("family:pitch").tasks
    assert split_named("fold:task/key_detection").hold_out.width == "task"
    with pytest.raises(EvaluationError, match="expected fold:N, fold:N/COUNT or fold:WIDTH/NAME"):
        split_named("fold:x")


def test_nearest_knows_only_what_the_fold_trains_on(corpus: Corpus) -> None:
    part = split_named("fold:family/key_and_harmony")
    model = NearestModel(part.train.tasks)
    assert model.settings["trained_on"] == len(part.train.tasks)
