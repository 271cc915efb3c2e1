"""Notes to audio: a Standard MIDI File, played by FluidSynth with FluidR3 GM (MIT licence)."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from common import resampled, sha256
from fetch import require_program
from numpy.typing import NDArray

RATE = 24000
_TICKS_PER_SECOND = 960  # 480 ticks a quarter at MIDI's default of 120 quarters a minute
_FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
_FONT_SHA256 = "74594e8f4250680adf590507a306655a299935343583256f3b722c48a1bc1cb0"


@dataclass(frozen=True, slots=True)
class Note:
    """A note: times in seconds, MIDI pitch, channel (9 is drums)."""

    start: float
    end: float
    pitch: int
    channel: int = 0
    velocity: int = 90


def check_programs() -> None:
    """Other versions of the synthesizer or its sounds give other samples."""
    require_program("fluidsynth", ["fluidsynth", "--version"], "2.3.1")
    if sha256(_FONT.read_bytes()) != _FONT_SHA256:
        raise RuntimeError(f"{_FONT}: not the FluidR3 GM of fluid-soundfont-gm 3.1")


def render(
    notes: Sequence[Note], programs: Mapping[int, int], seconds: float
) -> NDArray[np.float32]:
    """Mono samples at `RATE` Hz, peak 0.5, of notes with a GM program for each channel."""
    with tempfile.TemporaryDirectory() as folder:
        midi, wave = Path(folder) / "in.mid", Path(folder) / "out.wav"
        midi.write_bytes(_midi(notes, programs))
        command = ["fluidsynth", "-ni", "-q", "-R", "0", "-C", "0", "-g", "0.5", "-r", str(RATE),
                   "-F", str(wave), str(_FONT), str(midi)]  # fmt: skip
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        samples, rate = soundfile.read(wave, dtype="float32")
    mono = resampled(samples, rate, RATE)
    wanted = round(seconds * RATE)
    cut = np.pad(mono[:wanted], (0, max(0, wanted - len(mono))))
    fade = round(0.02 * RATE)
    cut[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return np.asarray(cut * (0.5 / np.abs(cut).max()), np.float32)


def _midi(notes: Sequence[Note], programs: Mapping[int, int]) -> bytes:
    events = [(0, 0, bytes([0xC0 | c, p])) for c, p in sorted(programs.items())]
    for note in notes:
        on, off = round(note.start * _TICKS_PER_SECOND), round(note.end * _TICKS_PER_SECOND)
        events.append((on, 2, bytes([0x90 | note.channel, note.pitch, note.velocity])))
        events.append((off, 1, bytes([0x80 | note.channel, note.pitch, 0])))
    track = b""
    now = 0
    for at, _, message in sorted(events):
        track += _variable(at - now) + message
        now = at
    track += b"\x00\xff\x2f\x00"
    return (
        b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0" + b"MTrk" + len(track).to_bytes(4, "big")
        + track
    )  # fmt: skip


def _variable(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.insert(0, 0x80 | (value & 0x7F))
    return bytes(out)
