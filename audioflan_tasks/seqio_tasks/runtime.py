"""Starts TensorFlow's runtime, which every dataset needs, without its first words."""

from __future__ import annotations

from functools import cache

import tensorflow as tf

from audioflan_tasks.quiet_start import without_startup_noise

__all__ = ["start_runtime"]


@cache
def start_runtime() -> None:
    """Looks for devices, as the first operation would; without a GPU its log has an error."""
    with without_startup_noise():
        tf.config.list_logical_devices()
