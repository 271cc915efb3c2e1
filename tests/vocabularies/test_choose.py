"""Which vocabulary a corpus has: by its name, and by its labels."""

from __future__ import annotations

import pytest

from audioflan_tasks.vocabularies import infer, vocabulary_for


@pytest.mark.parametrize(
    ("task", "corpus", "name"),
    [
        ("emotion_recognition", "ESD", "esd_emotions"),
        ("emotion_recognition", "esd", "esd_emotions"),
        ("emotion_recognition", "ESD2", "esd_emotions"),
        ("emotion_recognition", "7_ESD", "esd_emotions"),
        ("emotion_recognition", "EmoV-DB", "emov_db_emotions"),
        ("emotion_recognition", "emov_db", "emov_db_emotions"),
        ("sound_event_recognition", "AudioSet-strong", "audioset_strong"),
        ("sound_event_recognition", "AudioSet", "audioset"),
        ("acoustic_scene_classification", "TAU", "tau2020_scenes"),
        ("device_recognition", "TAU", "tau2020_devices"),
        ("language_identification", "Common Voice 17.0", "common_voice_languages"),
        ("accent_recognition", "HQ-Conv", "mandarin_provinces"),
        ("accent_recognition", "KeSpeech", "kespeech_dialects"),
        ("deepfake_detection", "ASVspoof2021", "asvspoof_labels"),
        ("genre_classification", "MTG-Jamendo", "mtg_jamendo_genres"),
        ("music_tagging", "MTG-Jamendo", "mtg_jamendo"),
        ("genre_classification", "FSLD", "fsld_genres"),
        ("sound_event_understanding", "VocalImitation", "vocal_imitation"),
        ("instrument_classification", "NSynth", "nsynth_families"),
        ("emotion_recognition", "LibriTTS-R", None),
        ("emotion_recognition", "", None),
        ("emotion_recognition", "ESDetector", None),
        ("speaker_verification", "ESD", None),
    ],
)
def test_a_corpus_names_its_vocabulary(task: str, corpus: str, name: str | None) -> None:
    vocabulary = vocabulary_for(task, corpus)
    assert (vocabulary and vocabulary.name) == name


@pytest.mark.parametrize(
    ("task", "labels", "name"),
    [
        ("emotion_recognition", ["Happy", "Sad", "Angry", "Neutral", "Surprise"], "esd_emotions"),
        ("emotion_recognition", ["amused", "sleepy", "anger"], "emov_db_emotions"),
        ("emotion_recognition", ["joy", "sadness", "fear"], "crema_d_emotions"),
        ("emotion_recognition", ["joy", "sadness", "fear", "surprise"], "meld_emotions"),
        ("emotion_recognition", ["calm", "fearful", "happy"], "ravdess_emotions"),
        ("dialect_identification", ["江淮官话", "西南官话", "普通话"], "kespeech_dialects"),
        ("dialect_identification", ["Sichuan", "Hubei"], "mandarin_provinces"),
        ("acoustic_scene_classification", ["airport", "Shopping mall"], "tau2020_scenes"),
        ("instrument_classification", ["mallet", "reed", "synth_lead"], "nsynth_families"),
        ("instrument_classification", ["acoustic", "synthetic"], "nsynth_sources"),
        ("sound_event_recognition", ["Speech, Drum kit", "Inside, small room"], "audioset"),
        ("sound_event_recognition", ["playing erhu", "people booing"], "vggsound"),
        ("music_tagging", ["genre---rock, mood/theme---calm", "harp, rock, epic"], "mtg_jamendo"),
        ("language_identification", ["Umbundu", "English"], "fleurs_languages"),
        ("intent_classification", ["bring, socks, none"], "fsc_intents"),
        ("emotion_recognition", ["Happy", "excited about it", "Sad"], None),
        # Both of five labels that are in two lists of five: a guess.
        ("emotion_recognition", ["Neutral", "Angry"], None),
        ("emotion_recognition", [], None),
        ("speaker_verification", ["yes"], None),
    ],
)
def test_labels_say_their_vocabulary(task: str, labels: list[str], name: str | None) -> None:
    vocabulary = infer(task, labels)
    assert (vocabulary and vocabulary.name) == name


@pytest.mark.parametrize(("odd", "is_found"), [(5, True), (6, False)])
def test_95_per_cent_of_the_answers_are_enough(odd: int, is_found: bool) -> None:
    labels = ["Happy"] * 50 + ["Surprise"] * (50 - odd) + ["?!"] * odd
    assert (infer("emotion_recognition", labels) is not None) == is_found
