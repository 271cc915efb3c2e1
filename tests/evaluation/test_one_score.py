"""`audioflan score`, `evaluate` and a task's `metric_fns` give one number for the same answers."""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import seqio

import audioflan_tasks as af
from audioflan_tasks import catalogue
from audioflan_tasks.cli import main
from audioflan_tasks.cli.commands_evaluate import evaluate as evaluate_command
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.defaults import DEFAULT_BASELINES
from audioflan_tasks.evaluation.baselines import BASELINES
from audioflan_tasks.evaluation.models import FunctionModel
from audioflan_tasks.evaluation.prompt import reference_of

pytestmark = pytest.mark.slow

# One task for each of the readers that has work to do, with labels of the task or none.
TASKS = (
    "automatic_speech_recognition", "audio_caption", "phonetic_recognition", "age_recognition",
    "tempo_comparison", "key_detection", "music_tagging", "signal_to_noise_ratio_estimation",
    "beat_tracking", "speaker_diarization", "chord_estimation", "pitch_classification",
    "progression_extraction", "melody_extraction",
)  # fmt: skip
LEAD_INS = ("", "<think>I wonder.</think> ", "**")


def answers_of(golds: list[str]) -> list[str]:
    """Right ones as models dress them, one of another question, one that says nothing."""
    answers = [
        f"{LEAD_INS[n % 3]}{gold}{'**' if n % 3 == 2 else ''}" for n, gold in enumerate(golds)
    ]
    return [golds[-1], "", *answers[2:]]


def scores_of_command(
    path: Path, task: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> dict[str, float]:
    monkeypatch.setattr(sys, "argv", ["audioflan", "score", str(path), "--task", task, "--json"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert not stopped.value.code
    scores: dict[str, float] = json.loads(capsys.readouterr().out)["scores"]
    return scores


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("task", TASKS)
def test_three_ways_one_number(
    task: str, tmp_path: Path, corpus: Corpus, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    row = catalogue.get(task)
    instances = list(corpus.instances(task, "test"))
    golds = [reference_of(instance, row) for instance in instances]
    answers = answers_of(golds)
    by_uuid = {i.uuid: answer for i, answer in zip(instances, answers, strict=True)}
    prompts: dict[str, str] = {}

    def ask(prompt: Any) -> str:
        prompts[prompt.instance.uuid] = prompt.text()
        return by_uuid[prompt.instance.uuid]

    results = af.evaluate(
        FunctionModel(ask), task, tmp_path / "run", baselines=[], proof_of_hearing=0,
    )  # fmt: skip
    (result,) = results.tasks
    evaluated = {m.name: m.value for m in result.metrics} | result.extra

    path = tmp_path / "answers.jsonl"
    lines = [
        {"reference": gold, "response": answer, "prompt": prompts[instance.uuid],
         "choices": list(instance.options)}
        for instance, gold, answer in zip(instances, golds, answers, strict=True)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    commanded = scores_of_command(path, task, monkeypatch, capsys)

    by_seqio: dict[str, float] = {}
    for function in seqio.get_mixture_or_task(row.name).metric_fns:
        by_seqio |= function(golds, answers)

    assert 0 < result.metrics[0].value != result.metrics[0].best
    assert evaluated == pytest.approx({name: commanded[name] for name in evaluated}, rel=1e-9)
    assert evaluated == pytest.approx({name: by_seqio[name] for name in evaluated}, rel=1e-9)


def test_python_and_the_command_have_the_same_baselines() -> None:
    in_python = inspect.signature(af.evaluate).parameters["baselines"].default
    in_shell = inspect.signature(evaluate_command).parameters["baselines"].default
    assert tuple(in_python) == tuple(in_shell.split(",")) == DEFAULT_BASELINES
    assert set(DEFAULT_BASELINES) <= set(BASELINES)
