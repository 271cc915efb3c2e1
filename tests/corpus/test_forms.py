"""Forms of an example: own words or the pool's, the inverse task, solved examples before it."""

from __future__ import annotations

import numpy as np
import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.mixtures.holdout.clusters import held_out
from audioflan_tasks.preprocessors.variants import mode_of, swapped
from audioflan_tasks.records import Instance
from tests.conftest import maker_of

SWAPS = [(row, to) for row in catalogue.tasks() for to in row.swaps]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus()


def some(uuid: str) -> Instance:
    return Instance(instruction="?", input="", output="", uuid=uuid, task="denoising")


def test_mixed_keeps_the_share_and_is_stateless() -> None:
    modes = [mode_of("mixed(0.3)", some(f"u{n}"), 1, 0) for n in range(4000)]
    assert modes.count("keep") / 4000 == pytest.approx(0.3, abs=0.02)
    assert modes == [mode_of("mixed(0.3)", some(f"u{n}"), 1, 0) for n in range(4000)]
    again = [mode_of("mixed(0.3)", some(f"u{n}"), 1, 1) for n in range(4000)]
    both = sum(a == b == "keep" for a, b in zip(modes, again, strict=True))
    assert both / 4000 == pytest.approx(0.09, abs=0.015)  # epochs are independent
    assert {mode_of("mixed(0)", some(f"u{n}"), 1, 0) for n in range(50)} == {"pool"}
    assert {mode_of("mixed(1.0)", some(f"u{n}"), 1, 0) for n in range(50)} == {"keep"}


@pytest.mark.parametrize("wrong", ["mixed", "mixed(2)", "mixed(-0.1)", "own"])
def test_other_modes_are_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"such as mixed\(0.3\)"):
        mode_of(wrong, some("u"), 0, 0)
    with pytest.raises(ValueError, match="instructions"):
        settings.instructions = wrong


@pytest.mark.parametrize(("row", "to"), SWAPS, ids=lambda x: getattr(x, "id", x))
def test_declared_swaps_are_inverse_mutual_and_in_one_cluster(
    row: catalogue.TaskRow, to: str
) -> None:
    other = catalogue.get(to)
    assert to in row.inverse
    assert row.id in other.swaps
    assert not other.slots
    assert [row.inputs[0].kind, *row.writes] == [*other.writes, other.inputs[0].kind]
    # A mixture that leaves out held-out tasks can never swap into one.
    assert (row.name in held_out()) == (other.name in held_out())


@pytest.mark.slow
@pytest.mark.parametrize(("row", "to"), SWAPS, ids=lambda x: getattr(x, "id", x))
def test_every_record_that_swaps_means_the_same_both_ways(
    corpus: Corpus, row: catalogue.TaskRow, to: str
) -> None:
    for instance in corpus.instances(row.id, "train"):
        other = swapped(instance, row, 1.0, 3, 0)
        assert other.task == to
        assert other.audio_ids == instance.audio_ids
        back = swapped(other, catalogue.get(to), 1.0, 3, 0)
        assert back.input_pieces[0].value == instance.input_pieces[0].value
        assert back.output_pieces[0].value == instance.output_pieces[0].value


def test_only_training_records_and_the_asked_share_are_swapped(corpus: Corpus) -> None:
    row = catalogue.get("audio_caption")
    tests = corpus.instances(row.id, "test")
    assert all(swapped(i, row, 1.0, 1, 0) is i for i in tests)
    train = next(corpus.instances(row.id, "train"))
    many = [swapped(train.replace(uuid=f"u{n}"), row, 0.25, 1, 0).task for n in range(4000)]
    assert many.count("text_guided_audio_generation") / 4000 == pytest.approx(0.25, abs=0.02)


def test_a_swapped_example_says_where_it_comes_from(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "inversion", 1.0)
    monkeypatch.setattr(settings, "instructions", "keep")
    example = maker_of(corpus).example(corpus.instance("audio_caption", "train", 0), 1)
    assert example is not None
    assert example.provenance["task"] == "audioflan_text_guided_audio_generation"
    assert example.provenance["swapped_from"] == "audioflan_audio_caption"
    assert example.provenance["template"].startswith("text_guided_audio_generation/")
    assert example.answer in corpus.instance("audio_caption", "train", 0).audio_ids


@pytest.mark.slow
@pytest.mark.usefixtures("quick_tokens")
@pytest.mark.parametrize("task", ["language_identification", "chord_estimation", "denoising"])
def test_shots_are_of_the_task_and_share_no_clip(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    monkeypatch.setattr(settings, "shots", 2)
    monkeypatch.setattr(settings, "shot_budget", 6000)
    maker = maker_of(corpus)
    by_uuid = {i.uuid: i for i in corpus.instances(task, "train")}
    for instance in (*corpus.instances(task, "test"), *by_uuid.values()):
        question = maker.question(instance, 5)
        assert 1 <= len(question.shots) <= 2
        assert instance.uuid not in {i.uuid for i in question.shots}
        for shot in question.shots:
            assert shot.uuid in by_uuid
            assert not corpus.base_clips(shot) & corpus.base_clips(instance)


@pytest.mark.slow
def test_shots_stand_before_the_question_within_their_budget(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = corpus.instance("language_identification", "test", 0)
    plain = maker_of(corpus).example(instance, 5)
    monkeypatch.setattr(settings, "shots", 3)
    monkeypatch.setattr(settings, "shot_budget", 2500)
    maker = maker_of(corpus)
    shot = maker.example(instance, 5)
    assert plain is not None
    assert shot is not None
    extra = len(shot.inputs) - len(plain.inputs)
    assert 0 < extra <= 2500
    assert np.array_equal(shot.inputs[extra:], plain.inputs)
    assert set(shot.input_roles[:extra].tolist()) == {2}
    assert np.array_equal(shot.targets, plain.targets)
    assert len(shot.shots) >= 1
    text = maker.vocabulary.decode(shot.inputs)
    for uuid in shot.shots:
        (exemplar,) = (i for i in corpus.instances(instance.task, "train") if i.uuid == uuid)
        assert f"{exemplar.output}\n\n" in text
    again = maker.example(instance, 5)
    assert again is not None
    assert again.shots == shot.shots
    other = {(maker.example(instance, seed) or shot).shots for seed in range(6)}
    assert len(other) > 1
