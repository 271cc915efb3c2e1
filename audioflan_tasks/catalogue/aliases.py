"""Other names of the tasks, as records and papers write them.

References: Audio-FLAN (arXiv 2502.16584, Table 1, Table 3, Figure 2 and appendix A),
whose names drift between its own parts, and CMI-Bench (arXiv 2506.12285), whose
records use the same schema. Keys are compared without case and punctuation, so a
slash in a name is left out; `domain/name` holds in that domain only. Names of
CMI-Bench without a task here (downbeat_tracking, emotion_regression,
lyrics_transcription, song_structure_analysis, ...) have no row: they are reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Several names: the first task that reads audio as the record does, beside its text.
ALIASES: Mapping[str, str | tuple[str, ...]] = MappingProxyType(
    {
        # The paper against its own Table 1.
        "Speech Translation": "Speech to Text Translation",
        "Speech-to-text Translation": "Speech to Text Translation",
        "Speech2Text Translation": "Speech to Text Translation",
        "Speech2Speech Translation": "Speech to Speech Translation",
        "ASR": "Automatic Speech Recognition",
        "Dialect ASR": "Dialect Automatic Speech Recognition",
        "Phoneme Recognition": "Phonetic Recognition",
        "Age Prediction": "Age Recognition",
        "Gender Prediction": "Gender Recognition",
        "Speaker Diarisation": "Speaker Diarization",
        "Text-dependent Speaker Verification": "Speaker Verification",
        "Text-independent Speaker Verification": "Speaker Verification",
        "Language Recognition": "Language Identification",
        "Dialect Recognition": "Dialect Identification",
        "Device Recognitin": "Device Recognition",
        "Vocoder Classification": "Vocoder Type Classification",
        "Speech Captioning": "Speech Caption",
        "Speech Denoising": "Denoising",
        "Speech Dereverberation": "Dereverberation",
        "Speech Declipping": "Declipping",
        "Declicking": "Declipping",
        "Bandwidth Extension": "Speech Bandwidth Extension",
        "Speech Super-resolution": "Speech Bandwidth Extension",
        "SNR Estimation": "Signal-to-noise Ratio Estimation",
        "TTS": "Text to Speech",
        "Zero-shot TTS": "Zero-shot Text to Speech",
        "Voice Cloning": "Zero-shot Text to Speech",
        "Zero-shot Text to Speech Voice Cloning": "Zero-shot Text to Speech",
        "Emotional TTS": "Emotional Text to Speech",
        "Zero-shot Emotional TTS": "Zero-shot Emotional Text to Speech",
        "Descriptive Text to Speech": "Descriptive Speech Synthesis",
        "Spontaneous TTS": "Spontaneous Text to Speech",
        "Emotional Voice Conversion": "Emotion Conversion",
        "Music Captioning": "Music Caption",
        "Instruments Classification": "Instrument Classification",
        "Instruments Comparison": "Instrument Comparison",
        "Beat-level Instruments Recognition": "Beat-level Instrument Recognition",
        "Instrument Technique Classification": "Instrumental Technique Classification",
        "Instrument Technique Comparison": "Instrumental Technique Comparison",
        "Chord Recognition": "Chord Estimation",
        "Chord Progression Extraction": "Progression Extraction",
        "Lyrics2song": "Lyrics-to-song Generation",
        "Lyrics2song Generation": "Lyrics-to-song Generation",
        "Lyrics-to-song": "Lyrics-to-song Generation",
        "Text-to-music": "Text-to-music Generation",
        "Text2music Generation": "Text-to-music Generation",
        # Section 2.3: text with a clip, where the instruction says to continue it.
        "Text-guided Music Generation": (
            "Text-to-music Generation",
            "Text-guided Music Continuation",
        ),
        "Music Continuation": "Text-guided Music Continuation",
        "music/Text-guided Audio Source Separation": "Text-guided Source Separation",
        "audio/Text-guided Source Separation": "Text-guided Audio Source Separation",
        "Audio Captioning": "Audio Caption",
        "Speech and Non-speech Detection": "Speech Nonspeech Detection",
        "Speech Non-speech Detection": "Speech Nonspeech Detection",
        "Speech, Silence, Music and Noise Detection": (
            "Speech, Silence, Music and Noise Classification"
        ),
        "Sound Super-resolution": "Audio Super-resolution",
        "Sound Inpainting": "Audio Inpainting",
        "Sound Continuation": "Audio Continuation",
        "Text-to-audio Generation": "Text-guided Audio Generation",
        "Text-guided Sound Generation": "Text-guided Audio Generation",
        "Time-grounded Text-to-audio": "Time-grounded Text-to-audio Generation",
        "Label-querying Sound Separation": "Label-querying Sound Extraction",
        "Audio-querying Sound Separation": "Audio-querying Sound Extraction",
        # Two pairs share their words; only the domain tells which is meant.
        "audio/Deepfake Detection": "Deepfake Audio Detection",
        "speech/Deepfake Audio Detection": "Deepfake Detection",
        "music/Emotion Recognition": "Emotion Classification",
        "speech/Emotion Classification": "Emotion Recognition",
        # CMI-Bench; its other names differ in case and punctuation only.
        "music_captioningn": "Music Caption",
        "singing_technique_classification": "Vocal Technique Classification",
        "technique_detection": "Instrumental Technique Classification",
    }
)
