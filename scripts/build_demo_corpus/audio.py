"""The audio domain of the demo corpus."""

from __future__ import annotations

from pathlib import Path

import audio_activity
import audio_clips
import audio_generation
import audio_recognition
from common import Builder


def build(builder: Builder, raw: Path) -> None:
    """Collects the base clips and writes the records of the 18 tasks."""
    material = audio_clips.collect(builder, raw)
    audio_recognition.build(builder, material)
    audio_activity.build(builder, material)
    audio_generation.build(builder, material)
