"""From a mixture and a corpus to a stream of examples and batches, driven by the step number."""

from __future__ import annotations

from audioflan_tasks.engine.batching.batches import Batches, batches, merge_states
from audioflan_tasks.engine.stream import Stream

__all__ = ["Batches", "Stream", "batches", "merge_states"]
