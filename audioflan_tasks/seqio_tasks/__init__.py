"""Tasks and mixtures as seqio has them: the folder that imports TensorFlow.

Tasks are registered as soon as both seqio and audioflan_tasks have been imported.
"""

from __future__ import annotations

# First of all: once seqio is loaded our tasks are registered, which imports the modules of this
# folder. Begun by one of these modules, that would be a circle.
import seqio  # noqa: F401
