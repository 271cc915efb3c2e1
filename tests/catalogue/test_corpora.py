"""Corpora by the names that folders, ids and papers give them."""

from __future__ import annotations

import pytest

from audioflan_tasks import catalogue, vocabularies
from audioflan_tasks.catalogue.corpora import CORPORA, CORPUS_LANGUAGES


@pytest.mark.parametrize(
    ("name", "corpus"),
    [
        ("13_LibriTTS-R_260_123288_000009_000000", "LibriTTS-R"),
        ("179_Audioset_for_Audio_Inpainting", "AudioSet"),
        ("177_TAU_Urban_Acoustic_Scenes_2022", "TAU Urban Acoustic Scenes"),
        ("08_m4singer", "M4Singer"),
        ("12_Opensinger", "OpenSinger"),
        ("KeSpeech-Age Recognition", "KeSpeech"),
        ("HQ-Conv-Accent Recognition", "HQ-Conversations"),
        ("AudioSet-strong-Sound Event Detection", "AudioSet-strong"),
        ("EmoV_DB", "EmoV-DB"),
        ("The Parallel Audiobook Corpus", "Parallel Audiobook Corpus"),
        ("Freesound Loop Dataset", "Freesound Loop Dataset"),
        ("Freesound", "Freesound"),
        ("LibriTTS", "LibriTTS"),
        ("common voice", "Common Voice"),
        ("61_OpenSFX", ""),
        ("0f3a9c", ""),
        ("", ""),
    ],
)
def test_the_longest_known_name_counts(name: str, corpus: str) -> None:
    assert catalogue.corpus_of_prefix(name) == corpus


def test_an_unknown_folder_is_a_corpus_of_its_own_name() -> None:
    assert catalogue.corpus_of_folder("61_OpenSFX") == "OpenSFX"
    assert catalogue.corpus_of_folder("13_LibriTTS-R") == "LibriTTS-R"
    assert catalogue.corpus_of_folder("") == ""


def test_every_corpus_of_a_task_is_known_by_its_own_name() -> None:
    names = {name for row in catalogue.tasks() for name in row.corpora}
    assert names <= set(CORPORA)
    assert {name: catalogue.corpus_of_folder(name) for name in CORPORA} == {n: n for n in CORPORA}


def test_corpora_of_one_language_are_known_corpora() -> None:
    assert set(CORPUS_LANGUAGES) <= set(CORPORA)
    assert catalogue.language_of("LJSpeech") == "English"
    assert catalogue.language_of("AISHELL-3") == "Chinese"
    assert catalogue.language_of("FLEURS") == ""


def test_the_corpora_of_tasks_with_labels_have_their_vocabularies() -> None:
    pairs = {
        ("emotion_recognition", "ESD"): "esd_emotions",
        ("dialect_identification", "KeSpeech"): "kespeech_dialects",
        ("language_identification", "FLEURS"): "fleurs_languages",
        ("genre_classification", "MTG-Jamendo"): "mtg_jamendo_genres",
        ("acoustic_scene_classification", "TAU Urban Acoustic Scenes"): "tau2020_scenes",
        ("intent_classification", "Fluent Speech Commands"): "fsc_intents",
        ("instrument_classification", "NSynth"): "nsynth_families",
    }
    for (task, corpus), name in pairs.items():
        vocabulary = vocabularies.vocabulary_for(task, corpus)
        assert vocabulary is not None
        assert vocabulary.name == name
