"""Paired comparison: numbers by hand and against SciPy, and the whole command."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks.cli import main
from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation import Prompt, evaluate
from audioflan_tasks.evaluation.baselines import baseline
from audioflan_tasks.evaluation.compare import compare, holm

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
                 proof_of_hearing=0)  # fmt: skip
    return folder / "weak", folder / "strong"


def test_a_better_run_is_found_better(runs: tuple[Path, Path]) -> None:
    (made,) = compare(runs[0], [runs[1]])
    assert {d.task.removeprefix("audioflan_") for d in made.tasks} == set(TASKS)
    assert made.overall is not None and made.overall > 20
    assert made.overall_low is not None and made.overall_low > 0
    by_test = {d.metric: d.test for d in made.tasks}
    assert by_test["wer"] == "exact permutation test" and by_test["accuracy"] == "exact sign test"
    assert "wer" in {d.metric for d in made.significant}
    assert all(d.gain is not None and d.gain > 0 and d.p <= d.p_holm <= 1 for d in made.tasks)
    # The other way round it is the same difference with the other sign.
    (back,) = compare(runs[1], [runs[0]])
    assert back.overall == pytest.approx(-made.overall, rel=1e-6)


def test_a_run_does_not_differ_from_itself(runs: tuple[Path, Path]) -> None:
    (made,) = compare(runs[0], [runs[0]])
    assert made.overall == 0 and made.overall_p == 1.0 and not made.significant
    assert all(d.p == 1.0 and d.gain == 0 for d in made.tasks)


def test_gains_are_differences_of_the_scores_that_results_show(tmp_path: Path) -> None:
    """An oracle against a model that never answers: seen by every test, and on the scale."""

    def silent(prompt: Prompt) -> str:
        return ""

    models: list[Any] = [silent, baseline("oracle")]
    folders = tmp_path / "silent", tmp_path / "oracle"
    silent_run, oracle_run = (
        evaluate(model, "audioflan_all", folder, tasks=TASKS, baselines=[], proof_of_hearing=0)
        for model, folder in zip(models, folders, strict=True)
    )
    (made,) = compare(folders[0], [folders[1]])
    shown = [run.macro() for run in (silent_run, oracle_run)]
    assert made.overall == pytest.approx(shown[1].value - shown[0].value)  # type: ignore[union-attr]
    assert made.overall_p is not None and made.overall_p < 1e-4
    assert made.overall_low is not None and made.overall_low > 50
    assert len(made.significant) == len(TASKS)
    for task in oracle_run.tasks:
        assert task.normalised == 100
        assert task.normalised_low is not None and task.normalised_low < 95
        assert task.least_detectable is not None and task.least_detectable > 5


def edited(run: Path, folder: Path, edit: Callable[[list[str]], list[str]]) -> Path:
    """A copy of a run whose lines of the samples of gender are others."""
    shutil.copytree(run, folder)
    path = folder / "samples" / "samples_audioflan_gender_recognition.jsonl"
    path.write_text("".join(f"{line}\n" for line in edit(path.read_text().splitlines())))
    return folder


def test_questions_and_tasks_of_one_run_alone_are_named(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    weak, strong = runs
    whole = {d.task: d.examples for d in compare(weak, [strong])[0].tasks}
    name = "audioflan_gender_recognition"
    (made,) = compare(weak, [edited(strong, tmp_path / "part", lambda lines: lines[3:])])
    assert next(d.examples for d in made.tasks if d.task == name) == whole[name] - 3
    assert made.left_out == {name: "3 answers to questions that one run alone answered"}
    # Blank lines say nothing.
    (made,) = compare(weak, [edited(strong, tmp_path / "blank", lambda lines: [*lines, "", " "])])
    assert not made.left_out
    alone = evaluate(answers(0.5), "audioflan_all", tmp_path / "one", tasks=TASKS[:1],
                     baselines=[], proof_of_hearing=0)  # fmt: skip
    assert len(alone.tasks) == 1
    (made,) = compare(tmp_path / "one", [strong])
    assert set(made.left_out) == {f"audioflan_{task}" for task in TASKS[1:]}
    assert set(made.left_out.values()) == {"not scored in both runs"}


BROKEN: dict[str, tuple[str, Callable[[list[str]], list[str]]]] = {
    "cut off": ("line 20: no sample", lambda lines: [*lines[:-1], lines[-1][:-9]]),
    "no number": ("line 1: no sample", lambda lines: [re.sub('"value":[^,]*', '"value":NaN', line)
                                                      for line in lines]),
    "no uuid": ("line 1: no sample", lambda lines: [line.replace('"uuid"', '"id"')
                                                    for line in lines]),
    "twice": ("line 21: a second answer to gender_recognition", lambda lines: [*lines, lines[4]]),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_samples_are_an_error_in_one_line(
    fault: str, runs: tuple[Path, Path], tmp_path: Path
) -> None:
    message, edit = BROKEN[fault]
    with pytest.raises(EvaluationError, match=message):
        compare(runs[0], [edited(runs[1], tmp_path / "run", edit)])


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
             baselines=[], proof_of_hearing=0)  # fmt: skip
    with pytest.raises(EvaluationError, match="split='test'"):
        compare(runs[0], [tmp_path / "val"])


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
