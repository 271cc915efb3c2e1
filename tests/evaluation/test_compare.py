"""Paired comparison: numbers by hand and against SciPy, and the whole command."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from audioflan_tasks.cli import main
from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation import Prompt, evaluate
from audioflan_tasks.evaluation.compare import _sign_flip, compare, holm
from audioflan_tasks.evaluation.scoring.statistics import least_detectable, replicates, spread

pytestmark = pytest.mark.slow

TASKS = ["gender_recognition", "automatic_speech_recognition", "key_detection"]


def answers(right: float) -> Any:
    """A model that is right for that share of the questions, and otherwise says nothing useful."""

    def model(prompt: Prompt) -> str:
        number = int(prompt.key.split("/")[2])
        if number % 10 < 10 * right:
            return prompt.instance.output
        return "male" if prompt.row.id == "gender_recognition" else "C minor"

    model.__name__ = f"right{right}"
    return model


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("runs")
    for name, right in (("weak", 0.2), ("strong", 0.9)):
        evaluate(answers(right), "audioflan_all", folder / name, tasks=TASKS, baselines=[],
                 proof_of_hearing=0, bootstrap_iters=50)  # fmt: skip
    return folder / "weak", folder / "strong"


def test_a_better_run_is_found_better(runs: tuple[Path, Path]) -> None:
    (made,) = compare(runs[0], [runs[1]])
    assert {d.task.removeprefix("audioflan_") for d in made.tasks} == set(TASKS)
    assert made.overall is not None and made.overall > 20
    assert made.overall_low is not None and made.overall_low > 0
    by_test = {d.metric: d.test for d in made.tasks}
    assert by_test["wer"] == "paired bootstrap" and by_test["key_score"].startswith("sign-flip")
    assert "wer" in {d.metric for d in made.significant}
    assert all(d.gain is not None and d.gain > 0 and d.p <= d.p_holm <= 1 for d in made.tasks)
    # The other way round it is the same difference with the other sign.
    (back,) = compare(runs[1], [runs[0]])
    assert back.overall == pytest.approx(-made.overall, rel=1e-6)


def test_a_run_does_not_differ_from_itself(runs: tuple[Path, Path]) -> None:
    (made,) = compare(runs[0], [runs[0]])
    assert made.overall == 0 and made.overall_p == 1.0 and not made.significant
    assert all(d.p == 1.0 and d.gain == 0 for d in made.tasks)


def test_command_line_writes_a_page(
    runs: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    arguments = ["compare", str(runs[0]), str(runs[1]), "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["audioflan", *arguments])
    with pytest.raises(SystemExit):
        main()
    assert "points" in capsys.readouterr().out
    assert len(json.loads((tmp_path / "comparison.json").read_text())[0]["tasks"]) == 3
    assert "<svg" in (tmp_path / "comparison.html").read_text()
    assert "Holm" in (tmp_path / "comparison.md").read_text()


def test_errors(runs: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="two runs or more"):
        compare(runs[0], [])
    with pytest.raises(EvaluationError, match="no results"):
        compare(runs[0], [tmp_path])
    evaluate(answers(0.5), "audioflan_all", tmp_path / "val", tasks=TASKS[:1], split="validation",
             baselines=[], proof_of_hearing=0, bootstrap_iters=50)  # fmt: skip
    with pytest.raises(EvaluationError, match="split='test'"):
        compare(runs[0], [tmp_path / "val"])


def test_sign_flip_equals_scipy_and_the_hand_worked_case() -> None:
    assert _sign_flip(np.array([1.0, 1, 1, 1]), 0) == 2 / 16  # all signs equal: 2 of 2^4
    few = np.random.default_rng(1).normal(0.4, 1, 11)
    many = np.random.default_rng(2).normal(0.15, 1, 80)

    def mean(x: np.ndarray, axis: int) -> np.ndarray:
        return np.asarray(x.mean(axis=axis))

    for sample, tolerance in ((few, 1e-9), (many, 0.02)):
        reference = stats.permutation_test(
            (sample,), mean, permutation_type="samples", n_resamples=20_000, rng=3
        )
        assert _sign_flip(sample, 0) == pytest.approx(reference.pvalue, abs=tolerance)


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_bootstrap_of_a_mean_equals_its_theory() -> None:
    sample = np.random.default_rng(0).normal(3.0, 2.0, 400)
    found = spread(replicates(400, 4000, 0, singles=sample))
    assert found.stderr == pytest.approx(sample.std() / 20, rel=0.05)
    assert found.low == pytest.approx(sample.mean() - 1.96 * found.stderr, abs=0.02)
    recomputed = spread(
        replicates(400, 200, 0, recompute=lambda at: float(sample[np.asarray(at)].mean()))
    )
    assert recomputed.stderr == pytest.approx(found.stderr, rel=0.25)
    # Card et al. 2020: 2.8 standard errors of a difference for 80 % power.
    assert least_detectable(1.0) == pytest.approx(2.8016 * np.sqrt(2), rel=1e-4)
