"""The tasks and mixtures in seqio: the only folder that imports TensorFlow.

Nothing is registered by importing this folder; `register.register` does it, and runs by
itself once both seqio and audioflan_tasks have been imported.
"""

from __future__ import annotations
