"""Nothing that would give a held-out task away is left on the training side."""

from __future__ import annotations

from collections import Counter

import pytest

from audioflan_tasks import catalogue, hold_out
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.rows import rows_of
from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.mixtures import folds, leave_one_cluster_out, split, standard_mixtures
from audioflan_tasks.mixtures.holdout.clusters import HoldOut, cluster_list, clusters, held_out
from audioflan_tasks.options import ExampleOptions

NAMES = {row.name for row in catalogue.tasks()}


def related(name: str) -> set[str]:
    """Names linked to a task from either side, worked out again from the catalogue."""
    row = catalogue.get(name)
    others = {*row.inverse, *row.twins, *row.companions}
    others |= {r.id for r in catalogue.tasks() if row.id in (*r.inverse, *r.twins, *r.companions)}
    return {f"audioflan_{other}" for other in others}


def test_clusters_are_closed_and_cover_every_task_once() -> None:
    assert Counter(n for c in cluster_list() for n in c) == Counter(NAMES)
    for name in NAMES:
        assert related(name) <= clusters()[name]
    ids = {n.removeprefix("audioflan_") for n in clusters()["audioflan_emotion_recognition"]}
    assert {"emotional_text_to_speech", "emotion_conversion", "emotion_comparison"} <= ids
    assert "audioflan_text_to_speech" in clusters()["audioflan_automatic_speech_recognition"]
    assert clusters()["audioflan_deepfake_detection"] == {"audioflan_deepfake_detection"}


def test_default_set_is_closed_and_what_the_mixtures_hold() -> None:
    unseen = held_out()
    assert 0 < len(unseen) < 20
    assert {catalogue.get(n).domain for n in unseen} == {"speech", "music", "audio"}
    assert all(related(name) <= unseen for name in unseen)
    rows = {row.name: set(row.tasks) for row in standard_mixtures()}
    assert rows["audioflan_unseen"] == unseen == hold_out().hold_out.tasks == folds()[0].tasks
    assert rows["audioflan_seen"] == NAMES - unseen == set(hold_out().train.tasks)


@pytest.mark.parametrize("suite", [folds(), folds(3), leave_one_cluster_out()])
def test_every_task_is_unseen_exactly_once(suite: tuple[HoldOut, ...]) -> None:
    assert Counter(n for fold in suite for n in fold.tasks) == Counter(NAMES)
    for fold in suite:
        made = split(fold)
        train, measured = set(made.train.tasks), set(made.eval.tasks)
        assert train and measured == fold.tasks
        assert not train & measured
        assert not any(related(name) & measured for name in train)


def test_default_folds_are_of_like_size() -> None:
    sizes = [len(fold.tasks) for fold in folds()]
    assert len(sizes) == 8
    assert max(sizes) - min(sizes) <= 4
    for fold in folds():
        assert {catalogue.get(n).domain for n in fold.tasks} == {"speech", "music", "audio"}


def test_a_single_task_takes_its_cluster_from_training_but_is_measured_alone() -> None:
    made = hold_out(tasks=["automatic_speech_recognition"])
    assert made.eval.tasks == ("audioflan_automatic_speech_recognition",)
    assert not set(made.train.tasks) & clusters()["audioflan_automatic_speech_recognition"]
    whole = hold_out(clusters=["automatic_speech_recognition"])
    assert set(whole.eval.tasks) == clusters()["audioflan_automatic_speech_recognition"]
    assert made.train.tasks == whole.train.tasks
    major = hold_out(majors=["speech caption"])
    assert major.eval.tasks == ("audioflan_speech_caption",)
    assert "audioflan_descriptive_speech_synthesis" not in major.train.tasks


def test_training_refuses_what_is_held_out() -> None:
    made = hold_out(tasks=["automatic_speech_recognition"])
    with pytest.raises(MixtureError, match=r"text_to_speech \(in one cluster with .*recognition\)"):
        made.training("speech")
    kept = made.training("music", "Speech Enhancement", exclude=["singing_voice_conversion"])
    assert "audioflan_denoising" in kept.tasks


def test_records_stand_on_one_side_only() -> None:
    corpus = Corpus()
    made = hold_out(languages=["French"], origins=["studio"]).hold_out
    sides = Counter(
        (made.for_training(i), made.for_evaluation(i)) for i in corpus.instances(split="test")
    )
    assert set(sides) == {(True, False), (False, True)}
    for instance in corpus.instances(split="test"):
        listed = instance.other.get("language") == "French" or "studio" in instance.source
        assert made.for_evaluation(instance) == listed


def test_the_unseen_flag_of_a_record_wins() -> None:
    instance = Corpus().instance("denoising", "test", 0)
    default = hold_out().hold_out
    assert default.for_training(instance) and not default.for_evaluation(instance)
    flagged = instance.replace(unseen=True)
    assert default.for_evaluation(flagged) and not default.for_training(flagged)
    held = Corpus().instance("declipping", "test", 0)
    assert default.for_evaluation(held) and not default.for_training(held)


def test_errors() -> None:
    with pytest.raises(UnknownNameError, match="did you mean Speech Caption"):
        hold_out(majors=["Speech Captions"])
    with pytest.raises(UnknownNameError, match="did you mean denoising"):
        hold_out(tasks=["denoisin"])
    with pytest.raises(MixtureError, match="every task is held out"):
        hold_out(tasks=[row.id for row in catalogue.tasks()])
    with pytest.raises(MixtureError, match="expected 2 to"):
        folds(1)


def test_training_draws_no_record_of_what_is_held_out_by_record() -> None:
    corpus = Corpus()
    made = hold_out(languages=["french"], origins=["minetest-data"])
    rows = rows_of(made.train, corpus, "train", ExampleOptions())
    drawn = [rows.instance(task, row) for task, size in rows.sizes.items() for row in range(size)]
    assert all(made.hold_out.for_training(one) for one in drawn)
    kept = sum(made.hold_out.for_training(one) for one in corpus.instances(split="train"))
    assert 0 < len(drawn) == kept < sum(corpus.sizes("train").values())
    own = made.training("speech")
    assert own.rows == made.train.rows
