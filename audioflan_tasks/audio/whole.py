"""How much of a recording is missing by what its file itself says: of a download that broke off.

Formats without a length in their header, such as raw MP3 frames, IRCAM or PVF, cannot tell.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import soundfile

__all__ = ["missing_seconds"]

# What libsndfile notes of chunks that are larger than what is there (AIFF, AU, SVX, W64, WAV).
_CHUNK = re.compile(r"^\s*(?:data|SSND|BODY|riff|Data Size)\s*:\s*(\d+) \(should be (\d+)\)", re.M)
# Frames as a header says them: of AVR, MPC2K and SDS, of MAT5, and of RF64.
_FRAMES = re.compile(r"(?:^\s*Frames|Cols)\s*:\s*(\d+)\s*$|'ds64' chunk of (\d+)\.", re.M)
# Of MAT4 and VOC. (It says of every GSM 6.10 file that its chunk seems truncated.)
_TRUNCATION_NOTE = re.compile("File seems to be truncated|Seems to be a truncated file")
# Writers that cannot go back, as in a pipe, put the largest number there.
_STREAMED_SIZE = 0x7FFF0000
_NIST_FRAMES = re.compile(rb"^sample_count -i (\d+)", re.M)
# The largest page of Ogg, and bytes in which the header of an MP3 is.
_OGG_PAGE = 65_307
_MP3_HEAD = 4096


def missing_seconds(file: soundfile.SoundFile, path: Path) -> float:
    """Seconds that should follow the end of an open file; infinite where nobody can say how many.

    Headers are read, and of Ogg the last page.
    """
    if file.format == "OGG":
        return 0.0 if _ends_ogg(path) else math.inf
    if file.format == "MP3":
        return float(file.frames / file.samplerate) * _missing_share_of_mp3(path)
    if file.format == "FLAC":
        return 0.0
    text = file.extra_info
    frames = max(_frames_by_chunks(text, file.frames), _frames_by_header(text, file, path))
    if frames > file.frames:
        return float((frames - file.frames) / file.samplerate)
    return math.inf if _TRUNCATION_NOTE.search(text) else 0.0


def _frames_by_chunks(text: str, frames: int) -> float:
    """The frames that the largest chunk would have, were it all there."""
    sizes = [(int(size), int(actual_size)) for size, actual_size in _CHUNK.findall(text)]
    shares = [size / actual for size, actual in sizes if 0 < actual < size < _STREAMED_SIZE]
    return frames * max(shares, default=0.0)


def _frames_by_header(text: str, file: soundfile.SoundFile, path: Path) -> int:
    if file.format == "NIST":
        with path.open("rb") as handle:
            match = _NIST_FRAMES.search(handle.read(1024))
        return int(match[1]) if match else 0
    numbers = [int(first or second) for first, second in _FRAMES.findall(text)]
    return numbers[-1] if numbers else 0


def _ends_ogg(path: Path) -> bool:
    """Whether the last page is whole, and says that it is the last."""
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - 2 * _OGG_PAGE))
        tail = handle.read()
    page = tail[tail.rfind(b"OggS") :]
    if not page.startswith(b"OggS") or len(page) < 27:
        return False
    segments = page[26]
    size = 27 + segments + sum(page[27 : 27 + segments])
    return len(page) >= size and bool(page[5] & 4)


def _missing_share_of_mp3(path: Path) -> float:
    """The share of bytes that is missing by the note of the encoder (Xing); 0 without one."""
    with path.open("rb") as handle:
        start = _id3_size(handle.read(10))
        handle.seek(start)
        head = handle.read(_MP3_HEAD)
    note = max(head.find(b"Xing"), head.find(b"Info"))
    if note < 0 or len(head) < note + 16:
        return 0.0
    flags = int.from_bytes(head[note + 4 : note + 8])
    place = note + (12 if flags & 1 else 8)
    size = int.from_bytes(head[place : place + 4]) if flags & 2 else 0
    actual_size = path.stat().st_size - start
    return (size - actual_size) / size if size > actual_size else 0.0


def _id3_size(head: bytes) -> int:
    if not head.startswith(b"ID3"):
        return 0
    sizes = head[6:10]
    return 10 + sum((byte & 0x7F) << 7 * (3 - place) for place, byte in enumerate(sizes))
