"""Simulations over folders of audio: presets in TOML, many processes, release layout out.

from audioflan_tasks.preprocessors.simulate.runs import SimulationRun, presets, run, sounds

outcome = run(SimulationRun.plan(presets()["add_noise"], sounds([speech]), sounds([noise]), out))
"""

from __future__ import annotations

from audioflan_tasks.preprocessors.simulate.runs.plan import SimulationRun
from audioflan_tasks.preprocessors.simulate.runs.presets import Preset, presets
from audioflan_tasks.preprocessors.simulate.runs.run import Outcome, run
from audioflan_tasks.preprocessors.simulate.runs.sources import Sound, read_labels, sounds

__all__ = ["Outcome", "Preset", "SimulationRun", "Sound", "presets", "read_labels", "run", "sounds"]
