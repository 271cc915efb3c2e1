"""Broken TOML files of mixtures and presets, and broken lists of audio: one line, or counted."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from audioflan_tasks.errors import AudioFlanError, MixtureError
from audioflan_tasks.mixtures.spec.toml import read_toml
from audioflan_tasks.preprocessors.simulate.runs import presets
from tests.audio_faults import mutated
from tests.kinds import first_of

SPEC = b"""
weight_by = "seconds"
max_epochs = 2
[[group]]
name = "music"
weight = 2
select = ["music"]
policy = "temperature"
[[group]]
name = "rest"
weight = 1
select = ["speech"]
exclude = ["text_to_speech"]
shape = {temperature = 2.0}
tags = {a = "b"}
"""
PRESET = b"""
[noisy]
kind = "add_noise"
partners = [0, 0]
tasks = ["denoising"]
[noisy.params]
snr_db = { from = -5.0, to = 20.0, step = 1.0 }
color = { choice = ["white", "pink"] }
"""
_VALUES = (
    b"[]", b"{}", b"nan", b"-inf", b"1" * 5000, b"1e999", b"''", b"true", b"[[[]]]", b"[" * 3000,
    b"1979-05-27", b"-1", b"0", b"\"\\u0000\"", b"\"../x.toml\"", b"{a = {b = 1}}", b"[1, \"a\"]",
)  # fmt: skip


def faulty(draw: random.Random, data: bytes, number: int) -> bytes:
    """A file with one fault: of bytes, a value of another kind, or a line of it twice or gone."""
    lines = data.split(b"\n")
    place = draw.randrange(len(lines))
    if number % 3 == 0:
        return mutated(draw, data, number // 3)
    if number % 3 == 1 and b"=" in lines[place]:
        lines[place] = lines[place].split(b"=")[0] + b"= " + draw.choice(_VALUES)
    else:
        lines[place : place + 1] = draw.choice([[], [lines[place]] * 2])
    return b"\n".join(lines)


@pytest.mark.slow
@pytest.mark.parametrize("count", first_of(300, 5000))
def test_a_mixture_is_read_or_refused_in_one_line(tmp_path: Path, count: int) -> None:
    draw, path, refused = random.Random(count), tmp_path / "mix.toml", 0
    for number in range(count):
        path.write_bytes(faulty(draw, SPEC, number))
        try:
            assert read_toml(path).root.members
        except MixtureError as error:
            refused += 1
            assert str(path) in str(error) and "\n" not in str(error)
    assert count // 3 < refused < count


@pytest.mark.slow
@pytest.mark.parametrize("count", first_of(150, 3000))
def test_presets_are_read_or_refused_in_one_line(tmp_path: Path, count: int) -> None:
    draw, path, refused = random.Random(count), tmp_path / "presets.toml", 0
    for number in range(count):
        path.write_bytes(faulty(draw, PRESET, number))
        try:
            assert presets(path)
        except AudioFlanError as error:
            refused += 1
            assert str(path) in str(error) and "\n" not in str(error)
    assert refused > 0
