"""Data sets of TFDS (TensorFlow Datasets), built from a corpus; import it to register them.

    tfds build audioflan --imports=audioflan_tasks.tfds_builder --config=key_detection

docs/tfds.md says what is in them and how seqio reads them.
"""

from __future__ import annotations

from audioflan_tasks.tfds_builder.build import build_tfds
from audioflan_tasks.tfds_builder.builder import AudioFlan
from audioflan_tasks.tfds_builder.config import AudioFlanConfig, AudioForm

__all__ = ["AudioFlan", "AudioFlanConfig", "AudioForm", "build_tfds"]
