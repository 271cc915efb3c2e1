"""Which records a run measures: filters of mixtures, and what is held out by record."""

from __future__ import annotations

from pathlib import Path

import pytest

import audioflan_tasks as af
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import EvaluationError
from audioflan_tasks.evaluation import evaluate
from audioflan_tasks.evaluation.baselines import baseline
from audioflan_tasks.evaluation.selection import select, task_records
from audioflan_tasks.foreign import registry
from audioflan_tasks.mixtures import Mix, Split
from audioflan_tasks.records import Instance


def chosen(what: Mix | Split, corpus: Corpus) -> list[Instance]:
    found = task_records(corpus, select(what), "test", None, 0)
    return [instance for one in found for _, instance in one.rows]


def spoken_in(instance: Instance) -> set[str]:
    """The language of a record, and that into which it is translated."""
    target = instance.other.get("slots", {}).get("target_language", "")
    return {instance.other.get("language", ""), target} - {""}


def test_a_mixtures_filter_of_rows_counts(corpus: Corpus) -> None:
    mix = af.mixture("speech", rows={"language": ["French", "italian"], "not_grade": "W"})
    rows = chosen(mix, corpus)
    assert "W" not in {i.grade for i in rows}
    whole = chosen(af.mixture("speech"), corpus)
    assert 0 < len(rows) < len(whole)
    wanted = [i for i in whole if spoken_in(i) & {"French", "Italian"}]
    assert {i.uuid for i in rows} == {i.uuid for i in wanted if i.grade != "W"}


@pytest.mark.slow
def test_the_eval_side_of_a_split_by_language_holds_that_language_alone(corpus: Corpus) -> None:
    held = af.hold_out(languages=["french"])
    rows = chosen(held.eval, corpus)
    assert rows and all("French" in spoken_in(i) for i in rows)
    assert {"English"} < {name for i in rows for name in spoken_in(i)}  # translations
    assert [i.uuid for i in chosen(held, corpus)] == [i.uuid for i in rows]


@pytest.mark.slow
def test_corpora_languages_and_tasks_held_out_together_are_a_union(corpus: Corpus) -> None:
    """The mixture selects what the split's own rule selects."""
    held = af.hold_out(tasks=["beat_tracking"], origins=["minetest-data"], languages=["French"])
    rows = chosen(held.eval, corpus)
    assert [i.uuid for i in chosen(held, corpus)] == [i.uuid for i in rows]
    assert {held.hold_out.for_evaluation(i) for i in rows} == {True}
    kinds = {
        "beat" if i.task == "beat_tracking"
        else "corpus" if "minetest-data" in i.source
        else "language"
        for i in rows
    }  # fmt: skip
    assert kinds == {"beat", "corpus", "language"}


@pytest.mark.usefixtures("quick_tokens")
def test_evaluate_asks_only_these(tmp_path: Path, corpus: Corpus) -> None:
    mix = af.mixture("automatic_speech_recognition", rows={"language": "French"})
    results = evaluate(baseline("oracle"), mix, tmp_path, proof_of_hearing=0, baselines=[])
    wanted = [
        i
        for i in corpus.instances("automatic_speech_recognition", "test")
        if i.other["language"] == "French"
    ]
    assert results.tasks[0].answered == len(wanted) == 2
    assert results.mixture == f"mixture {mix.fingerprint}"


def test_foreign_tasks_are_left_out_by_name(
    tmp_path: Path,
    corpus: Corpus,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(registry, "_text_tasks", {})
    path = tmp_path / "text.jsonl"
    path.write_text('{"output": "x"}\n', encoding="utf-8")
    af.text_task("words", {"test": path})
    rows = chosen(af.mixture("key_detection", "words"), corpus)
    assert {i.task for i in rows} == {"key_detection"}
    assert "not evaluated, as they are no audio tasks: words" in caplog.text
    with pytest.raises(EvaluationError, match="no records"):
        chosen(af.mixture("words"), corpus)
