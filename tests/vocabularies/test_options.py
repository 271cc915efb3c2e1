"""The labels a question lists: all or a few, spelt as the right answer, no two alike."""

from __future__ import annotations

import pytest

from audioflan_tasks import vocabularies
from audioflan_tasks.vocabularies import DRAWS, Vocabulary, labels_like, options_for

ESD = ("Neutral", "Happy", "Angry", "Sad", "Surprise")


@pytest.mark.parametrize(
    ("name", "gold", "options"),
    [
        ("esd_emotions", "Happy", ESD),
        ("esd_emotions", "happy", tuple(map(str.lower, ESD))),
        ("esd_emotions", "HAPPY", tuple(map(str.upper, ESD))),
        ("esd_emotions", "快乐", ("中立", "快乐", "生气", "伤心", "惊喜")),
        ("esd_emotions", "joy", ("neutral", "joy", "angry", "sad", "surprise")),
        ("emov_db_emotions", "Anger", ("Neutral", "Amused", "Anger", "Sleepy", "Disgust")),
        ("crema_d_emotions", "ANG", ("ANG", "DIS", "FEA", "HAP", "NEU", "SAD")),
        ("crema_d_emotions", "anger", ("anger", "disgust", "fear", "happy", "neutral", "sad")),
        ("asvspoof_labels", "bonafide", ("bonafide", "spoof")),
        ("asvspoof_labels", "bona fide", ("bona fide", "spoof")),
        ("esd_emotions", "bored", ()),
    ],
)
def test_all_labels_in_the_spelling_of_the_answer(
    name: str, gold: str, options: tuple[str, ...]
) -> None:
    assert options_for(vocabularies.get(name), gold, limit=20) == options


@pytest.mark.parametrize(
    ("name", "gold", "other"),
    [
        ("tau2020_scenes", "shopping_mall", "street_traffic"),
        ("tau2020_scenes", "shopping mall", "street traffic"),
        ("tau2020_scenes", "Shopping Mall", "Street Traffic"),
        ("tau2020_scenes", "Shopping mall", "Street traffic"),
        ("tau2020_scenes", "shopping-mall", "street-traffic"),
        ("tau2020_scenes", "airport", "street_traffic"),
        ("tau2020_scenes", "机场", "商场"),
        ("kespeech_dialects", "Jiang-Huai", "Ji-Lu"),
        ("kespeech_dialects", "Jianghuai", "Jilu"),
        ("kespeech_dialects", "Jiang-Huai Mandarin", "Ji-Lu Mandarin"),
        ("kespeech_dialects", "江淮官话", "冀鲁官话"),
        ("mls_languages", "de", "pl"),
        ("mls_languages", "德语", "波兰语"),
        ("mls_languages", "german", "polish"),
        ("mtg_jamendo_instruments", "instrument---harp", "instrument---violin"),
        ("ccom_huqin_techniques", "DunG", "DuanG"),
        ("ccom_huqin_techniques", "DunGong (staccato)", "DuanGong"),
        ("ccom_huqin_techniques", "HuaYin", "ChanYin"),
        ("ccom_huqin_techniques", "顿弓", "断弓"),
        ("ccom_huqin_techniques", "portamento up", "trill"),
        ("meld_emotions", "joy", "sadness"),
        ("meld_emotions", "4", "3"),
    ],
)
def test_another_label_is_spelt_alike(name: str, gold: str, other: str) -> None:
    options = options_for(vocabularies.get(name), gold, limit=100)
    assert gold in options
    assert other in options


def test_standard_mandarin_is_not_mandarin_mandarin() -> None:
    options = options_for(vocabularies.get("kespeech_dialects"), "Ji-Lu Mandarin", limit=9)
    assert options[:2] == ("Mandarin", "Beijing Mandarin")


@pytest.mark.slow
@pytest.mark.parametrize("vocabulary", vocabularies.vocabularies(), ids=lambda v: v.name)
@pytest.mark.parametrize("limit", [2, 4, 10])
def test_options_are_of_one_meaning_each(vocabulary: Vocabulary, limit: int) -> None:
    for label in vocabulary.labels[:: max(1, len(vocabulary.labels) // 12)]:
        for draw in range(DRAWS):
            options = options_for(vocabulary, [label.name], limit, draw)
            labels = [vocabulary.find(option) for option in options]
            assert label.name in options
            assert len(options) <= limit
            assert None not in labels
            meanings = {vocabulary.twins[found] for found in labels if found is not None}
            assert len(meanings) == len(options)


@pytest.mark.parametrize("gold", ["Mandarin", "Ji-Lu Mandarin", "普通话"])
def test_a_list_does_not_run_out(gold: str) -> None:
    assert len(options_for(vocabularies.get("kespeech_dialects"), gold, 8)) == 8


@pytest.mark.parametrize(
    ("labels", "gold", "options"),
    [
        (("female", "male"), "Female", ("Female", "Male")),
        (("female", "male"), "woman", ("woman", "male")),
        (("female", "male"), "MALE", ("FEMALE", "MALE")),
        (("female", "male"), "女", ()),
        (("speech", "silence", "music"), "Speech", ("Speech", "Silence", "Music")),
        (("female", "male"), "robot", ()),
    ],
)
def test_a_closed_set_is_spelt_as_the_answer(
    labels: tuple[str, ...], gold: str, options: tuple[str, ...]
) -> None:
    assert labels_like(labels, gold) == options


def test_there_are_few_lists_for_one_answer() -> None:
    audioset = vocabularies.get("audioset")
    lists = {options_for(audioset, "Speech", 6, draw) for draw in range(200)}
    assert len(lists) == DRAWS
    assert options_for(audioset, "Speech", 6, 3) == options_for(audioset, "Speech", 6, 3 + DRAWS)


def test_several_right_answers_are_all_among_the_options() -> None:
    tags = vocabularies.get("mtg_jamendo")
    options = options_for(tags, "genre---rock, instrument---guitar", 6)
    assert {"genre---rock", "instrument---guitar"} < set(options)
    assert len(options) == 6
    assert all("---" in option for option in options)


def test_a_name_with_a_comma_is_one_right_answer() -> None:
    audioset = vocabularies.get("audioset")
    options = options_for(audioset, "Speech, Vehicle horn, car horn, honking", 5)
    assert len(options) == 5
    assert {"Speech", "Vehicle horn, car horn, honking"} < set(options)


def test_no_broader_or_narrower_name_distracts() -> None:
    audioset = vocabularies.get("audioset")
    words = [
        option for draw in range(DRAWS) for option in options_for(audioset, "Guitar", 100, draw)
    ]
    assert "Piano" in words
    assert not {"Electric guitar", "Bass guitar", "Acoustic guitar"} & set(words)
