"""Whole runs on the bundled corpus: scales, failures, reports."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks import catalogue, hold_out
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import EvaluationError, UnknownNameError
from audioflan_tasks.evaluation import Failure, Prompt, evaluate, read_results
from audioflan_tasks.evaluation.baselines import baseline
from audioflan_tasks.evaluation.reporting.formatting import findings
from audioflan_tasks.evaluation.selection import select

ROWS = catalogue.tasks()
QUICK: dict[str, Any] = {"proof_of_hearing": 0}


@pytest.mark.slow
def test_failures_stay_with_their_task(tmp_path: Path) -> None:
    def model(prompt: Prompt) -> Any:
        if prompt.row.id == "gender_recognition":
            raise RuntimeError("out of memory")
        if prompt.row.id == "age_recognition" and prompt.key.endswith(("/1", "/2")):
            return Failure("timeout", "no answer within 1 s")
        return prompt.instance.output

    names = ["gender_recognition", "age_recognition", "deepfake_detection"]
    results = evaluate(model, "speech", tmp_path, tasks=names, **QUICK)
    failed, late, fine = results.tasks
    assert failed.status == "failed" and "out of memory" in failed.reason
    assert "RuntimeError" in (tmp_path / "failures" / "gender_recognition.txt").read_text()
    assert late.status == "incomplete" and late.errors == {"timeout": 2}
    assert late.answered == late.examples - 2 and not late.headline
    assert late.primary is not None and late.primary.value == 1.0  # no answer is no wrong answer
    assert fine.status == "scored" and fine.normalised == 100
    whole = results.macro()
    assert whole is not None and whole.tasks == 1
    report = (tmp_path / "report.md").read_text()
    assert "out of memory" in report and "2 x timeout" in report
    assert read_results(tmp_path) == results
    # Run again, the failures are asked anew and nothing else is.
    asked = []

    def mended(prompt: Prompt) -> str:
        asked.append(prompt.key)
        return prompt.instance.output

    mended.__name__ = "model"
    again = evaluate(mended, "speech", tmp_path, tasks=names, **QUICK)
    assert not again.failed and len(asked) == failed.examples + 2
    assert [t.normalised for t in again.tasks] == [100, 100, 100]


@pytest.mark.slow
def test_numbers_that_can_be_worked_out_by_hand(tmp_path: Path) -> None:
    def always_female(prompt: Prompt) -> str:
        return "Female."

    results = evaluate(always_female, "gender_recognition", tmp_path, **QUICK)
    (task,) = results.tasks
    golds = [i.output for i in Corpus().instances("gender_recognition", "test")]
    share = golds.count("female") / len(golds)
    assert task.primary is not None and task.primary.value == pytest.approx(share)
    assert task.chance == pytest.approx(0.5)
    assert task.normalised == pytest.approx(100 * (share - 0.5) / 0.5)
    assert task.top_answer == "female" and task.top_share == 1.0
    assert task.top_gold_share == pytest.approx(share)
    assert task.one_answer == (max(share, 1 - share) + 0.25 < 1.0)
    assert task.least_detectable is not None and task.least_detectable > 10
    assert task.statuses == {"ok": len(golds)}


def test_unparsed_answers_are_counted_beside_the_score(tmp_path: Path) -> None:
    def model(prompt: Prompt) -> str:
        return "I am only a language model." if prompt.key.endswith(("0", "1")) else "yes"

    (task,) = evaluate(model, "speaker_verification", tmp_path, **QUICK).tasks
    assert task.unparsed == pytest.approx(0.2)
    assert sum(n for status, n in task.statuses.items() if status != "ok") == 2


@pytest.mark.slow
def test_a_deaf_model_is_found_and_a_hearing_one_passes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    names = ["gender_recognition", "instrument_classification", "acoustic_scene_classification"]

    def deaf(prompt: Prompt) -> str:
        return prompt.options[0]

    def hearing(prompt: Prompt) -> str:
        heard = prompt.sounds(16000)
        return prompt.options[int(1e6 * float(abs(heard[0]).mean())) % 2] if heard else "nothing"

    with caplog.at_level(logging.WARNING, "audioflan_tasks"):
        results = evaluate(
            deaf, "audioflan_all", tmp_path / "deaf", tasks=names, limit=4, proof_of_hearing=12,
            baselines=[],
        )  # fmt: skip
    assert "every answer stays the same without the audio" in caplog.text
    assert next(findings(results)).startswith("the model does not hear: every answer")
    assert not results.failed and len(results.tasks) == 3  # a first dummy model has its scores
    results = evaluate(
        hearing, "audioflan_all", tmp_path / "hearing", tasks=names, proof_of_hearing=12,
        limit=4, baselines=["blind", "shuffled"],
    )  # fmt: skip
    assert results.hearing is not None and results.hearing.proven
    assert results.hearing.same_without == 0
    assert all({"blind", "shuffled"} <= set(t.baselines) for t in results.tasks)
    assert all(t.baselines["blind"].value == 0 for t in results.tasks)


def test_reports_and_the_harness_layout(tmp_path: Path) -> None:
    results = evaluate(
        baseline("majority"), hold_out(tasks=["key_detection"]), tmp_path, limit=5, **QUICK
    )
    assert results.mixture == "unseen: audioflan_key_detection"
    (path,) = (tmp_path / "lm_eval").glob("results_*.json")
    layout = json.loads(path.read_text())
    assert {"results", "groups", "group_subtasks", "configs", "versions", "n-shot", "config",
            "higher_is_better", "n-samples", "date"} <= set(layout)  # fmt: skip
    mine = layout["results"]["audioflan_key_detection"]
    first = results.tasks[0].primary
    assert first is not None and mine["key_score,none"] == first.value
    assert mine["key_score_stderr,none"] == first.stderr
    assert layout["n-samples"]["audioflan_key_detection"] == {"original": 5, "effective": 5}
    samples = (tmp_path / "samples" / "samples_audioflan_key_detection.jsonl").read_text()
    assert len(samples.splitlines()) == 5
    html = (tmp_path / "report.html").read_text()
    assert html.count("<svg") == 2 and "<script" not in html and "http" not in html


@pytest.mark.slow
def test_the_same_records_have_the_same_hash_and_others_another(tmp_path: Path) -> None:
    def hashed(folder: str, **options: Any) -> str:
        made = evaluate(baseline("random"), "denoising", tmp_path / folder, **QUICK, **options)
        return made.mixture_hash

    assert hashed("a", limit=2) == hashed("b", limit=2)
    assert hashed("a", limit=2) != hashed("c", limit=3)


def test_selections_and_errors(tmp_path: Path) -> None:
    assert len(select("audioflan_unseen").tasks) == 16
    assert select("fold:0").tasks == select("audioflan_unseen").tasks
    assert set(select("fold:1/2").tasks) | set(select("fold:0/2").tasks) == {r.name for r in ROWS}
    assert select("music", ["key_detection"]).tasks == ("audioflan_key_detection",)
    with pytest.raises(EvaluationError, match="is not in speech"):
        select("speech", ["key_detection"])
    with pytest.raises(EvaluationError, match="fold:N"):
        select("fold:9")
    with pytest.raises(UnknownNameError, match="did you mean audioflan_unseen"):
        select("audioflan_unsen")
    with pytest.raises(EvaluationError, match="no records in split 'tets'"):
        evaluate(baseline("random"), "music", tmp_path, split="tets")
    with pytest.raises(UnknownNameError, match="baseline"):
        evaluate(baseline("random"), "music", tmp_path, baselines=["majorty"])
    (failed,) = evaluate(lambda p: {}, "denoising", tmp_path / "x", limit=1, **QUICK).failed
    assert "gave dict" in failed.reason


def test_exemplars_stand_before_the_question(tmp_path: Path) -> None:
    seen: list[Prompt] = []

    def model(prompt: Prompt) -> str:
        seen.append(prompt)
        assert len(prompt.sounds(16_000)) == len(prompt.audio_ids)
        return prompt.options[0]

    results = evaluate(
        model, "gender_recognition", tmp_path, limit=2, num_fewshot=2, baselines=[], **QUICK
    )
    assert not results.failed and results.config["num_fewshot"] == 2
    for prompt in seen:
        own = [p.value for p in prompt.instance.input_pieces if p.kind == "audio"]
        assert len(prompt.shots) == 2 and len(prompt.audio_ids) == 3
        assert prompt.audio_ids[-1:] == tuple(own)
        assert all(shot.split == "train" for shot in prompt.shots)
