"""Questions that a server refuses, and what it says beside an answer, through the wire."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation import Answer, Failure, evaluate
from audioflan_tasks.evaluation.answers import AnswerFile
from audioflan_tasks.evaluation.endings import with_endings
from audioflan_tasks.evaluation.models import EndpointModel, FinishedModel
from audioflan_tasks.metrics import Status, read_batch
from tests.evaluation.prompts import prompts_of
from tests.evaluation.server import Refused, serving

QUICK: dict[str, Any] = {"proof_of_hearing": 0, "baselines": []}
TOO_LONG = "This model's maximum context length is 4096 tokens. However, you requested 4501 tokens"


def choice(content: Any, ending: str = "stop", **fields: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, **fields}
    return {"index": 0, "message": message, "finish_reason": ending}


# What a server sends, the text of the answer, and how it is read for the label "female".
ENDINGS = [
    (choice("female"), "female", Status.OK),
    (choice("female", "length"), "female", Status.RUNAWAY),
    (choice("I would say that", "length"), "I would say that", Status.OUT_OF_SET),
    (choice(None, reasoning_content="so: female"), "so: female", Status.OK),
    (choice("", reasoning="so: female"), "so: female", Status.OK),
    (choice("male", reasoning_content="not sure; female?"), "male", Status.OK),
    (choice(None, "length", reasoning_content="it may be female or"), "", Status.EMPTY),
    (choice(None, refusal="I won't say who speaks."), "I won't say who speaks.", Status.REFUSAL),
    (choice("female", refusal="I stop here."), "female", Status.REFUSAL),
    (choice("fem", "content_filter"), "fem", Status.REFUSAL),
    (choice("female", refusal=None, reasoning_content=None), "female", Status.OK),
    (choice("female", "eos"), "female", Status.OK),
    (choice([{"type": "text", "text": "fe"}, {"type": "text", "text": "male"}]), "female",
     Status.OK),
    (choice([{"type": "refusal", "refusal": "No."}]), "No.", Status.OUT_OF_SET),
]  # fmt: skip


def test_what_stands_beside_an_answer_is_kept_and_gives_its_status(
    corpus: Corpus, tmp_path: Path
) -> None:
    sent = iter(ENDINGS)
    (prompt,) = prompts_of(corpus, catalogue.get("gender_recognition"), 1)
    with serving(lambda text, sounds: next(sent)[0]) as server:
        model = EndpointModel("tiny", server.url)
        replies = [model.answer([prompt])[0] for _ in ENDINGS]
    with AnswerFile(tmp_path, "t") as file:
        for n, reply in enumerate(replies):
            file.add(f"t/test/{n}", f"u{n}", "p", reply, 0.1)
    with AnswerFile(tmp_path, "t") as file:
        stored = [file.reply(f"t/test/{n}") for n in range(len(ENDINGS))]
    answers = [reply for reply in stored if isinstance(reply, Answer)]
    assert [a.text for a in answers] == [text for _, text, _ in ENDINGS]
    row = catalogue.get("gender_recognition")
    batch = read_batch(["female"] * len(answers), [a.text for a in answers], row=row)
    parsed = with_endings(batch, answers).parsed
    assert [p.status for p in parsed] == [status for _, _, status in ENDINGS]
    assert parsed[5].reasoning == answers[5].note["reasoning_content"] == "not sure; female?"
    assert answers[8].note["refusal"] == "I stop here."
    assert parsed[1].value == "female" and parsed[8].value is None


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refused_question_is_a_failure_at_once(corpus: Corpus, status: int) -> None:
    (prompt,) = prompts_of(corpus, catalogue.get("speaker_verification"), 1)
    with serving(lambda text, sounds: Refused(status, TOO_LONG)) as server:
        (reply,) = EndpointModel("tiny", server.url, retries=3, backoff_s=9.0).answer([prompt])
        assert isinstance(reply, Failure) and reply.kind == "refused"
        assert f"HTTP {status}" in reply.message and "4096 tokens" in reply.message
        assert len(server.requests) == 1


@pytest.mark.slow
def test_the_run_goes_on_and_a_rerun_asks_only_what_failed(tmp_path: Path) -> None:
    asked: Counter[bytes] = Counter()
    is_shorter = False

    def answer(text: str, sounds: list[np.ndarray]) -> Any:
        key = sounds[0].tobytes() + sounds[1].tobytes()
        asked[key] += 1
        is_refused = sum(key) % 3 == 0
        return Refused(400, TOO_LONG) if is_refused and not is_shorter else "yes"

    tasks = ["speaker_verification", "gender_recognition"]
    with serving(
        lambda text, sounds: answer(text, sounds) if len(sounds) > 1 else "male"
    ) as server:
        first = evaluate(EndpointModel("tiny", server.url), "audioflan_all", tmp_path, tasks=tasks,
                         limit=10, **QUICK)  # fmt: skip
        failures = sum(1 for key in asked if sum(key) % 3 == 0)
        by_task = {t.task.removeprefix("audioflan_"): t for t in first.tasks}
        broken = by_task["speaker_verification"]
        assert 0 < failures < 10
        assert broken.status == "incomplete" and broken.errors == {"refused": failures}
        assert broken.answered == 10 - failures and "4096 tokens" in broken.reason
        assert by_task["gender_recognition"].status == "scored"
        before = len(server.requests)
    is_shorter = True
    # At another address: that is no part of what the model is.
    with serving(
        lambda text, sounds: answer(text, sounds) if len(sounds) > 1 else "male"
    ) as server:
        again = evaluate(EndpointModel("tiny", server.url), "audioflan_all", tmp_path, tasks=tasks,
                         limit=10, **QUICK)  # fmt: skip
        assert len(server.requests) == failures
    assert before == 20
    assert {t.status for t in again.tasks} == {"scored"}


def test_a_file_of_answers_may_say_how_they_ended(tmp_path: Path, corpus: Corpus) -> None:
    (prompt,) = prompts_of(corpus, catalogue.get("gender_recognition"), 1)
    line = {"uuid": prompt.instance.uuid, "answer": "female", "finish_reason": "length"}
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps(line) + "\n")
    (reply,) = FinishedModel(path).answer([prompt])
    assert reply == Answer("female", note={"finish_reason": "length"})
