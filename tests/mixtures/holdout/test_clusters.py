"""Nothing that would give a held-out task away is left on the training side."""

from __future__ import annotations

from collections import Counter

import pytest

from audioflan_tasks import catalogue, hold_out, mixture
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.rows import rows_of
from audioflan_tasks.errors import MixtureError, UnknownNameError
from audioflan_tasks.mixtures import (
    WIDTHS,
    HoldOut,
    Mix,
    Width,
    folds,
    leave_one_cluster_out,
    mixture_named,
    split,
    standard_mixtures,
)
from audioflan_tasks.mixtures.holdout.clusters import (
    cluster_list,
    clusters,
    families,
    held_out,
    refused_with,
)
from audioflan_tasks.options import ExampleOptions

NAMES = {row.name for row in catalogue.tasks()}


def related(name: str) -> set[str]:
    """Names linked to a task from either side, worked out again from the catalogue."""
    row = catalogue.get(name)
    others = {*row.inverse, *row.twins, *row.companions}
    others |= {r.id for r in catalogue.tasks() if row.id in (*r.inverse, *r.twins, *r.companions)}
    return {f"audioflan_{other}" for other in others}


def test_clusters_are_closed_and_cover_every_task_once() -> None:
    for width in WIDTHS:
        assert Counter(n for c in cluster_list(width) for n in c) == Counter(NAMES)
        for name in NAMES:
            assert related(name) | clusters(width)[name] <= refused_with([name], width)
    links = clusters("task")
    ids = {n.removeprefix("audioflan_") for n in links["audioflan_emotion_recognition"]}
    assert {"emotional_text_to_speech", "emotion_conversion", "emotion_comparison"} <= ids
    assert "audioflan_text_to_speech" in links["audioflan_automatic_speech_recognition"]
    assert links["audioflan_deepfake_detection"] == {"audioflan_deepfake_detection"}
    with pytest.raises(UnknownNameError, match="did you mean family"):
        clusters("familiy")  # type: ignore[arg-type]


# Sisters that a reviewer would name, each pair in one family or linked.
SISTERS = (
    "denoising dereverberation declipping speech_bandwidth_extension audio_super_resolution",
    "speaker_extraction text_guided_source_separation audio_querying_sound_extraction",
    "phonetic_recognition automatic_speech_recognition speech_to_text_translation",
    "pitch_classification beat_level_pitch_estimation melody_extraction",
    "instrument_classification beat_level_instrument_recognition instrument_comparison",
    "sound_event_recognition sound_event_detection sound_event_understanding",
    "audio_continuation audio_inpainting text_guided_music_continuation",
    "deepfake_detection deepfake_audio_detection vocoder_type_classification",
    "music_tagging genre_classification emotion_classification emotion_comparison",
    "tempo_comparison beat_tracking",
    "text_to_speech zero_shot_text_to_speech emotional_text_to_speech singing_voice_synthesis",
    "speech_caption music_caption audio_caption",
)


@pytest.mark.parametrize("sisters", SISTERS)
def test_sisters_are_of_one_family(sisters: str) -> None:
    names = {f"audioflan_{task}" for task in sisters.split()}
    for name in names:
        assert names <= clusters()[name]
        assert not names & set(hold_out(tasks=[name]).train.tasks)


def test_every_task_has_a_known_family_and_a_reason() -> None:
    assert set(families()) == set(catalogue.FAMILIES)
    for row in catalogue.tasks():
        assert row.family_reason and not row.family_reason.endswith(".")
        assert row.family_name in catalogue.FAMILIES
    own = catalogue.get("denoising").model_copy(update={"family": "", "custom_id": "my_task"})
    assert own.family_name == "my_task"


def test_default_set_is_closed_and_what_the_mixtures_hold() -> None:
    unseen = held_out()
    assert 0 < len(unseen) < 20
    assert unseen == refused_with(unseen)  # all others can be trained on
    assert {catalogue.get(n).paper_category for n in unseen} == {"understanding", "generation"}
    assert {catalogue.get(n).domain for n in unseen} == {"speech", "music", "audio"}
    assert all(related(name) <= unseen for name in unseen)
    rows = {row.name: set(row.tasks) for row in standard_mixtures()}
    assert rows["audioflan_unseen"] == unseen == hold_out().hold_out.tasks == folds()[0].tasks
    assert rows["audioflan_seen"] == NAMES - unseen == set(hold_out().train.tasks)


@pytest.mark.slow
@pytest.mark.parametrize(
    "suite",
    [folds(), folds(3), *map(leave_one_cluster_out, WIDTHS), *(folds(8, w) for w in WIDTHS)],
)
def test_every_task_is_unseen_exactly_once(suite: tuple[HoldOut, ...]) -> None:
    assert Counter(n for fold in suite for n in fold.tasks) == Counter(NAMES)
    for fold in suite:
        made = split(fold)
        train, measured = set(made.train.tasks), set(made.eval.tasks)
        assert train and measured == fold.tasks
        assert not train & measured
        assert not any(related(name) & measured for name in train)
        assert not any(clusters(fold.width)[name] & measured for name in train)


@pytest.mark.parametrize("width", WIDTHS)
def test_each_fold_of_a_cluster_has_a_name_of_its_own(width: Width) -> None:
    names = [fold.name for fold in leave_one_cluster_out(width)]
    assert len(set(names)) == len(names)
    assert all(catalogue.snake(name) == name for name in names)


def test_default_folds_are_of_like_size() -> None:
    sizes = [len(fold.tasks) for fold in folds()]
    assert len(sizes) == 8
    assert max(sizes) - min(sizes) <= 9  # the default set is the largest
    assert max(sizes[1:]) - min(sizes[1:]) <= 4


def test_a_single_task_takes_its_cluster_from_training_but_is_measured_alone() -> None:
    made = hold_out(tasks=["automatic_speech_recognition"])
    assert made.eval.tasks == ("audioflan_automatic_speech_recognition",)
    assert not set(made.train.tasks) & clusters()["audioflan_automatic_speech_recognition"]
    links = clusters("task")["audioflan_automatic_speech_recognition"]
    assert not set(made.train.tasks) & links
    narrow = hold_out(tasks=["automatic_speech_recognition"], width="task")
    whole = hold_out(clusters=["automatic_speech_recognition"], width="task")
    assert set(whole.eval.tasks) == links
    assert narrow.train.tasks == whole.train.tasks
    family = hold_out(families=["Transcription"])
    assert set(family.eval.tasks) == clusters()["audioflan_phonetic_recognition"]
    assert family.eval.tasks == hold_out(families=["phonetic_recognition"]).eval.tasks
    major = hold_out(majors=["speech caption"])
    assert major.eval.tasks == ("audioflan_speech_caption",)
    assert "audioflan_descriptive_speech_synthesis" not in major.train.tasks


def test_training_takes_weights_groups_policies_and_rows() -> None:
    made = hold_out(families=["transcription"], languages=["fr"])
    weighed = made.training(weights={"denoising": 3, "key_detection": 1}, rows={"not_grade": "W"})
    assert weighed.hold_out == made.hold_out and weighed.rows.not_grade == ("W",)
    grouped = made.training(
        groups={"a": made.training("key_detection"), "b": mixture("denoising")},
        weights={"a": 1, "b": 2},
    )
    assert grouped.hold_out.refused == made.hold_out.refused
    assert made.training(policy="equal").tasks == made.train.tasks
    for wrong in (
        {"weights": {"phonetic_recognition": 1}},
        {"groups": {"a": mixture("phonetic_recognition")}},
        {"groups": {"a": mixture("music"), "b": mixture("text_to_speech")}},
    ):
        with pytest.raises(MixtureError, match="held out for evaluation"):
            made.training(**wrong)
    with pytest.raises(MixtureError, match="a split has its own"):
        made.training("music", hold_out="default")


def test_a_held_out_task_is_trained_on_only_where_it_is_named() -> None:
    made = hold_out(families=["transcription"])
    allowed = made.training("phonetic_recognition", allow_held_out=["phonetic_recognition"])
    assert allowed.tasks == ("audioflan_phonetic_recognition",)
    assert "but trained on audioflan_phonetic_recognition" in allowed.hold_out.name
    with pytest.raises(MixtureError, match="automatic_speech_recognition"):
        made.training("Speech Recognition", allow_held_out=["phonetic_recognition"])
    with pytest.raises(MixtureError, match="expected a list of names"):
        made.training("music", allow_held_out=True)
    with pytest.raises(UnknownNameError, match="phonetic_recognition"):
        made.training("music", allow_held_out=["phonetic_recogniton"])


def test_what_a_group_holds_out_is_held_out_of_the_whole_mixture() -> None:
    seen, made = mixture_named("audioflan_seen"), hold_out(languages=["French"])
    with pytest.raises(MixtureError, match="denoising"):
        mixture(groups={"seen": seen, "more": mixture("denoising")})
    both = mixture(groups={"a": made.training("music"), "b": mixture("audio_caption")})
    assert both.hold_out.languages == {"French"}
    assert Mix(both.root, hold_out=both.hold_out).fingerprint == both.fingerprint
    assert Mix(both.root).fingerprint != both.fingerprint
    assert HoldOut.of(both.hold_out.description) == both.hold_out


def test_training_refuses_what_is_held_out() -> None:
    made = hold_out(tasks=["automatic_speech_recognition"])
    with pytest.raises(MixtureError, match=r"text_to_speech \(in one cluster with .*recognition\)"):
        made.training("speech")
    kept = made.training("music", "Speech Enhancement", exclude=["singing_voice_conversion"])
    assert "audioflan_denoising" in kept.tasks


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_unseen_flag_of_a_record_wins() -> None:
    instance = Corpus().instance("key_detection", "test", 0)
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


@pytest.mark.slow
def test_training_draws_no_record_of_what_is_held_out_by_record() -> None:
    corpus = Corpus()
    made = hold_out(languages=["french"], origins=["minetest-data"])
    rows = rows_of(made.train, corpus, "train", ExampleOptions())
    drawn = [rows.instance(task, row) for task, size in rows.sizes.items() for row in range(size)]
    assert all(made.hold_out.for_training(one) for one in drawn)
    held = [i for i in corpus.instances() if made.hold_out.for_evaluation(i)]
    clips = {clip for one in held for clip in corpus.base_clips(one)}
    kept = [
        one.uuid
        for one in corpus.instances(split="train")
        if made.hold_out.for_training(one) and not clips & corpus.base_clips(one)
    ]
    assert 0 < len(drawn) <= len(kept) < sum(corpus.sizes("train").values())
    assert {one.uuid for one in drawn} <= set(kept)
    assert made.training("speech").hold_out == made.train.hold_out
