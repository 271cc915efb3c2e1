"""References lose the same words as answers, so that a right answer scores as right."""

from __future__ import annotations

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.metrics import score, without_lead_in


@pytest.mark.parametrize(
    ("task", "reference", "answer", "metric", "best"),
    [
        ("accent_recognition", "The accent is Shandong.", "Shandong", "accuracy", 1.0),
        ("gender_recognition", "The speaker in this audio is a woman.", "female", "accuracy", 1.0),
        ("signal_to_noise_ratio_estimation", "SNR: 35.1", "35.1 dB", "mae", 0.0),
        ("pitch_classification", "The pitch is 47.", "47", "note_accuracy", 1.0),
        ("automatic_speech_recognition", "Transcription is: go on", "go on", "wer", 0.0),
        ("automatic_speech_recognition", "Text: go on", "Text: go on", "wer", 0.0),
        ("phonetic_recognition", "IPA Phonemes is: h ə l", "h ə l", "per", 0.0),
        ("music_tagging", "The tags are: calm, ambient.", "ambient, calm", "set_f1", 1.0),
        ("speech_caption", "Speech caption is: A man.", "A man.", "rouge_l", 1.0),
    ],
)
def test_a_right_answer_is_right(
    task: str, reference: str, answer: str, metric: str, best: float
) -> None:
    row = catalogue.get(task)
    for pair in ((reference, answer), (answer, reference), (reference, reference)):
        assert score(row, [pair[0]], [pair[1]], metrics=[metric])[metric] == best


@pytest.mark.slow
def test_several_references_lose_theirs_too() -> None:
    row = catalogue.get("speech_caption")
    references = [["Descriptive text of the given speech is: A man.", "A woman."]]
    assert score(row, references, ["A man."], metrics=["rouge_l"])["rouge_l"] == 1.0


def test_words_of_pools_and_of_records_come_off() -> None:
    row = catalogue.get("intent_classification")
    assert without_lead_in(row, "The speaker wants: stop") == "stop"
    assert without_lead_in(row, "The intent is to stop.") == "stop"
