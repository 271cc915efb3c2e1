"""Signal simulation: the paper's section 2.2 as seeded pure functions that know their label.

noisy = simulate("add_noise", [speech, wind], 16000, {"snr_db": 5.0}, seed=7)
noisy.audio, noisy.sample_rate, noisy.label
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.preprocessors.simulate.base import Audio, SimulatedAudio, Simulation
from audioflan_tasks.preprocessors.simulate.kinds import KINDS
from audioflan_tasks.preprocessors.simulate.segments import active_segments

__all__ = ["KINDS", "SimulatedAudio", "Simulation", "active_segments", "simulate"]


def simulate(
    kind: str,
    inputs: Sequence[Audio],
    sample_rate: int,
    params: Mapping[str, Any],
    seed: int,
) -> SimulatedAudio:
    """Runs one simulation.

    Args:
      kind: a name in `KINDS`.
      inputs: mono float32 arrays [n], all at `sample_rate` Hz.
      sample_rate: of the inputs; that of the result is in the result.
      params: parameters of the kind.
      seed: the same seed gives the same samples.

    Raises:
      UnknownNameError: no such kind; with the nearest names.
      SimulationError: wrong inputs or parameters; the message has both and what was expected.
    """
    if kind not in KINDS:
        raise UnknownNameError("simulation", kind, KINDS)
    simulation = KINDS[kind]
    return simulation.run(simulation.request(inputs, sample_rate, params, seed))
