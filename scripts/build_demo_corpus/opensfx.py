"""Reads the sounds of OpenSFX out of its one container file.

Each sound is a RIFF WAVE, preceded by a length byte and a description with title, author
and licence, and followed by a length byte and its file name.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from common import Source, resampled, sha256
from fetch import Package, debian
from numpy.typing import NDArray

PACKAGE = Package(
    "openttd-opensfx", "1.0.3-2", "2898b4677a3caccc4abc08fb4cf83319047b5a04729291deb5c77a8cd713c006"
)
_HOME = "usr/share/games/openttd/baseset/opensfx"
_NAME = re.compile(rb"src/wav/(osfx_\d\d)\.wav")


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound: its file name, description, samples at `RATE` Hz and source."""

    name: str
    description: str
    samples: NDArray[np.float32]
    source: Source


RATE = 24000


def read(raw: Path) -> dict[str, Sound]:
    """All sounds that are not empty, by file name (`osfx_35`)."""
    home = debian(PACKAGE, raw) / _HOME
    data = (home / "opensfx.cat").read_bytes()
    starts = [m.start() for m in re.finditer(b"RIFF....WAVE", data, re.DOTALL)]
    found = {}
    for start in starts:
        stop = start + 8 + int.from_bytes(data[start + 4 : start + 8], "little")
        match = _NAME.search(data[stop : stop + 40])
        if match is None:
            continue
        name = match[1].decode()
        samples, rate = soundfile.read(io.BytesIO(data[start:stop]), dtype="float32")
        if not len(samples):
            continue
        description = _description(data[max(0, start - 300) : start])
        source = Source(
            PACKAGE.name, PACKAGE.version, f"{_HOME}/opensfx.cat#{name}",
            sha256(data[start:stop]), description, "see title",
        )  # fmt: skip
        found[name] = Sound(name, description, resampled(samples, rate, RATE), source)
    return found


def licence_text(raw: Path) -> str:
    """CC BY-SA 3.0 as the package states it for the collection."""
    return (debian(PACKAGE, raw) / _HOME / "license.txt").read_text(encoding="utf-8")


def _description(before: bytes) -> str:
    text = before.rstrip(b"\0").decode("utf-8", "replace")
    return text[text.index('"') :].split(".wav\0")[-1].lstrip("\0") if '"' in text else ""
