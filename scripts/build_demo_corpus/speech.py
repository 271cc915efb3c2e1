"""The 34 speech tasks of the demo corpus."""

from __future__ import annotations

from pathlib import Path

import speech_generation
import speech_pairs
import speech_recognition
import speech_signal
import speech_synthetic
from common import Builder
from speech_material import asterisk, italian_words, librivox, noises, synthetic_folder


def build(builder: Builder, raw: Path) -> None:
    """Collects the clips and writes the records."""
    synthetic_folder(builder)
    prompts = asterisk(builder, raw)
    readings = librivox(builder, raw)
    words = italian_words(builder, raw)
    noise = noises(builder, raw)
    speech_recognition.build(builder, prompts, readings)
    speech_signal.build(builder, prompts, readings, noise)
    speech_pairs.build(builder, prompts, words)
    speech_generation.build(builder, prompts)
    speech_synthetic.build(builder, prompts)
