"""A file of a run that was damaged ends what reads it in one line; a pipe is not waited for."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation import Answer, Failure, evaluate, read_results
from audioflan_tasks.evaluation.answers import AnswerFile
from audioflan_tasks.evaluation.models.finished import FinishedModel
from audioflan_tasks.evaluation.models.function import FunctionModel
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.samples import read_samples
from audioflan_tasks.evaluation.setup import open_folder

DAMAGE: dict[str, bytes] = {
    "null": b"null", "bracket": b"[", "list": b"[]", "empty object": b"{}", "bytes": b"\xff",
    "bytes in a key": b'{"\xff": 1}', "nesting": b'{"x": ' + b"[" * 99_999,
}  # fmt: skip
NO_FILES: dict[str, Callable[[Path], object]] = {"pipe": os.mkfifo, "folder": os.mkdir}


def answers_of(path: Path) -> None:
    with AnswerFile(path.parent, path.stem):
        pass


READERS: dict[str, Callable[[Path], object]] = {
    "run.json": lambda path: open_folder(path.parent, FunctionModel(str), "m", {}),
    "results.json": lambda path: read_results(path.parent),
    "samples/samples_t.jsonl": lambda path: read_samples(path.parents[1], "t"),
    "t.jsonl": answers_of,
    "finished.jsonl": FinishedModel,
}


@pytest.mark.parametrize("name", READERS)
def test_it_is_named(tmp_path: Path, name: str) -> None:
    for fault in (*DAMAGE, *NO_FILES):
        path = tmp_path / fault / name
        path.parent.mkdir(parents=True)
        if fault in NO_FILES:
            NO_FILES[fault](path)
        else:
            path.write_bytes(DAMAGE[fault] + b"\n")
        with pytest.raises(EvaluationError) as caught:
            READERS[name](path)
        assert str(tmp_path / fault) in str(caught.value) and "\n" not in str(caught.value)


def test_audio_of_finished_answers_that_cannot_be_read_costs_its_question(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "good.wav", np.full(800, 0.5), 8000)
    (tmp_path / "cut.wav").write_bytes((tmp_path / "good.wav").read_bytes()[:400])
    os.mkfifo(tmp_path / "pipe.wav")
    names = ("good.wav", "cut.wav", "pipe.wav", "gone.wav")
    lines = [json.dumps({"uuid": name, "audio": name}) for name in names]
    (tmp_path / "answers.jsonl").write_text("\n".join(lines))
    prompts: list[Any] = [
        SimpleNamespace(instance=SimpleNamespace(uuid=n), key=n, row=SimpleNamespace(id="t"))
        for n in names
    ]
    first, *others = FinishedModel(tmp_path / "answers.jsonl").answer(prompts)
    assert isinstance(first, Answer) and first.audio is not None and first.audio.sample_rate == 8000
    assert [reply.kind for reply in others if isinstance(reply, Failure)] == ["unreadable"] * 3


def test_a_full_disk_is_of_no_one_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from audioflan_tasks.errors import FileWriteError

    def full(self: AnswerFile, *unused: object) -> None:
        raise FileWriteError("answers: cannot be written (No space left on device)")

    monkeypatch.setattr(AnswerFile, "add", full)
    asked: list[str] = []

    def model(prompt: Prompt) -> str:
        asked.append(prompt.key)
        return "yes"

    tasks = ["gender_recognition", "emotion_recognition"]
    with pytest.raises(FileWriteError, match="No space left"):
        evaluate(model, "audioflan_all", tmp_path, tasks=tasks, limit=1, proof_of_hearing=0)
    assert len(asked) == 1
