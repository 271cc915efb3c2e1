"""Scores with their statuses and facts; saved answers; answers of a real model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MetricInputError, RecordError, UnknownNameError
from audioflan_tasks.metrics import PROFILES, AudioAnswer, Status, metrics_of, score
from audioflan_tasks.metrics.answer_files import read_answer_file
from audioflan_tasks.metrics.normalise import normaliser, version_of

REAL = Path(__file__).parents[1] / "data" / "cmi_bench"
GENDER = catalogue.get("gender_recognition")
ASR = catalogue.get("automatic_speech_recognition")


def test_failures_stay_in_the_denominator_and_are_counted() -> None:
    answers = ["female", "a man", "robot", "", "male or female", "I cannot listen to audio"]
    found = score(GENDER, ["female", "male"] * 3, answers)
    assert found["accuracy"] == pytest.approx(2 / 6)
    assert found["accuracy_unparsed"] == pytest.approx(4 / 6)
    assert found.statuses == {"ok": 2, "out_of_set": 1, "ambiguous": 1, "refusal": 1, "empty": 1}
    assert [p.value for p in found.parsed] == ["female", "male", None, None, None, None]
    assert sum(found.statuses.values()) == int(found.facts["answers"]) == 6
    assert dict(found).keys() >= {"accuracy", "macro_f1", "balanced_accuracy_unparsed"}


def test_a_score_says_what_it_was_computed_with() -> None:
    found = score(ASR, ["a b"], ["a b"])
    assert found.facts["normaliser"] == version_of("basic")
    assert "rapidfuzz 3" in found.facts["libraries"]
    assert score(GENDER, ["male"], ["male"]).facts["most_common_answer"] == "male (100.0%)"
    clip = AudioAnswer(np.ones(8000, np.float32), 8000)
    heard = score(catalogue.get("text_to_speech"), [clip], [clip], metrics=["duration_error"])
    assert "resampled" in heard.facts["sample_rates"]


def test_options_for_all_for_each_and_the_gold_outside_them() -> None:
    row = catalogue.get("sound_event_understanding")
    each = [("1", "2"), ("yes", "no"), ("door", "train")]
    found = score(row, ["2", "no", "door"], ["two", "No, never", "a door"], options=each)
    assert found["accuracy"] == 1.0
    # An example without options has the labels of all references.
    some = [("1", "2"), (), ("door", "train")]
    found = score(row, ["2", "no", "door"], ["2", "the door", "train"], options=some)
    assert [p.value for p in found.parsed] == ["2", "door", "train"]
    with pytest.raises(MetricInputError, match="options for 1 examples but 3"):
        score(row, ["2", "no", "door"], ["2"] * 3, options=[("1", "2")])
    genre = catalogue.get("genre_classification")
    # The list of options spells a label otherwise, or lacks the right one.
    assert score(genre, ["hiphop"], ["hip-hop"], options=["hip-hop", "pop"])["accuracy"] == 1.0
    assert score(genre, ["ska"], ["ska"], options=["hip-hop", "pop"])["accuracy"] == 1.0


def test_scores_of_answers_bring_their_metrics() -> None:
    row = catalogue.get("speaker_verification")
    found = score(row, ["yes", "no"], ["yes", "no"], scores=[0.9, 0.1])
    assert found["eer"] == found["min_dcf"] == 0.0
    assert "eer" not in score(row, ["yes", "no"], ["yes", "no"])
    tags = catalogue.get("music_tagging")
    scores = [{"rock": 0.9, "jazz": 0.2}, {"rock": 0.1, "jazz": 0.7}]
    assert score(tags, ["rock", "jazz"], ["rock", "jazz"], scores=scores)["map"] == 1.0
    with pytest.raises(MetricInputError, match="needs a score"):
        score(row, ["yes", "no"], ["yes", "no"], metrics=["eer"])
    with pytest.raises(MetricInputError, match="1 scores for 2 references"):
        score(row, ["yes", "no"], ["yes", "no"], scores=[1.0])


def test_the_speakers_own_refusal_is_a_transcript() -> None:
    said = "I'm sorry, I can't transcribe audio requests."
    assert score(ASR, [said], [said])["wer"] == 0.0
    assert score(ASR, ["hello"], [said]).statuses == {"refusal": 1}


def test_profiles_side_by_side() -> None:
    pytest.importorskip("whisper_normalizer")
    wanted, said = "Mr. Brown's colour, isn't it?", "mister brown's color isnt it"
    rates = {
        p: score(ASR, [wanted], [said], normaliser=p, languages=["en"])["wer"] for p in PROFILES
    }
    assert rates["none"] > rates["basic"] > rates["whisper-english"]
    assert rates["language"] == rates["whisper-english"]
    german = score(ASR, [wanted], [said], normaliser="language", languages=["de"])["wer"]
    assert german == rates["basic"]
    assert normaliser("whisper-english")("Mr. Smith's colour") == ["mister", "smith", "is", "color"]
    assert "0.1" in version_of("whisper-english")
    with pytest.raises(UnknownNameError, match="did you mean whisper-english"):
        score(ASR, ["a"], ["a"], normaliser="whisper-englisch")


def test_scripts_without_spaces_are_compared_by_character() -> None:
    for profile in ("basic", "language"):
        assert score(ASR, ["你好吗"], ["你好"], normaliser=profile)["wer"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("answer", "reference"),
    [("response", "correct_answer"), ("prediction", "reference"), ("model_output", "answer"),
     ("filtered_resps", "target"), ("Model-Output", "Ground Truth"), ("hyp", "ref")],
)  # fmt: skip
def test_saved_answers_by_the_fields_key_names(tmp_path: Path, answer: str, reference: str) -> None:
    rows = [{answer: "woman", reference: "female"}, {answer: ["male"], reference: "male"}]
    lines, array, inside = (tmp_path / name for name in ("a.jsonl", "b.json", "c.json"))
    lines.write_text("\n".join(map(json.dumps, rows)))
    array.write_text(json.dumps(rows, indent=2))
    inside.write_text(json.dumps({"results": rows, "config": {}}))
    for path in (lines, array, inside):
        saved = read_answer_file(path, GENDER)
        assert (saved.answers, saved.references) == (["woman", "male"], ["female", "male"])
        assert score(GENDER, saved.references, saved.answers)["accuracy"] == 1.0


def test_saved_letters_stand_for_choices(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    row = {"question": "Genre?", "choices": ["jazz", "rock"], "answer": "B", "response": "(B)"}
    path.write_text(json.dumps(row))
    task = catalogue.get("genre_classification")
    saved = read_answer_file(path, task)
    assert saved.references == ["rock"]
    found = score(
        task, saved.references, saved.answers, options=saved.options, prompts=saved.prompts
    )
    assert found["accuracy"] == 1.0


def test_saved_references_may_be_lists(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"prediction": "a dog", "references": ["a dog", "the dog"]}))
    caption = read_answer_file(path, catalogue.get("audio_caption"))
    assert caption.references == [["a dog", "the dog"]]
    path.write_text(json.dumps({"prediction": "drums and bass", "references": ["bass", "drums"]}))
    task = catalogue.get("music_tagging")
    tags = read_answer_file(path, task)
    assert score(task, tags.references, tags.answers)["set_f1"] == 1.0
    path.write_text(json.dumps({"prediction": "Yes.", "answer": True}))
    task = catalogue.get("speaker_verification")
    said = read_answer_file(path, task)
    assert score(task, said.references, said.answers)["accuracy"] == 1.0


def test_saved_audio_answers_are_paths_and_a_missing_file_is_a_failure(tmp_path: Path) -> None:
    task = catalogue.get("denoising")
    wave = np.random.default_rng(0).normal(0, 0.1, 16000)
    soundfile.write(tmp_path / "clean.wav", wave, 16000)
    rows = [{"prediction": "clean.wav", "reference": "clean.wav"},
            {"prediction": "none.wav", "reference": "clean.wav"}]  # fmt: skip
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    saved = read_answer_file(path, task)
    found = score(task, saved.references, saved.answers)
    assert found["si_sdr"] == pytest.approx(0.0, abs=1e-6)  # +60 and -60
    assert found.statuses == {"ok": 1, "empty": 1}
    path.write_text(json.dumps({"prediction": "clean.wav", "reference": "none.wav"}))
    with pytest.raises(RecordError, match="reference audio"):
        read_answer_file(path, task)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no answers"),
        ("[1, 2]", "row 1 is int"),
        ('{"a": 1}\n{"b"', ":2: not JSON"),
        ('{"x": 1, "y": 2}', "no key for the answer among x, y; name it with --answer-key"),
        ('[{"response": "a", "label": "b"}, {"response": "a"}]', "row 2 has no 'label'"),
    ],
)
def test_files_that_cannot_be_scored(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(text)
    with pytest.raises(RecordError, match=match):
        read_answer_file(path, GENDER)
    with pytest.raises(RecordError, match="cannot be read"):
        read_answer_file(tmp_path / "missing.jsonl", GENDER)


def real(name: str, task: str) -> tuple[Any, Any]:
    row = catalogue.get(task)
    saved = read_answer_file(REAL / f"{name}.jsonl", row)
    return saved, score(row, saved.references, saved.answers, prompts=saved.prompts)


def test_real_genres_are_read_where_a_comparison_of_strings_fails() -> None:
    saved, found = real("gtzan", "genre_classification")
    assert found.statuses == {"ok": len(saved.answers)}
    exact = [a == r for a, r in zip(saved.answers, saved.references, strict=True)]
    right = [p.value == r for p, r in zip(found.parsed, saved.references, strict=True)]
    differ = {a for a, e, r in zip(saved.answers, exact, right, strict=True) if e != r}
    assert differ == {"hip-hop", "金属"}
    assert found["accuracy"] > sum(exact) / len(exact)


def test_real_downbeats_keep_what_a_full_stop_would_cost() -> None:
    saved, found = real("ballroom", "beat_tracking")
    assert all(p.value is not None for p in found.parsed)
    assert any(a.endswith(".") for a in saved.answers)
    assert any(a.startswith("The downbeats") for a in saved.answers)
    counts = [a.count("s,") + a.count("s.") for a in saved.answers]
    assert all(len(p.value) >= n - 1 for p, n in zip(found.parsed, counts, strict=True))


def test_a_real_model_that_copies_the_example_scores_nothing() -> None:
    _, found = real("guzheng", "sound_event_detection")
    assert {p.status for p in found.parsed} == {Status.PROMPT_ECHO}
    assert found["event_f1"] == found["segment_f1"] == 0.0


def test_metrics_of_a_task_are_those_of_the_catalogue() -> None:
    for row in catalogue.tasks():
        assert [i.name for i in metrics_of(row)] == list(row.metrics)
