"""Files of answers as benchmarks and harnesses write them, by made-up rows in their forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.errors import RecordError
from audioflan_tasks.metrics import score
from audioflan_tasks.metrics.answer_files import SavedAnswers, read_answer_file

EMOTION = catalogue.get("emotion_recognition")
OPTIONS = ("happy", "sad", "angry")


def written(path: Path, content: Any) -> Path:
    """A file of JSON lines for a tuple, else of one JSON value."""
    lines = content if isinstance(content, tuple) else (content,)
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return path


def rows(**columns: list[Any]) -> list[dict[str, Any]]:
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def lettered(question: str) -> dict[str, str]:
    return {"question": question, "choice_a": "happy", "choice_b": "sad", "choice_c": "angry"}


# Each has answers to "sad" and "happy", the first wrong, the second right.
FORMS: dict[str, Any] = {
    "json lines": tuple(rows(response=["happy", "happy"], reference=["sad", "happy"])),
    "array in a file of lines": rows(response=["happy", "happy"], correct_answer=["sad", "happy"]),
    "details": {"judge": {"score": 3},
                "details": rows(model_prediction=["happy", "happy"], reference=["sad", "happy"])},
    "results": {"results": rows(prediction=["happy", "happy"], label=["sad", "happy"])},
    "samples by task": {"results": {"emotion_recognition": {"acc": 0.5}}, "samples": {
        "emotion_recognition": rows(resps=[[["happy"]], [["happy"]]], target=["sad", "happy"]),
        "other": rows(resps=[[["x"]]], target=["y"])}},
    "by id": {"q1": {"response": "happy", "answer": "sad"},
              "q2": {"response": "happy", "answer": "happy"}},
    "lm-evaluation-harness": tuple(
        {"doc_id": n, "doc": {"question": "Emotion?", "choices": list(OPTIONS)}, "target": target,
         "arguments": {"gen_args_0": {"arg_0": "Emotion?", "arg_1": {"until": ["."]}}},
         "resps": [["it is happy"]], "filtered_resps": ["happy"], "filter": "none"}
        for n, target in enumerate(("1", "0"))),
    "two filters": tuple(
        {"doc_id": n, "target": target, "resps": [["so happy"]], "filtered_resps": [response],
         "filter": name}
        for name, response in (("flexible", "happy"), ("strict", "[invalid]"))
        for n, target in enumerate(("sad", "happy"))),
    "log likelihoods": tuple(
        {"doc_id": n, "doc": {"choices": list(OPTIONS)}, "target": target,
         "filtered_resps": [["-0.5", "False"], ["-3.25", "False"], ["-9.0", "True"]]}
        for n, target in enumerate((1, 0))),
    "lmms-eval": tuple(
        {"doc_id": n, "input": "Emotion?", "target": target, "filtered_resps": "happy",
         "doc_hash": "0", "audio_score": {"x": 1}} for n, target in enumerate(("sad", "happy"))),
    "MMAU": [{"id": "a", "question": "Emotion?", "choices": '["happy", "sad"]',
              "model_output": "happy", "answer": target} for target in ("sad", "happy")],
    "options with letters": [
        {"question": "Emotion?", "choices": ["A. happy", "B. sad"], "answer": target,
         "answer_prediction": "happy"} for target in ("B", "A. happy")],
    "MMSU": tuple({**lettered("Emotion?"), "answer_gt": target, "response": "happy"}
                  for target in ("sad", "happy")),
    "MuChoMusic": [{"prompt": "Emotion?", "answers": ["happy", "sad"], "answer_orders": order,
                    "model_output": "happy", "id": 1} for order in ([1, 0], [0, 1])],
    "UltraEval": tuple(
        {"type": kind, "id": n, "data": data}
        for n, gold in enumerate(("sad", "happy"))
        for kind, data in (
            ("prompt", {"content": "Emotion?"}), ("inference", {"content": "…happy"}),
            ("post_process", {"content": "happy"}), ("eval", {"ref": gold, "acc": 1}))),
    "separators of Unicode": "{\"response\": \"happy\u2028\", \"reference\": \"sad\"}\n"
                             "{\"response\": \"happy\", \"reference\": \"happy\"}\n",
    "half a pair": "{\"response\": \"\\ud800happy\", \"reference\": \"sad\"}\n"
                   "{\"response\": \"happy\", \"reference\": \"happy\"}\n",
}  # fmt: skip


def opened(tmp_path: Path, content: Any, **options: Any) -> SavedAnswers:
    path = tmp_path / "answers.json"
    if isinstance(content, str):
        path.write_text(content)
    else:
        written(path, content)
    return read_answer_file(path, EMOTION, **options)


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_the_field(tmp_path: Path, form: str) -> None:
    saved = opened(tmp_path, FORMS[form])
    assert list(saved.references) == ["sad", "happy"]
    found = score(EMOTION, saved.references, saved.answers, options=saved.options,
                  prompts=saved.prompts)  # fmt: skip
    assert found["accuracy"] == 0.5
    assert {"answer", "reference"} <= set(saved.keys)
    saved.answers[0].encode("utf-8")  # it can be written again


def test_what_was_taken_is_said(tmp_path: Path) -> None:
    assert opened(tmp_path, FORMS["samples by task"]).keys == {
        "answer": "resps", "reference": "target", "list": "samples/emotion_recognition",
    }  # fmt: skip
    assert opened(tmp_path, FORMS["two filters"]).keys["filter"] == "flexible (of flexible, strict)"
    saved = opened(tmp_path, FORMS["lm-evaluation-harness"])
    assert saved.options == [OPTIONS, OPTIONS] and saved.prompts[0].startswith(
        "Emotion?\n(A) happy"
    )
    assert opened(tmp_path, FORMS["MMAU"]).keys["options"] == "choices"


def test_lists_of_which_none_is_the_tasks_are_refused(tmp_path: Path) -> None:
    content = {"samples": {name: rows(response=["x"], reference=["y"]) for name in ("one", "two")}}
    with pytest.raises(RecordError, match="under samples/one, samples/two; save one"):
        opened(tmp_path, content)


def test_rows_without_an_answer_stay_and_are_counted(tmp_path: Path) -> None:
    content = ({"response": "sad", "reference": "sad"}, {"reference": "happy"},
               {"response": None, "reference": "sad"})  # fmt: skip
    saved = opened(tmp_path, content)
    assert saved.answers == ["sad", "", ""]
    assert saved.keys["without an answer"] == "1"
    assert score(EMOTION, saved.references, saved.answers)["accuracy"] == pytest.approx(1 / 3)
    with pytest.raises(RecordError, match=r"no row has 'respons'; the first has response.*did you"):
        opened(tmp_path, content, answer_key="respons")


GOLD = tuple({"id": f"q{n}", "answer": label} for n, label in enumerate(("sad", "happy", "angry")))


@pytest.mark.parametrize(
    ("answers", "golds", "expected"),
    [
        (({"id": "q2", "answer": "angry"}, {"id": "q0", "answer": "sad"}), GOLD,
         {"answers": ["sad", "", "angry"], "joined by": "id", "without an answer": "1 (q1)"}),
        (({"id": "q0", "response": "sad", "answer": "no"}, {"id": "q9", "response": "sad"}), GOLD,
         {"answers": ["sad", "", ""], "without an answer": "2 (q1, q2)",
          "without a right answer": "1 (q9)"}),
        (({"id": "q0", "response": "sad"}, {"id": "q0", "response": "happy"}), GOLD,
         {"answers": ["happy", "", ""], "answered again": "1 (the last one counts)"}),
        (({"audio_path": "/x/b.wav", "question": "Which?", "response": "happy"},
          {"audio_path": "/x/a.wav", "question": "which? ", "response": "sad"}),
         ({"audio": "a.flac", "prompt": "Which?", "label": "sad"},
          {"audio": "b.flac", "prompt": "Which?", "label": "happy"}),
         {"answers": ["sad", "happy"], "joined by": "audio and question",
          "without an answer": "0"}),
        (({"response": "sad"}, {"response": "happy"}, {"response": "sad"}),
         ({"label": "sad"}, {"label": "happy"}, {"label": "angry"}),
         {"answers": ["sad", "happy", "sad"], "joined by": "position"}),
        (["sad", "happy", "sad"], GOLD,
         {"answers": ["sad", "happy", "sad"], "joined by": "position"}),
        # An id that repeats in the right answers joins nothing: a track has several questions.
        (({"id": 1, "question": "A?", "response": "sad"},
          {"id": 1, "question": "B?", "response": "happy"}),
         ({"id": 1, "question": "B?", "answer": "happy"},
          {"id": 1, "question": "A?", "answer": "sad"}),
         {"answers": ["happy", "sad"], "joined by": "audio and question"}),
    ],
)  # fmt: skip
def test_right_answers_in_another_file(
    tmp_path: Path, answers: Any, golds: Any, expected: dict[str, Any]
) -> None:
    gold = written(tmp_path / "gold.jsonl", golds)
    saved = opened(tmp_path, answers, gold=gold)
    assert saved.answers == expected.pop("answers")
    assert {name: saved.keys[name] for name in expected} == expected
    assert saved.keys["gold"] == f"gold.jsonl ({len(golds)} rows)"


def test_files_that_nothing_joins_are_refused(tmp_path: Path) -> None:
    gold = written(tmp_path / "gold.jsonl", GOLD)
    with pytest.raises(RecordError, match="2 answers and 3 right answers share no id"):
        opened(tmp_path, ({"id": "x", "response": "a"}, {"id": "y", "response": "b"}), gold=gold)
