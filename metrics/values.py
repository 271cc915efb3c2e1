"""What answers become once they are read: values, and how reading went."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ROUNDING_S", "AudioAnswer", "Contour", "Interval", "Note", "ParsedAnswer", "Status"
]  # fmt: skip

# A difference of times that is this much over a tolerance is the rounding of decimals.
ROUNDING_S = 1e-6


class Status(StrEnum):
    """How an answer was read.

    All but `ok` and `runaway` leave no value, save that an intent outside the set keeps its
    slots.
    """

    OK = "ok"
    OUT_OF_SET = "out_of_set"  # says something, none of the labels asked for
    AMBIGUOUS = "ambiguous"  # several values where one is asked for
    REFUSAL = "refusal"
    PROMPT_ECHO = "prompt_echo"  # a copy of an example in the instruction
    EMPTY = "empty"
    RUNAWAY = "runaway"  # over three times as long as the reference
    MALFORMED = "malformed"  # not in the form of the task


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """A value (None: there is none), how reading went, and the reasoning that was cut off."""

    value: Any
    status: Status
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class AudioAnswer:
    """An answer that is audio: samples [n] float32 in [-1, 1] and their rate in Hz.

    A reference may carry the unprocessed input at the same rate (`source`): the noisy
    speech, the mixture, the recording with a gap.
    """

    samples: NDArray[np.float32]
    sample_rate: int
    source: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Start and end in seconds and what holds between them."""

    start: float
    end: float
    label: str


@dataclass(frozen=True, slots=True)
class Note:
    """Pitch class (C is 0) and octave (None: not given); C4 is (0, 4)."""

    pitch_class: int
    octave: int | None

    @property
    def midi(self) -> int | None:
        """MIDI number; C4 is 60."""
        return None if self.octave is None else 12 * (self.octave + 1) + self.pitch_class


@dataclass(frozen=True, slots=True)
class Contour:
    """Times in seconds, rising, and frequencies in Hz (0: unvoiced); [n] each."""

    times: NDArray[np.float64]
    hz: NDArray[np.float64]
