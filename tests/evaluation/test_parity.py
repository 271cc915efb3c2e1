"""`seqio.Evaluator` and `evaluate` give the same numbers for the same answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import seqio

import audioflan_tasks as af
from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.evaluation.models import TokenModel

COUNT = 4
TASKS = (
    "automatic_speech_recognition", "intent_classification", "signal_to_noise_ratio_estimation",
    "speaker_diarization", "key_detection", "beat_tracking", "chord_estimation", "audio_caption",
    "denoising", "text_to_speech",
)  # fmt: skip


def answers(corpus: Corpus, task: str) -> list[np.ndarray]:
    """Ids of some right answers and some of other questions, as a model would give them."""
    maker = ExampleMaker(corpus)
    made = [maker(corpus.instance(task, "test", row), 0) for row in range(COUNT)]
    targets = [example.targets for example in made if example is not None]
    return [targets[0], targets[1], targets[3], targets[0]]


def by_seqio(task: str, said: Sequence[np.ndarray]) -> dict[str, float]:
    longest = max(map(len, said))
    padded = np.stack([np.pad(ids, (0, longest - len(ids))) for ids in said])

    def predict(dataset: Any, *unused: Any) -> list[tuple[int, np.ndarray]]:
        return [(int(number), padded[int(number)]) for number, _ in dataset.as_numpy_iterator()]

    evaluator = seqio.Evaluator(
        f"audioflan_{task}",
        feature_converter=seqio.EncDecFeatureConverter(pack=False),
        eval_split="test",
        num_examples=COUNT,
        sequence_length=None,
    )
    found, *_ = evaluator.evaluate(compute_metrics=True, step=0, predict_fn=predict)
    values: dict[str, float] = found.result()[f"audioflan_{task}"]
    return values


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("task", TASKS)
def test_the_same_numbers(task: str, tmp_path: Path, monkeypatch: Any, corpus: Corpus) -> None:
    said = answers(corpus, task)
    asked = iter(said)
    rows = [(row, corpus.instance(task, "test", row)) for row in range(COUNT)]
    # The first rows of the corpus, as seqio's num_examples takes them; a limit draws.
    monkeypatch.setattr("audioflan_tasks.evaluation.selection.chosen_rows", lambda *a, **k: rows)
    results = af.evaluate(
        TokenModel(lambda inputs: [next(asked) for _ in inputs]), task, tmp_path,
        proof_of_hearing=0, baselines=[], bootstrap_iters=30,
    )  # fmt: skip
    (found,) = results.tasks
    assert found.status == "scored", found.reason
    mine = {m.name: m.value for m in found.metrics} | found.extra
    theirs = by_seqio(task, said)
    names = catalogue.get(task).metrics
    assert set(names) <= set(theirs) and set(names) <= set(mine)
    assert mine == pytest.approx({k: theirs[k] for k in mine}, rel=1e-6, abs=1e-9)
    # Neither is trivially perfect: one answer was another question's.
    first = found.metrics[0]
    assert first.value != first.best


def test_evaluator_works_on_every_task_of_a_mixture() -> None:
    """Each task has metric functions that seqio accepts (names and arguments)."""
    for row in catalogue.tasks():
        task = seqio.TaskRegistry.get(row.name)
        assert len(task.metric_fns) >= len(row.metrics)
