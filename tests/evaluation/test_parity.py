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
from audioflan_tasks.evaluation.models import TokenModel
from tests.conftest import maker_of
from tests.kinds import each_kind

COUNT = 3
# These two run with the real tokenizer; the others with one that costs nothing.
REAL = ("denoising", "text_to_speech")
# Labels stand in each record alone. seqio does not pass them on, and reads answers with the
# labels that occur among its targets: what it cannot read is wrong here as well, or right
# nowhere, so values agree, but the shares of answers that could not be read (`_unparsed`) do not.
OWN_OPTIONS = (
    "language_identification", "speaker_identification", "device_recognition",
    "sound_event_understanding",
)  # fmt: skip


def answers(corpus: Corpus, task: str) -> list[np.ndarray]:
    """Ids of a right answer and of answers to other questions, as a model would give them."""
    maker = maker_of(corpus)
    rows = [corpus.instance(task, "test", row) for row in range(corpus.size(task, "test"))]
    said = [rows[0]]
    for own in rows[1:COUNT]:
        others = [i for i in rows if i.output != own.output]
        said.append(next((i for i in others if i.output in own.options), others[0]))
    made = [maker.example(instance, 0) for instance in said]
    return [example.targets for example in made if example is not None]


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


def compared(
    task: str, said: Sequence[np.ndarray], corpus: Corpus, folder: Path, monkeypatch: Any
) -> tuple[dict[str, float], dict[str, float]]:
    """All values of `evaluate` and of seqio's evaluator."""
    asked = iter(said)
    rows = [(row, corpus.instance(task, "test", row)) for row in range(COUNT)]
    # The first rows of the corpus, as seqio's num_examples takes them; a limit draws.
    monkeypatch.setattr("audioflan_tasks.evaluation.selection.chosen_rows", lambda *a, **k: rows)
    results = af.evaluate(
        TokenModel(lambda inputs: [next(asked) for _ in inputs]), task, folder,
        proof_of_hearing=0, baselines=[],
    )  # fmt: skip
    (found,) = results.tasks
    assert found.status == "scored", found.reason
    first = found.metrics[0]
    assert first.value != first.best  # two answers were wrong
    return {m.name: m.value for m in found.metrics} | found.extra, by_seqio(task, said)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("row", each_kind(catalogue.tasks(), key=lambda row: (row.answer,)))
def test_the_same_numbers(
    row: catalogue.TaskRow, tmp_path: Path, monkeypatch: Any, corpus: Corpus, request: Any
) -> None:
    task = row.id
    if task not in REAL:
        request.getfixturevalue("quick_tokens")
    said = answers(corpus, task)
    mine, theirs = compared(task, said, corpus, tmp_path, monkeypatch)
    assert set(row.metrics) <= set(theirs) and set(row.metrics) <= set(mine)
    if task in OWN_OPTIONS:
        assert not row.labels
        mine = {name: value for name, value in mine.items() if not name.endswith("_unparsed")}
    assert mine == pytest.approx({k: theirs[k] for k in mine}, rel=1e-6, abs=1e-9)


def test_evaluator_works_on_every_task_of_a_mixture() -> None:
    """Each task has metric functions that seqio accepts (names and arguments)."""
    for row in catalogue.tasks():
        task = seqio.TaskRegistry.get(row.name)
        assert len(task.metric_fns) >= len(row.metrics)
