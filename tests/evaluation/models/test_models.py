"""Finished answers, token models and functions as models; their texts on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import EvaluationError, SettingsError, UnknownNameError
from audioflan_tasks.evaluation import Answer, Failure, Prompt, evaluate
from audioflan_tasks.evaluation.baselines import BlindModel, ShuffledModel
from audioflan_tasks.evaluation.models import FinishedModel, FunctionModel, TokenModel
from audioflan_tasks.evaluation.spec import arguments, model_of
from tests.conftest import maker_of
from tests.evaluation.prompts import prompts_of

QUICK: dict[str, Any] = {"proof_of_hearing": 0, "baselines": []}


@pytest.mark.slow
def test_finished_answers(tmp_path: Path, corpus: Corpus) -> None:
    lines = [
        {"uuid": i.uuid, "answer": i.output} for i in corpus.instances("key_comparison", "test")
    ][:-1]
    file = tmp_path / "answers.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    results = evaluate(FinishedModel(file), "key_comparison", tmp_path / "run", **QUICK)
    (task,) = results.tasks
    assert task.answered == len(lines) and task.errors == {"missing": 1}
    assert task.status == "incomplete" and task.metrics[0].value == 1.0
    sound = np.linspace(-0.5, 0.5, 4000, dtype=np.float32)
    soundfile.write(tmp_path / "a.wav", np.stack([sound, sound], 1), 8000)
    first = prompts_of(corpus, catalogue.get("denoising"), 1)[0]
    line = {"uuid": first.instance.uuid, "task": "audioflan_denoising", "audio": "a.wav"}
    file.write_text(json.dumps(line))
    (said,) = FinishedModel(file).answer([first])
    assert isinstance(said, Answer) and said.audio is not None and said.audio.sample_rate == 8000
    assert np.abs(said.audio.samples - sound).max() < 1e-4


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("nonsense", r":1: not a JSON object"),
        ('{"uuid": "a"}', r":1: expected uuid .* found uuid"),
        ('{"uuid": "a", "answer": "x"}\n{"uuid": "a", "answer": "y"}', r":2: a second answer"),
    ],
)
def test_broken_answer_files(text: str, wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.jsonl"
    file.write_text(text)
    with pytest.raises(EvaluationError, match=wrong):
        FinishedModel(file)
    with pytest.raises(EvaluationError, match="cannot be read"):
        FinishedModel(tmp_path / "none.jsonl")


@pytest.mark.slow
@pytest.mark.parametrize("task", ["automatic_speech_recognition", "denoising", "key_comparison"])
def test_a_token_model_reads_what_training_reads(task: str, corpus: Corpus) -> None:
    maker, row = maker_of(corpus), catalogue.get(task)
    prompts = prompts_of(corpus, row, 2)
    examples = [maker.example(p.instance, 0) for p in prompts]
    seen: list[np.ndarray] = []

    def generate(inputs: Any) -> Any:
        seen.extend(inputs)
        return [np.pad(e.targets, (0, 5), constant_values=-1) for e in examples if e is not None]

    said = TokenModel(generate).answer(prompts)
    for ids, example, prompt, reply in zip(seen, examples, prompts, said, strict=True):
        assert example is not None and isinstance(reply, Answer)
        assert np.array_equal(ids, example.inputs)
        if row.answer == "audio":
            assert reply.audio is not None and reply.audio.sample_rate == 16_000
        else:
            assert reply.text.endswith(prompt.instance.output)


def test_token_models_hear_other_audio_too(corpus: Corpus) -> None:
    prompts = prompts_of(corpus, catalogue.get("gender_recognition"), 1)
    seen: list[np.ndarray] = []

    def generate(inputs: Any) -> list[list[int]]:
        seen.extend(inputs)
        return [[1]] * len(inputs)

    tokens = TokenModel(generate)
    tokens.answer(prompts)
    ShuffledModel(tokens).answer(prompts)
    BlindModel(tokens).answer(prompts)
    plain, shuffled, blind = seen
    assert not np.array_equal(plain, shuffled)
    assert len(blind) < len(plain)


def test_function_models(corpus: Corpus) -> None:
    prompts = prompts_of(corpus, catalogue.get("denoising"), 2)
    copied = FunctionModel(lambda p: (p.sounds(8000)[0], 8000), "copy")
    said = copied.answer(prompts)
    assert all(isinstance(a, Answer) and a.audio and a.audio.sample_rate == 8000 for a in said)
    batched = FunctionModel(lambda batch: [None, Failure("timeout", "")], batched=True)
    assert batched.answer(prompts) == [Answer(), Failure("timeout", "")]


def shout(prompt: Prompt) -> str:
    return prompt.text().upper()


def test_texts_that_name_models(tmp_path: Path) -> None:
    assert model_of("oracle", {}).name == "oracle"
    assert model_of("random", {}, seed=7).settings == {"seed": 7}
    assert model_of("openai:m", {"base_url": "http://x/v1"}).name == "m"
    assert model_of(f"python:{__name__}:shout", {}).hears
    assert arguments('a=1, b=true,c=x,d="1",e=') == {
        "a": 1, "b": True, "c": "x", "d": "1", "e": "",
    }  # fmt: skip
    with pytest.raises(UnknownNameError, match="did you mean oracle"):
        model_of("oracel", {})
    with pytest.raises(SettingsError, match="no module named"):
        model_of("python:no.such:thing", {})
    with pytest.raises(SettingsError, match="no argument 'heat'"):
        model_of("openai:m", {"base_url": "http://x/v1", "heat": 2})
    with pytest.raises(SettingsError, match="name=value"):
        arguments("heat")
