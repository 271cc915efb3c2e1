"""Signal simulation: the paper's section 2.2 as seeded pure functions that know their label.

made = simulate("add_noise", [speech, wind], 16000, {"snr_db": 5.0}, seed=7)
made.audio, made.sample_rate, made.label
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.preprocessors.simulate.base import Audio, Kind, Simulated
from audioflan_tasks.preprocessors.simulate.kinds import KINDS
from audioflan_tasks.preprocessors.simulate.segments import active_segments

__all__ = ["KINDS", "Kind", "Simulated", "active_segments", "simulate"]


def simulate(
    kind: str,
    inputs: Sequence[Audio],
    sample_rate: int,
    params: Mapping[str, Any],
    seed: int,
) -> Simulated:
    """Runs one simulation.

    Args:
      kind: a name in `KINDS`.
      inputs: mono float32 arrays [n], all at `sample_rate` Hz.
      sample_rate: of the inputs; that of the result is in the result.
      params: parameters of the kind.
      seed: the same seed gives the same samples.

    Raises:
      UnknownNameError: no such kind; with the nearest names.
      SimulationError: wrong inputs or parameters; says which and what was expected.
    """
    if kind not in KINDS:
        raise UnknownNameError("simulation", kind, KINDS)
    found = KINDS[kind]
    return found.run(found.request(inputs, sample_rate, params, seed))
