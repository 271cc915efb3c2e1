"""The endpoint adapter against a local server: what is sent, retries, limits, resume, judge."""

from __future__ import annotations

import itertools
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audioflan_tasks.cli import main
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import EndpointError, EvaluationError
from audioflan_tasks.evaluation import Answer, Failure, Prompt, evaluate, read_results
from audioflan_tasks.evaluation.models import EndpointModel
from audioflan_tasks.evaluation.probes.judge import PROMPT_VERSION, Judge
from tests.evaluation.prompts import prompts_of
from tests.evaluation.server import HANG, Server, serving

from audioflan_tasks import catalogue  # isort: skip

QUICK: dict[str, Any] = {"proof_of_hearing": 0, "baselines": []}


def model(server: Server, **options: Any) -> EndpointModel:
    return EndpointModel("tiny", server.url, backoff_s=0.01, **options)


def prompt(corpus: Corpus, task: str = "gender_recognition") -> Prompt:
    return prompts_of(corpus, catalogue.get(task), 1)[0]


def test_text_and_audio_arrive_as_they_are(corpus: Corpus, monkeypatch: Any) -> None:
    monkeypatch.setenv("TEST_KEY", "secret")
    with serving(lambda text, sounds: "a word") as server:
        asked = prompt(corpus, "speaker_verification")
        endpoint = model(server, api_key_env="TEST_KEY", system="Be brief.", temperature=0.5)
        (said,) = endpoint.answer([asked])
        assert said == Answer("a word", note={"finish_reason": "stop", "total_tokens": 7})
        (body,) = server.requests
        assert body["model"] == "tiny" and body["temperature"] == 0.5
        assert body["messages"][0] == {"role": "system", "content": "Be brief."}
        text, sounds = server.heard(body)
        assert text == asked.text("")
        for sent, own in zip(sounds, asked.sounds(16_000), strict=True):
            assert np.abs(sent - own).max() < 1e-4  # 16 bits
        assert server.keys == ["Bearer secret"]
        assert "secret" not in str(endpoint.settings)


def test_audio_answers(corpus: Corpus) -> None:
    with serving(lambda text, sounds: (sounds[0][::-1].copy(), 16_000)) as server:
        asked = prompt(corpus, "denoising")
        (said,) = model(server).answer([asked])
        assert isinstance(said, Answer) and said.audio is not None
        assert np.abs(said.audio.samples[::-1] - asked.sounds(16_000)[0]).max() < 1e-4
        assert server.requests[0]["modalities"] == ["text", "audio"]


def test_what_fails_for_a_while_is_tried_again(corpus: Corpus) -> None:
    with serving(lambda text, sounds: "yes") as server:
        server.faults = [500, 429, 503]
        assert model(server).answer([prompt(corpus)])[0].text == "yes"  # type: ignore[union-attr]
        assert len(server.requests) == 4


def test_what_keeps_failing_is_no_answer(corpus: Corpus) -> None:
    with serving(lambda text, sounds: "yes") as server:
        server.faults = [429, 429, 429]
        limited_model = model(server, retries=2)
        (limited,) = limited_model.answer([prompt(corpus)])
        assert isinstance(limited, Failure) and limited.kind == "rate limit"
        server.faults = [502, 502]
        (failed,) = model(server, retries=1).answer([prompt(corpus)])
        assert isinstance(failed, Failure) and failed.kind == "server error"
        server.faults = [HANG]
        (late,) = model(server, retries=0, timeout_s=0.2).answer([prompt(corpus)])
        assert isinstance(late, Failure) and late.kind == "timeout"
        endpoint = model(server, retries=1)
        endpoint.answer([prompt(corpus)])
    (gone,) = endpoint.answer([prompt(corpus)])
    assert isinstance(gone, Failure) and gone.kind == "no connection"


def test_a_server_that_is_not_there_ends_the_run_in_one_line(tmp_path: Path) -> None:
    with serving(lambda text, sounds: "yes") as server:
        gone_model = model(server)
    with pytest.raises(EndpointError, match=r"http://.*: .*is the server up"):
        evaluate(gone_model, "speaker_verification", tmp_path, **QUICK)


def test_what_is_refused_for_good_raises_at_once(corpus: Corpus) -> None:
    with serving(lambda text, sounds: "yes") as server:
        server.faults = [401]
        with pytest.raises(EvaluationError, match=r"HTTP 401.*fault 401"):
            model(server).answer([prompt(corpus)])
        assert len(server.requests) == 1
    with pytest.raises(EvaluationError, match="http"):
        EndpointModel("x", "ftp://nowhere")


@pytest.mark.slow
def test_workers_ask_at_the_same_time(tmp_path: Path) -> None:
    # The first four questions are answered when all four are there.
    together, numbers = threading.Barrier(4), itertools.count()

    def answer(text: str, sounds: list[np.ndarray]) -> str:
        if next(numbers) < 4:
            together.wait()
        return "yes"

    with serving(answer) as server:
        evaluate(model(server), "speaker_verification", tmp_path, workers=4, **QUICK)
        assert server.most_at_once == 4
        assert len(server.requests) == 10


def test_the_limit_of_requests_holds_over_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that stands still: each request is to wait 50 ms longer than the one before."""
    waits: list[float] = []
    monkeypatch.setattr("audioflan_tasks.evaluation.models.endpoint.time.monotonic", lambda: 7.0)
    monkeypatch.setattr("audioflan_tasks.evaluation.models.endpoint.time.sleep", waits.append)
    with serving(lambda text, sounds: "yes") as server:
        paced = model(server, requests_per_minute=1200)
        with ThreadPoolExecutor(4) as pool:
            replies = list(pool.map(paced.complete, ["Say yes."] * 10))
    assert replies == [Answer("yes", note={"finish_reason": "stop", "total_tokens": 7})] * 10
    assert sorted(waits) == pytest.approx([0.05 * number for number in range(10)])


@pytest.mark.slow
def test_errors_are_apart_from_answers_and_asked_again_on_resume(tmp_path: Path) -> None:
    with serving(lambda text, sounds: "yes") as server:
        server.faults = [400 + 29] * 3
        endpoint = model(server, retries=0)
        first = evaluate(endpoint, "speaker_verification", tmp_path, **QUICK)
        (task,) = first.tasks
        assert task.status == "incomplete" and task.errors == {"rate limit": 3}
        assert task.answered == 7 and not task.headline
        again = evaluate(endpoint, "speaker_verification", tmp_path, **QUICK)
        assert again.tasks[0].status == "scored" and again.tasks[0].answered == 10
        assert len(server.requests) == 10 + 3


@pytest.mark.slow
def test_proof_of_hearing_through_the_wire(tmp_path: Path) -> None:
    def listens(text: str, sounds: list[np.ndarray]) -> str:
        if not sounds:
            return "I hear nothing"
        return "yes" if float(np.abs(sounds[0]).mean()) * 1e4 % 2 < 1 else "no"

    with serving(listens) as server:
        options = {**QUICK, "proof_of_hearing": 6, "baselines": ["blind"]}
        results = evaluate(model(server), "speaker_verification", tmp_path, **options)
        assert results.hearing is not None and results.hearing.proven
        assert results.hearing.same_without == 0
        assert results.tasks[0].baselines["blind"].value == 0


@pytest.mark.slow
def test_a_judge_stands_apart(tmp_path: Path) -> None:
    def answer(text: str, sounds: list[np.ndarray]) -> str:
        if "Reply with one word" not in text:
            return "yes"
        said = text.split("Reference: ")[1].splitlines()[0]
        return "Correct." if said == "yes" else "This is wrong."

    with serving(answer) as server:
        judge = Judge(EndpointModel("judge", server.url))
        results = evaluate(model(server), "speaker_verification", tmp_path, judge=judge, **QUICK)
        found = results.tasks[0].judge
        assert found["model"] == "judge" and found["prompt_version"] == PROMPT_VERSION
        assert found["judged"] == found["compared"] == 10
        assert found["agreement_with_parser"] == 1.0
        assert found["correct"] == results.tasks[0].metrics[0].value
        assert "v1" in (tmp_path / "report.md").read_text()


@pytest.mark.slow
def test_command_line(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    with serving(lambda text, sounds: "yes") as server:
        arguments = [
            "evaluate", "openai:tiny", "music", "--tasks", "key_comparison", "--out",
            str(tmp_path), "--model_args", f"base_url={server.url},max_tokens=9", "--limit", "3",
            "--batch_size", "2", "--num_fewshot", "0", "--baselines", "random",
            "--proof_of_hearing", "0",
        ]  # fmt: skip
        monkeypatch.setattr(sys, "argv", ["audioflan", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        assert not caught.value.code
        assert "key_comparison" in capsys.readouterr().out
        results = read_results(tmp_path)
        assert results.settings["max_tokens"] == 9 and results.tasks[0].answered == 3
