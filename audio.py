"""The 18 tasks of the audio domain of the demo corpus."""

from __future__ import annotations

from pathlib import Path

import audio_activity
import audio_events
import audio_generation
import audio_scenes
from audio_material import events, others
from common import Builder


def build(builder: Builder, raw: Path) -> None:
    """Collects the clips and writes the records."""
    sounds = events(builder, raw)
    material = others(builder, raw)
    audio_events.build(builder, sounds)
    audio_scenes.build(builder, sounds, material)
    audio_activity.build(builder, sounds, material)
    audio_generation.build(builder, sounds)
