"""The listener that has learned nothing: it hears, and every baseline stands beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.evaluation import Answer, evaluate
from audioflan_tasks.evaluation.models import NearestModel
from audioflan_tasks.evaluation.spec import model_of
from tests.evaluation.prompts import prompts_of

BASELINES = ["random", "majority", "copy", "roundtrip", "blind", "shuffled", "oracle"]


@pytest.mark.slow
@pytest.mark.usefixtures("quick_tokens")
def test_every_baseline_stands_beside_it(tmp_path: Path) -> None:
    texts = evaluate(
        NearestModel(), "audioflan_all", tmp_path / "texts",
        proof_of_hearing=8, tasks=["gender_recognition", "instrument_classification"],
        baselines=BASELINES,
    )  # fmt: skip
    assert texts.hearing is not None and texts.hearing.proven
    # Two questions, as comparing audio is slow.
    sounds = evaluate(
        NearestModel(), "audioflan_all", tmp_path / "sounds",
        proof_of_hearing=0, tasks=["text_to_speech", "denoising"], limit=2, baselines=BASELINES,
    )  # fmt: skip
    assert not texts.failed and not sounds.failed
    tasks = {task.task.removeprefix("audioflan_"): task for task in (*texts.tasks, *sounds.tasks)}
    beside = {name: set(task.baselines) - {"random", "oracle"} for name, task in tasks.items()}
    assert beside == {
        "gender_recognition": {"majority", "blind", "shuffled"},
        "instrument_classification": {"majority", "blind", "shuffled"},
        "text_to_speech": {"roundtrip"},
        "denoising": {"copy", "roundtrip", "blind", "shuffled"},
    }
    for task in texts.tasks:
        assert task.normalised is not None and task.normalised > 80
        assert all((task.baselines[b].normalised or 0) < 30 for b in ("blind", "shuffled"))
    for task in tasks.values():
        assert task.baselines["oracle"].normalised == pytest.approx(100)


@pytest.mark.slow
def test_a_training_record_is_nearest_to_itself(corpus: Corpus) -> None:
    """Asked under another uuid with its own two clips, a record gets its own answer."""
    row = catalogue.get("speaker_verification")
    (prompt,) = prompts_of(corpus, row, 1)
    own = prompt.instance.audio_ids
    for record in list(corpus.instances(row.id, "train"))[:6]:
        heard = {mine: (theirs, record) for mine, theirs in zip(own, record.audio_ids, strict=True)}
        (said,) = NearestModel().answer([replace(prompt, replacements=heard)])
        assert said == Answer(record.output)


def test_it_has_a_name_on_the_command_line() -> None:
    assert isinstance(model_of("nearest", {}), NearestModel)


def test_without_a_record_that_answers_in_the_form_it_says_nothing(corpus: Corpus) -> None:
    row = catalogue.get("automatic_speech_recognition")
    (prompt,) = prompts_of(corpus, row, 1)
    assert NearestModel(["audioflan_denoising"]).answer([prompt]) == [Answer()]
