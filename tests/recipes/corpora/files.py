"""Files of small trees: a second of real speech in any format, and lines of text."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import soundfile

from audioflan_tasks.audio.load import load

__all__ = ["clip", "lines"]

_SPEECH = Path(__file__).parents[2] / "data" / "librivox_0870.flac"


def clip(root: Path, path: str, number: int = 0) -> None:
    """A second of real speech, another one for each number; MP3 files hold FLAC."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(_second(number % 6, "WAV" if path.endswith(".wav") else "FLAC"))


@cache
def _second(number: int, file_format: str) -> bytes:
    data = io.BytesIO()
    samples = load(_SPEECH, 16_000, number, number + 1)
    soundfile.write(data, samples, 16_000, subtype="PCM_16", format=file_format)
    return data.getvalue()


def lines(root: Path, path: str, *texts: str, encoding: str = "utf-8") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes("\n".join(texts).encode(encoding))
