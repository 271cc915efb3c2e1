"""Audio of the corpus: where an id's file is, and how it is read and written.

Samples are float32 in [-1, 1], mono, `[samples]`; times are seconds. The functions
`load`, `write` and `check` stand in modules of the same names.
"""

from __future__ import annotations

from audioflan_tasks.audio.resolve import AudioIndex, AudioLocation, simulated_ids

__all__ = ["AudioIndex", "AudioLocation", "simulated_ids"]
