"""The lists as files: whole, counted, with source and licence; each name has one meaning."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from audioflan_tasks import catalogue, vocabularies
from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.vocabularies import Vocabulary

ROOT = Path(__file__).parents[2]
DATA = ROOT / "audioflan_tasks" / "vocabularies" / "data"

# How many labels each list has, as its publisher or a public copy of it counts them.
COUNTS = {
    "add2023_labels": 2,
    "aesrc2020_accents": 8 + 2,
    "asvspoof2019_attacks": 19 + 1,
    "asvspoof2021_vocoders": 6,
    "asvspoof_labels": 2,
    "atis_intents": 26,
    "audioset": 527,
    "audioset_strong": 447 + 9,
    "ccom_huqin_techniques": 13,
    "common_voice_english_accents": 16 + 1,
    "common_voice_languages": 60,
    "crema_d_emotions": 6,
    "emov_db_emotions": 5,
    "erhu_techniques": 11,
    "esc50": 50,
    "esd_emotions": 5,
    "fleurs_languages": 102,
    "fma_genres": 16,
    "fsc_intents": 31,
    "fsd50k": 200,
    "fsld_genres": 7,
    "fsld_instruments": 6,
    "general_midi": 128,
    "general_midi_classes": 16,
    "gtzan_genres": 10,
    "guzheng_techniques": 10,
    "iemocap_emotions": 11,
    "jazznet_chords": 24,
    "jazznet_progressions": 9,
    "jazznet_scales": 8,
    "kespeech_dialects": 9,
    "magnatagatune": 50,
    "mandarin_provinces": 34,
    "medley_solos": 8,
    "meld_emotions": 7,
    "mls_languages": 8,
    "mtg_jamendo": 195,
    "mtg_jamendo_genres": 95,
    "mtg_jamendo_instruments": 41,
    "mtg_jamendo_moods": 59,
    "nsynth_families": 11,
    "nsynth_sources": 3,
    "openmic": 20,
    "ravdess_emotions": 8,
    "slurp_intents": 60,
    "tau2020_devices": 15,
    "tau2020_scenes": 10,
    "urbansound8k": 10,
    "vggsound": 309,
    # 302 categories, whose last names repeat: Bicycle bell stands under three parents.
    "vocal_imitation": 287,
    "vocalset_techniques": 17,
}

every_vocabulary = pytest.mark.parametrize(
    "vocabulary", vocabularies.vocabularies(), ids=lambda vocabulary: vocabulary.name
)


def test_every_list_has_its_count() -> None:
    assert {v.name: len(v.labels) for v in vocabularies.vocabularies()} == COUNTS


def test_facts_of_the_lists() -> None:
    audioset = vocabularies.get("audioset")
    assert sum("," in name for name in audioset.names) == 75
    assert sum("(" in name for name in audioset.names) == 25
    assert sum("," in name for name in vocabularies.get("vggsound").names) == 23
    assert sum("," in name for name in vocabularies.get("audioset_strong").names) == 92
    parts = [name.partition("_") for name in vocabularies.get("slurp_intents").names]
    assert (len({p[0] for p in parts}), len({p[2] for p in parts})) == (18, 46)
    display_names = {name for label in audioset.labels for name in (label.name,)}
    outside = [
        label.name
        for label in vocabularies.get("fsd50k").labels
        if not display_names & {label.name.replace("_", " "), *label.aliases}
    ]
    assert outside == [
        "Crash_cymbal", "Domestic_sounds_and_home_sounds", "Gull_and_seagull",
        "Human_group_actions", "Human_voice", "Packing_tape_and_duct_tape", "Respiratory_sounds",
        "Screech",
    ]  # fmt: skip


@every_vocabulary
def test_source_licence_and_tasks_are_stated(vocabulary: Vocabulary) -> None:
    assert vocabulary.title and vocabulary.source and vocabulary.licence and vocabulary.version
    assert vocabulary.tasks
    for task in vocabulary.tasks:
        assert catalogue.get(task).answer_kind.names in ("one", "list", "intervals", "none")


@every_vocabulary
def test_every_name_of_a_label_finds_it_or_none(vocabulary: Vocabulary) -> None:
    twins = vocabulary.twins
    for label in vocabulary.labels:
        assert vocabulary.find(label.name) is label
        for name in (*label.names, label.code):
            target = vocabulary.find(name) if name else None
            assert target is None or twins[target] is twins[label], (name, label, target)


@every_vocabulary
def test_no_label_has_two_spellings_of_one_name(vocabulary: Vocabulary) -> None:
    for label in vocabulary.labels:
        assert len(set(label.names)) == len(label.names), label


def test_a_corpus_has_one_vocabulary_for_a_task() -> None:
    pairs = [
        (task, corpus.casefold())
        for vocabulary in vocabularies.vocabularies()
        for task in vocabulary.tasks
        for corpus in vocabulary.corpora
    ]
    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize("file", sorted(DATA.glob("*.toml")), ids=lambda file: file.stem)
def test_the_head_of_a_file_stands_before_its_labels(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    table = tomllib.loads(text)
    head = tomllib.loads(text.partition("\n[labels]\n")[0])
    assert {**head, "labels": table["labels"]} == table
    assert set(head) <= {
        "title", "source", "licence", "version", "corpora", "tasks", "note", "names_list",
        "case_matters", "are_languages", "first_aliases",
    }  # fmt: skip
    for facts in table["labels"].values():
        assert set(facts) <= {"zh", "code", "aliases"}


def test_the_files_are_in_the_wheel() -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = table["tool"]["setuptools"]["package-data"]["audioflan_tasks.vocabularies"]
    packaged = {file for pattern in patterns for file in DATA.parent.glob(pattern)}
    assert packaged == set(DATA.parent.rglob("*.toml"))


def test_an_unknown_name_is_an_error_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="esd_emotions"):
        vocabularies.get("esd_emotion")


def test_languages_have_the_names_of_cldr() -> None:
    fleurs = vocabularies.get("fleurs_languages")
    assert sum(bool(label.zh) for label in fleurs.labels) == 102
    label = fleurs.find("Swahili")
    assert label is not None and (label.code, label.zh) == ("sw_ke", "斯瓦希里语")
    names = {"sw", "kiswahili", "SW_KE", "斯瓦希里语", "Swahili language"}
    assert [fleurs.find(name) is label for name in sorted(names)] == [True, False, True, True, True]
    # Chinese of three regions: what CLDR calls Chinese says none of them, the list itself does.
    common_voice = vocabularies.get("common_voice_languages")
    assert [label.zh for label in common_voice.labels if label.code[:2] == "zh"] == ["", "", ""]


def test_shared_names_belong_to_no_label() -> None:
    audioset = vocabularies.get("audioset")
    assert audioset.find("Inside") is None
    assert audioset.find("small room") is audioset.find("Inside, small room")


def test_labels_that_mean_the_same_are_twins() -> None:
    tags = vocabularies.get("magnatagatune")
    names = [label.name for label in tags.labels if tags.twins[label].name == "vocal"]
    assert names == ["vocal", "singing", "vocals", "voice"]
    assert len(tags.meanings) == 50 - 12
