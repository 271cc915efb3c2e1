"""`seqio.Evaluator` and `evaluate` give the same numbers for the same answers."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import seqio

import audioflan_tasks as af
from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.evaluation.models import TokenModel
from audioflan_tasks.records import Instance
from audioflan_tasks.store import build_store
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

SPAN = re.compile(r"<\|SOA\|>(.+?)<\|EOA\|>")


def folder_of_jsonl(root: Path, corpus: Corpus) -> Path:
    """The demo's test questions as JSON lines of the least form, with paths in place of ids.

    Those whose clips are made by a recipe have no path, and are left out.
    """
    lists = [path.read_text().splitlines() for path in demo_root().rglob("*.scp")]
    paths = dict(line.split(maxsplit=1) for lines in lists for line in lines)
    root.mkdir()
    shutil.copytree(demo_root() / "audio_files", root / "audio_files")
    for row in catalogue.tasks():
        rows = range(corpus.size(row.id, "test"))
        with (root / f"{row.id}.jsonl").open("w", encoding="utf-8") as lines:
            for instance in (corpus.instance(row.id, "test", number) for number in rows):
                if paths.keys() >= set(instance.audio_ids):
                    lines.write(json.dumps(least_record(instance, row.minor, paths)) + "\n")
    return root


def least_record(instance: Instance, minor: str, paths: dict[str, str]) -> dict[str, Any]:
    ids = SPAN.findall(f"{instance.input}\n{instance.output}")
    return {
        "instruction": instance.instruction,
        "input": SPAN.sub("<|SOA|><AUDIO><|EOA|>", instance.input),
        "output": SPAN.sub("<|SOA|><AUDIO><|EOA|>", instance.output),
        "task": minor,
        "split": "test",
        "audio_path": [paths[audio_id] for audio_id in ids],
    }


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
        TokenModel(lambda inputs: [next(asked) for _ in inputs]), task, folder, corpus=corpus,
        proof_of_hearing=0, baselines=[], bootstrap_iters=30,
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


@pytest.fixture(scope="module", params=["store", "folder"])
def other_layout(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Corpus]:
    """The demo corpus as a store, and its test questions as a folder of JSON lines."""
    folder = tmp_path_factory.mktemp("layouts") / request.param
    if request.param == "store":
        build_store(demo_root(), folder, tokenizer=None)
    else:
        folder_of_jsonl(folder, Corpus(demo_root()))
    yield Corpus(folder)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "row", each_kind(catalogue.tasks(), key=lambda row: (row.answer == "audio",))
)
def test_the_same_numbers_in_other_layouts(
    row: catalogue.TaskRow,
    other_layout: Corpus,
    tmp_path: Path,
    monkeypatch: Any,
    quick_tokens: None,
) -> None:
    if other_layout.size(row.id, "test") < COUNT:
        pytest.skip("its clips are made by recipes, and have no path")
    monkeypatch.setattr(af.settings, "data_dir", other_layout.root)
    said = answers(other_layout, row.id)
    mine, theirs = compared(row.id, said, other_layout, tmp_path, monkeypatch)
    if row.id in OWN_OPTIONS:
        mine = {name: value for name, value in mine.items() if not name.endswith("_unparsed")}
    assert mine == pytest.approx({k: theirs[k] for k in mine}, rel=1e-6, abs=1e-9)


def test_evaluator_works_on_every_task_of_a_mixture() -> None:
    """Each task has metric functions that seqio accepts (names and arguments)."""
    for row in catalogue.tasks():
        task = seqio.TaskRegistry.get(row.name)
        assert len(task.metric_fns) >= len(row.metrics)
