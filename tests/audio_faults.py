"""Audio files with faults, seeded: every container that libsndfile writes, mutated."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import soundfile

__all__ = ["RATE", "SECONDS", "faulty_files", "mutated", "whole_files"]

RATE, SECONDS = 8000, 0.5
# A file without a header cannot be told from others, and DWVW is read by no libsndfile to its end.
_UNREADABLE = ("RAW", "SD2")
_HEADER = 128

Mutation = Callable[[random.Random, bytes], bytes]


@cache
def whole_files() -> dict[str, bytes]:
    """A short recording in every container and coding, by a name with the usual suffix."""
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, int(RATE * SECONDS))
    files = {}
    for container in soundfile.available_formats():
        for coding in soundfile.available_subtypes(container):
            data = _written(samples, container, coding)
            if data and container not in _UNREADABLE and not coding.startswith("DWVW"):
                files[f"{container}_{coding}.{container.lower()}"] = data
    return files


def faulty_files(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of files of which each has one fault; containers and faults take turns."""
    draw = random.Random(seed)
    files = list(whole_files().items())
    for number in range(count):
        name, data = files[number % len(files)]
        yield f"{number}_{name}", mutated(draw, data, number + number // len(files))


def mutated(draw: random.Random, data: bytes, number: int) -> bytes:
    """The bytes of a file with one fault; kinds of faults take turns by number."""
    return _MUTATIONS[number % len(_MUTATIONS)](draw, data)


def _written(samples: np.ndarray, container: str, coding: str) -> bytes:
    buffer = io.BytesIO()
    try:
        soundfile.write(buffer, samples, RATE, format=container, subtype=coding)
    except (soundfile.LibsndfileError, ValueError):
        # Not every pair goes together, and some rates are fixed.
        return b""
    return buffer.getvalue()


def _cut(draw: random.Random, data: bytes) -> bytes:
    return data[: draw.randrange(len(data))]


def _cut_half(draw: random.Random, data: bytes) -> bytes:
    return data[: len(data) // 2]


def _cut_front(draw: random.Random, data: bytes) -> bytes:
    return data[draw.randrange(1, len(data)) :]


def _flip_bits(draw: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.randrange(1, 20)):
        changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _change_header(draw: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.randrange(1, 5)):
        changed[draw.randrange(min(_HEADER, len(data)))] = draw.choice([0, 1, 0x7F, 0x80, 0xFF])
    return bytes(changed)


def _change_number(draw: random.Random, data: bytes) -> bytes:
    place = draw.randrange(0, min(_HEADER, len(data) - 4), 2)
    number = draw.choice([bytes(4), b"\xff" * 4, b"\x7f" + b"\xff" * 3, b"\x01\0\0\0", b"\0\0\0\1"])
    return data[:place] + number + data[place + 4 :]


def _zeros(draw: random.Random, data: bytes) -> bytes:
    place = draw.randrange(len(data))
    return data[:place] + bytes(len(data) - place)


def _noise(draw: random.Random, data: bytes) -> bytes:
    place = draw.randrange(len(data))
    return data[:place] + draw.randbytes(len(data) - place)


def _insert(draw: random.Random, data: bytes) -> bytes:
    place = draw.randrange(len(data))
    return data[:place] + draw.randbytes(draw.randrange(1, 64)) + data[place:]


def _append(draw: random.Random, data: bytes) -> bytes:
    return data + draw.choice([b"\0", draw.randbytes(100), data, b"TAG" + bytes(125)])


def _other(draw: random.Random, data: bytes) -> bytes:
    start = draw.choice(sorted(whole_files().values()))[:44]
    return start + data[44:]


def _nothing(draw: random.Random, data: bytes) -> bytes:
    return draw.choice([b"", b"\0", b"RIFF", data[:8], data[:44], b"<html>not found</html>"])


_MUTATIONS: tuple[Mutation, ...] = (
    _cut, _cut_half, _cut_front, _flip_bits, _change_header, _change_number, _zeros, _noise,
    _insert, _append, _other, _nothing,
)  # fmt: skip
