"""Questions go out as a file, a model elsewhere answers, and the answers are scored."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import soundfile

from audioflan_tasks import evaluate
from audioflan_tasks.cli import questions as questions_command
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import AudioReadError, EvaluationError, FileWriteError, UnknownNameError
from audioflan_tasks.evaluation import write_questions
from audioflan_tasks.evaluation.models import FinishedModel

TASKS = "key_detection,denoising,speaker_verification"


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def gold(key: str) -> str:
    task, split, row = key.split("/")
    return Corpus().instance(f"audioflan_{task}", split, int(row)).output_pieces[0].value


@pytest.mark.slow
def test_right_answers_to_the_file_score_best(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    names = TASKS.split(",")
    counts = write_questions("audioflan_all", file, tasks=names, limit=3)
    lines = lines_of(file)
    assert (counts.questions, counts.tasks, counts.skipped) == (9, 3, ())
    assert Counter(line["task"] for line in lines) == {f"audioflan_{name}": 3 for name in names}
    answers = []
    for line in lines:
        assert line["prompt"].count("<audio>") == len(line["audios"])
        for audio in line["audios"]:
            info = soundfile.info(tmp_path / audio)
            assert info.samplerate == 16_000 and info.frames > 1600
        if line["answer_is"] == "audio":
            clip = f"answers/{line['uuid']}.wav"
            instance = Corpus().instance(line["task"], "test", int(line["key"].split("/")[2]))
            samples = Corpus().audio(gold(line["key"]), 16_000, instance)
            (tmp_path / clip).parent.mkdir(exist_ok=True)
            soundfile.write(tmp_path / clip, samples, 16_000, subtype="FLOAT")
            answers.append({"key": line["key"], "audio": clip})
        else:
            answers.append({"key": line["key"], "answer": gold(line["key"])})
    answer_file = tmp_path / "answers.jsonl"
    answer_file.write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    results = evaluate(
        FinishedModel(answer_file), "audioflan_all", tmp_path / "run", tasks=names, limit=3,
        baselines=(), proof_of_hearing=0,
    )  # fmt: skip
    assert not results.failed
    assert {task.task: task.normalised for task in results.tasks} == pytest.approx(
        {f"audioflan_{name}": 100.0 for name in names}, abs=2.0
    )


@pytest.mark.slow
def test_the_prompts_are_those_of_a_run(tmp_path: Path) -> None:
    prompts: dict[str, str] = {}

    def model(prompt: Any) -> str:
        prompts[prompt.key] = prompt.text()
        return "nothing"

    evaluate(model, "key_detection", tmp_path / "run", limit=4, num_fewshot=1, seed=3,
             baselines=(), proof_of_hearing=0)  # fmt: skip
    file = tmp_path / "q.jsonl"
    write_questions("key_detection", file, limit=4, num_fewshot=1, seed=3)
    assert {line["key"]: line["prompt"] for line in lines_of(file)} == prompts


@pytest.mark.slow
def test_audio_that_cannot_be_read_costs_its_question_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = Corpus()
    read = Corpus.audio
    lost = corpus.instance("audioflan_key_detection", "test", 1).audio_ids[0]

    def audio(self: Corpus, audio_id: str, *args: Any) -> Any:
        if audio_id == lost:
            raise AudioReadError(f"{audio_id} is torn")
        return read(self, audio_id, *args)

    monkeypatch.setattr(Corpus, "audio", audio)
    counts = write_questions("key_detection", tmp_path / "q.jsonl")
    assert counts.skipped and all("is torn" in fault for fault in counts.skipped)
    keys = [line["key"] for line in lines_of(tmp_path / "q.jsonl")]
    assert "key_detection/test/1" not in keys
    assert (
        len(keys)
        == counts.questions
        == corpus.size("audioflan_key_detection", "test") - len(counts.skipped)
    )


def test_errors_name_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean"):
        write_questions("key_detecton", tmp_path / "q.jsonl")
    with pytest.raises(EvaluationError, match="no records in split 'dev'"):
        write_questions("key_detection", tmp_path / "q.jsonl", split="dev")
    (tmp_path / "file").write_text("")
    with pytest.raises(FileWriteError, match="cannot be written"):
        write_questions("key_detection", tmp_path / "file" / "q.jsonl", limit=1)
    assert not list(tmp_path.glob("*.part"))


def test_the_command_says_how_to_have_the_answers_scored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "q.jsonl"
    questions_command.write_question_file(
        "audioflan_all", file, "key_detection", 2.0, 0, "test", 5, 8000, None
    )
    out = capsys.readouterr().out
    assert f"wrote {file}: 2 questions of 1 task(s)" in out
    assert (
        "then: audioflan evaluate answers:FILE audioflan_all --tasks key_detection --limit 2 "
        "--seed 5 --out RUN"
    ) in out
