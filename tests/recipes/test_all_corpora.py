"""All fixture corpora in one root: made, checked, built, mixed, and answered as they should be."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest

from audioflan_tasks.audio.check import check
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine import batches
from audioflan_tasks.evaluation import evaluate
from audioflan_tasks.evaluation.baselines import baseline
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.recipes import card, known_corpus
from audioflan_tasks.recipes.corpora import READERS
from audioflan_tasks.store import build_store
from tests.recipes.corpora.trees import TREES

# Times, labels, texts and sounds, of corpora with official splits.
FEW = ("AliMeeting", "Fluent Speech Commands", "LibriMix", "CVSS", "VGGSound")


@pytest.mark.slow
@pytest.mark.usefixtures("quick_tokens")
@pytest.mark.parametrize(
    ("names", "limit"),
    [
        pytest.param(FEW, 1, id="few"),
        pytest.param(tuple(READERS), None, marks=pytest.mark.full, id="all"),
    ],
)
def test_gold_answers_score_best(names: tuple[str, ...], limit: int | None, tmp_path: Path) -> None:
    root, store = tmp_path / "corpus", tmp_path / "store"
    records = 0
    for name in names:
        TREES[name](tmp_path / name)
        counts = known_corpus(name, tmp_path / name).write(root, audio="link")
        records += counts.records.total()
        page = next(root.glob(f"attribution_*_{re.sub('[^A-Za-z0-9]+', '-', name)}.md"))
        text = page.read_text("utf-8")
        assert text.count("## ") == 1 and f"## {name}\n" in text and card(name).citation in text
    report = check(root)
    assert report.ok
    assert not report.ledger.repairs
    assert report.records == records
    build_store(root, store, tokenizer="loudness")
    corpus = Corpus(store)
    tasks = sorted({i.task for i in corpus.instances(split="train")})
    stream = batches(mixture(weights=dict.fromkeys(tasks, 1)), batch_size=4, corpus=corpus, seed=1)
    assert len([*islice(stream, 4)]) == 4
    results = evaluate(
        baseline("oracle"), "audioflan_all", tmp_path / "run", corpus=corpus,
        tasks=sorted({i.task for i in corpus.instances(split="test")}),
        limit=limit, proof_of_hearing=0, baselines=[],
    )  # fmt: skip
    assert not results.failed
    assert not results.gold
    for task in results.tasks:
        assert not task.unparsed
        assert task.primary is not None
        assert task.primary.value == pytest.approx(task.best), task.task
