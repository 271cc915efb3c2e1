"""Audio of the corpus: where an id's file is, and how it is read and written.

Samples are float32 in [-1, 1], mono, `[samples]`; times are seconds.
"""

from __future__ import annotations

from audioflan_tasks.audio.load import AudioInfo, info, load
from audioflan_tasks.audio.resolve import AudioIndex, Located, simulated_ids
from audioflan_tasks.audio.write import write

__all__ = ["AudioIndex", "AudioInfo", "Located", "info", "load", "simulated_ids", "write"]
