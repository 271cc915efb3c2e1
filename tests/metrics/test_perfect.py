"""An answer that is the right answer, word for word, has the best score, whatever the form.

`tests/test_contract.py` does the same with every right answer of the demo corpus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.metrics import metric, score

# What a chord metric does not compare has no score; nothing correlates with one number.
LEFT_OUT = {"0.00-2.00 E:sus4(b7)": ("chord_majmin", "chord_sevenths")}
OF_SEVERAL = ("pearson",)

FORMS: Mapping[str, Sequence[str]] = {
    "chord_estimation": [
        "0.00-2.00 C:maj; 2.00-4.00 X",
        "0.00-1.00 B:dim; 1.00-2.00 C:maj",
        "0.00-3.00 N",
        "0.00-2.00 C:maj; 3.00-4.00 A:min7/b7",
        "0.00-2.00 E:sus4(b7)",
    ],
    "key_detection": ["C major", "D dorian", "X", "G# minor", "A mixolydian"],
    "beat_tracking": [
        "none",
        "0.50",
        "0.50, 1.00",
        "0.50, 1.00, 1.50, 2.00, 2.50",
        "1.50, 0.50, 0.50",
    ],
    "sound_event_detection": [
        "none",
        "0.00-1.00 dog bark; 0.50-2.00 Car_Horn",
        "0.00-1.00 dog; 0.00-1.00 dog",
    ],
    "speaker_diarization": ["none", "0.00-7.00 A; 4.00-10.00 A", "0.00-2.00 A; 1.00-3.00 B"],
    "voice_activity_detection": ["none", "0.00-1.00", "0.00-1.00 speech; 1.00-2.00 silence"],
    "melody_extraction": ["0.00 220.0", "0.00 0.0; 0.10 0.0", "0.00 220.0; 0.10 221.0; 0.20 0.0"],
    "automatic_speech_recognition": [
        "don’t",
        "he said 'quoted words' here",
        "안녕 하세요",
        "क्‍या हाल है",
        "你好吗",
        "I cannot tell",
        "I'm sorry, I can't do that",
    ],
    "audio_caption": [
        "собака громко лает на улице",
        "कुत्ता बाहर भौंक रहा है",
        "一只狗在叫个不停",
        "a dog barks loudly in the rain",
        "كلب ينبح في الخارج الآن",
    ],
    "speech_to_text_translation": [
        "собака громко лает на улице",
        "今天天气很好啊",
        "a dog barks loudly in the rain",
    ],
    "music_tagging": ["rock, guitar", "none", "drum and bass, piano", "rock"],
    "sound_event_sequence_recognition": ["dog bark, car horn", "rain", "car_horn -> dog bark"],
    "progression_extraction": ["ii-V-I", "I", "i-bVII-V7-vii°"],
    "phonetic_recognition": ["h ə l oʊ", "k"],
    "pitch_classification": ["C#4", "Db4", "A3", "C-1"],
    "tempo_comparison": ["first", "second"],
    "intent_classification": ["activate, lights, kitchen", "play, music, none"],
    "signal_to_noise_ratio_estimation": ["12.5 dB", "-3 dB", "0 dB"],
}


@pytest.mark.parametrize("task", FORMS)
def test_right_answers_score_best(task: str) -> None:
    """All of them together, and each alone."""
    row = catalogue.get(task)
    for golds in ([*FORMS[task]], *([gold] for gold in FORMS[task])):
        found = score(row, golds, golds)
        assert set(found.statuses) == {"ok"}, golds
        for name in row.metrics:
            if len(golds) == 1 and (name in OF_SEVERAL or name in LEFT_OUT.get(golds[0], ())):
                continue
            assert found[name] == pytest.approx(metric(name).best, abs=1e-6), (golds, name)
