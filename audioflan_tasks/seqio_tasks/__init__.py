"""The tasks and mixtures in seqio: the only folder that imports TensorFlow.

Nothing is registered by importing this folder; `register.register` does it, and runs by
itself once both seqio and audioflan_tasks have been imported.
"""

from __future__ import annotations

# First of all: where seqio is new, its import registers our tasks, and a module of this
# folder that is itself half imported could not be used for it.
import seqio as seqio
