"""Sung phrases of known notes: espeak-ng vowels and syllables on the pitch of the notes.

Each syllable is analysed by WORLD (Morise et al. 2016), stretched to its note and
resynthesised at the note's frequency; techniques are contours of that frequency.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyworld
from common import resampled
from numpy.typing import NDArray
from speech_material import Speech, espeak

RATE = 16000
_FRAME_S = 0.005
TECHNIQUES = ("straight", "vibrato", "staccato", "glissando")


@dataclass(frozen=True, slots=True)
class Sung:
    """A syllable on a note."""

    syllable: str
    pitch: int
    seconds: float


def sing(voice: str, phrase: tuple[Sung, ...], technique: str = "straight") -> NDArray[np.float32]:
    """Samples at 16 kHz, peak 0.5, of a phrase sung by a voice."""
    parts = [_note(voice, note, phrase[n - 1].pitch if n else note.pitch, technique)
             for n, note in enumerate(phrase)]  # fmt: skip
    joined = np.concatenate(parts)
    return np.asarray(joined * (0.5 / np.abs(joined).max()), np.float32)


def hertz(pitch: int) -> float:
    """Frequency of a MIDI pitch."""
    return float(440.0 * 2 ** ((pitch - 69) / 12))


def _note(voice: str, note: Sung, before: int, technique: str) -> NDArray[np.float64]:
    spoken = espeak(Speech(voice, note.syllable, 120, 50, 100)).astype(np.float64)
    f0, times = pyworld.harvest(spoken, RATE, frame_period=1000 * _FRAME_S)
    envelope = pyworld.cheaptrick(spoken, f0, times, RATE)
    noise = pyworld.d4c(spoken, f0, times, RATE)
    frames = round(note.seconds / _FRAME_S)
    sounding = frames if technique != "staccato" else max(10, round(0.45 * frames))
    at = np.clip(np.linspace(0, len(f0) - 1, sounding).round().astype(int), 0, len(f0) - 1)
    voiced = f0[at] > 0
    contour = _contour(technique, sounding, hertz(before), hertz(note.pitch))
    made = pyworld.synthesize(
        np.where(voiced, contour, 0.0), np.ascontiguousarray(envelope[at]),
        np.ascontiguousarray(noise[at]), RATE, 1000 * _FRAME_S,
    )  # fmt: skip
    wanted = round(note.seconds * RATE)
    made = np.pad(made[:wanted], (0, max(0, wanted - len(made))))
    ramp = np.linspace(0, 1, 160)
    made[:160] *= ramp
    made[-160:] *= ramp[::-1]
    return np.asarray(made, np.float64)


def _contour(technique: str, frames: int, before: float, pitch: float) -> NDArray[np.float64]:
    steady = np.full(frames, pitch)
    time = np.arange(frames) * _FRAME_S
    if technique == "vibrato":
        return np.asarray(steady * 2 ** (0.6 / 12 * np.sin(2 * np.pi * 5.8 * time)), np.float64)
    if technique == "glissando":
        slide = np.linspace(0, 1, max(1, round(0.6 * frames)))
        curve = before ** (1 - slide) * pitch**slide
        return np.concatenate([curve, steady])[:frames]
    return steady


def to_rate(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Sung samples at another rate."""
    return resampled(samples, RATE, rate)
