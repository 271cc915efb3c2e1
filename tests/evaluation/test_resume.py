"""A killed run loses no answer and asks none twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation import Answer, Failure, evaluate, read_results
from audioflan_tasks.evaluation.answers import AnswerFile
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.metrics import AudioAnswer
from tests.evaluation import killed_evaluation
from tests.kinds import first_of

QUESTIONS = 40
# Batch size, workers, question, signal and exit status.
KILLS = (
    (1, 1, 6, signal.SIGKILL, -9), (3, 2, 17, signal.SIGTERM, 143), (1, 1, 3, signal.SIGINT, 130),
)  # fmt: skip


def killed(folder: Path, batch_size: int, workers: int, last: int, number: int) -> int:
    """Exit status of an evaluation that gets a signal at its question `last`."""
    arguments = map(str, (folder, batch_size, workers, last, number))
    command = [sys.executable, killed_evaluation.__file__, *arguments]
    return subprocess.run(command, check=False).returncode


def kept(folder: Path) -> list[str]:
    """Keys of whole lines on disk."""
    files = sorted((folder / "run" / "answers").glob("*.jsonl"))
    lines = [line for f in files for line in f.read_bytes().split(b"\n")[:-1]]
    return [json.loads(line)["key"] for line in lines]


# Of each signal with 1 and 2 workers: 20 in three runs of an evaluation, as in KILLS.
MORE_KILLS = tuple(
    tuple((1, workers, 3, number, status) for workers in (1, 2) * pairs)
    for pairs, number, status in (
        (4, signal.SIGKILL, -9), (3, signal.SIGTERM, 143), (3, signal.SIGINT, 130),
    )
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "kills", first_of(KILLS, *MORE_KILLS), ids=("three", "SIGKILL", "SIGTERM", "SIGINT")
)
def test_killed_and_resumed_with_other_numbers(
    tmp_path: Path, kills: Sequence[tuple[int, int, int, int, int]]
) -> None:
    answers = 0
    for batch_size, workers, last, number, status in kills:
        assert killed(tmp_path, batch_size, workers, last, number) == status
        under_way = batch_size * workers
        assert answers + last - under_way <= len(kept(tmp_path)) < answers + last < QUESTIONS
        answers = len(kept(tmp_path))
    before = kept(tmp_path)
    asked_before = (tmp_path / "asked.txt").read_text().split()
    # A line that was cut off in the middle is no answer.
    file = sorted((tmp_path / "run" / "answers").glob("*.jsonl"))[0]
    with file.open("ab") as handle:
        handle.write(b'{"key":"gender_recognition/test/0","uu')
    killed_evaluation.main(tmp_path, 4, 3)
    asked = (tmp_path / "asked.txt").read_text().split()[len(asked_before) :]
    assert not set(asked) & set(before)
    assert len(asked) == len(set(asked)) == QUESTIONS - len(before)
    assert sorted(kept(tmp_path)) == sorted({*before, *asked})
    # At most what was under way when it was ended was asked and lost.
    assert len(asked_before) - len(before) <= sum(kill[0] * kill[1] for kill in kills)
    whole = read_results(tmp_path / "run")
    other = tmp_path / "other"
    other.mkdir()
    killed_evaluation.main(other, 1, 1)
    alone = read_results(other / "run")
    assert [t.metrics for t in whole.tasks] == [t.metrics for t in alone.tasks]
    assert [t.normalised for t in whole.tasks] == [t.normalised for t in alone.tasks]


@pytest.mark.slow
def test_a_larger_limit_asks_only_the_new_questions(tmp_path: Path) -> None:
    asked: list[str] = []

    def model(prompt: Prompt) -> str:
        asked.append(prompt.key)
        return "yes"

    for limit, total in ((3, 3), (7, 7), (0.5, 7), (None, 10)):
        evaluate(model, "speaker_verification", tmp_path, limit=limit, proof_of_hearing=0)
        assert len(asked) == len(set(asked)) == total


def test_another_run_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    def model(prompt: Prompt) -> str:
        return "no"

    options = {"limit": 2, "proof_of_hearing": 0}
    evaluate(model, "speaker_verification", tmp_path, **options)  # type: ignore[arg-type]
    with pytest.raises(EvaluationError, match=r"holds a run with seed=0, not 1"):
        evaluate(model, "speaker_verification", tmp_path, seed=1, **options)  # type: ignore[arg-type]


def test_answer_files(tmp_path: Path) -> None:
    import numpy as np

    sound = AudioAnswer(np.array([0.0, 1.5, -0.25], np.float32), 8000)
    with AnswerFile(tmp_path, "t") as file:
        file.add("t/test/0", "u0", "p", Answer("naïve\n“text”", note={"ids": 3}), 0.5)
        file.add("t/test/1", "u1", "p", Answer(audio=sound), 0.5)
        file.add("t/test/2", "u2", "p", Failure("timeout", "late"), 9.0)
    with AnswerFile(tmp_path, "t") as file:
        assert file.reply("t/test/0") == Answer("naïve\n“text”", note={"ids": 3})
        said = file.reply("t/test/1")
        assert isinstance(said, Answer) and said.audio is not None
        # Samples outside [-1, 1] are kept: clipping is the metric's business.
        assert np.array_equal(said.audio.samples, sound.samples)
        assert file.has_answer("t/test/0", "p") and not file.has_answer("t/test/2", "p")
        with pytest.raises(EvaluationError, match="another prompt"):
            file.has_answer("t/test/0", "q")
        file.add("t/test/2", "u2", "p", Answer("late but there"), 1.0)
    with AnswerFile(tmp_path, "t") as file:
        assert file.reply("t/test/2") == Answer("late but there")
    with (tmp_path / "t.jsonl").open("ab") as handle:
        handle.write(b"{}\n")
    with (
        pytest.raises(EvaluationError, match=r"t\.jsonl:5: not a line of answers"),
        AnswerFile(tmp_path, "t"),
    ):
        pass
