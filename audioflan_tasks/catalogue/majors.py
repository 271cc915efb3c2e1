"""The paper's 23 major tasks with the counts and categories of its Table 2."""

from __future__ import annotations

from audioflan_tasks.catalogue.row import Major

SPEECH_RECOGNITION = Major("Speech Recognition", "speech", "understanding", 12_050_000)
SPOKEN_LANGUAGE = Major("Spoken Language Understanding", "speech", "understanding", 26_250_000)
PARALINGUISTICS = Major(
    "Paralinguistic Attribute Recognition", "speech", "understanding", 16_470_000
)
SPEAKER_RECOGNITION = Major("Speaker Recognition", "speech", "understanding", 730_000)
SPEECH_CAPTION = Major("Speech Caption", "speech", "understanding", 350_000)
SPEECH_DETECTION = Major("Speech Detection", "speech", "understanding", 1_570_000)
SPEECH_ENHANCEMENT = Major("Speech Enhancement", "speech", "generation", 1_480_000)
SPEECH_GENERATION = Major("Speech Generation", "speech", "generation", 41_520_000)
GLOBAL_MIR = Major("Global MIR", "music", "understanding", 340_000)
SEQUENTIAL_MIR = Major("Sequential MIR", "music", "understanding", 430_000)
SINGLE_REASONING = Major("Single Music Reasoning", "music", "understanding", 95_860)
MULTIPLE_REASONING = Major("Multiple Music Reasoning", "music", "understanding", 570_000)
MUSIC_CAPTION = Major("Music Caption", "music", "understanding", 28_210)
MUSIC_SEPARATION = Major("Music Separation", "music", "generation", 40_260)
MUSIC_GENERATION = Major("Music Generation", "music", "generation", 670_000)
EVENT_RECOGNITION = Major("Audio Event Recognition", "audio", "understanding", 1_300_000)
AUDIO_CAPTION = Major("Audio Caption", "audio", "understanding", 820_000)
ADVANCED_UNDERSTANDING = Major("Audio Advanced Understanding", "audio", "understanding", 10_000)
AUDIO_DETECTION = Major("Audio Detection", "audio", "understanding", 1_080_000)
AUDIO_CLASSIFICATION = Major("Audio Classification", "audio", "understanding", 380_000)
AUDIO_ENHANCEMENT = Major("Audio Enhancement", "audio", "generation", 150_000)
AUDIO_SEPARATION = Major("Audio Separation", "audio", "generation", 890_000)
AUDIO_GENERATION = Major("Audio Generation", "audio", "generation", 1_310_000)
