"""Reads the audio domain of the demo corpus with plain tools, for the label tests.

Nothing of the builder is used: the records are read as JSON, clips by soundfile, and recipes
are played by the public `simulate`.
"""

from __future__ import annotations

import csv
import functools
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

from audioflan_tasks.demo import demo_root
from audioflan_tasks.preprocessors.simulate import SimulatedAudio, simulate

ROOT = demo_root()
SPAN = re.compile(r"<\|SOA\|>(.+?)<\|EOA\|>")
INTERVAL = re.compile(r"^(\d+\.\d\d)-(\d+\.\d\d)(?: (.+))?$")


@functools.cache
def records() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted((ROOT / "metadata" / "audio").rglob("*.jsonl")):
        part = "test" if "test" in path.relative_to(ROOT).parts[3:4] else "train_dev"
        for line in path.read_text("utf-8").splitlines():
            record = json.loads(line)
            assert (record["split"] == ["test"]) == (part == "test")
            found[path.stem].append(record)
    return found


@functools.cache
def sources() -> dict[str, dict[str, str]]:
    """Rows of every SOURCE.tsv by audio id, with the folder."""
    found = {}
    for scp in sorted((ROOT / "scp_files" / "audio").glob("*.scp")):
        folder = ROOT / "audio_files" / "audio" / scp.stem
        with (folder / "SOURCE.tsv").open(encoding="utf-8", newline="") as handle:
            rows = {
                r["file"]: r for r in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
            }
        for line in scp.read_text("utf-8").splitlines():
            audio_id, path = line.split(" ")
            row = rows[Path(path).name]
            found[audio_id] = {**row, "folder": scp.stem, "path": path}
    return found


@functools.cache
def recipes() -> dict[str, dict[str, Any]]:
    lines = (ROOT / "simulated" / "audio.jsonl").read_text("utf-8").splitlines()
    return {r["id"]: r for r in map(json.loads, lines)}


@functools.lru_cache(maxsize=2000)
def heard(audio_id: str) -> SimulatedAudio:
    if audio_id in sources():
        samples, rate = soundfile.read(ROOT / sources()[audio_id]["path"], dtype="float32")
        return SimulatedAudio(samples, rate)
    return played(recipes()[audio_id])


def played(recipe: dict[str, Any], **params: Any) -> SimulatedAudio:
    """A recipe's sound, some parameters replaced."""
    rate = recipe["sample_rate"]
    inputs = [at_rate(i, rate) for i in recipe["inputs"]]
    return simulate(recipe["kind"], inputs, rate, {**recipe["params"], **params}, recipe["seed"])


def at_rate(audio_id: str, rate: int) -> np.ndarray:
    made = heard(audio_id)
    if made.sample_rate == rate:
        return made.audio
    wave = soxr.resample(made.audio, made.sample_rate, rate, quality="HQ")
    return np.asarray(wave, np.float32)


def roots(audio_id: str) -> set[str]:
    if audio_id in sources():
        return {audio_id}
    return {r for i in recipes()[audio_id]["inputs"] for r in roots(i)}


def spans(text: str) -> list[str]:
    return SPAN.findall(text)


def facts(audio_id: str) -> dict[str, Any]:
    noted: dict[str, Any] = json.loads(sources()[audio_id]["facts"])
    return noted


def parsed(text: str) -> list[tuple[float, float, str]]:
    rows = [INTERVAL.match(part) for part in text.split("; ")]
    assert all(rows), text
    return [(float(m[1]), float(m[2]), m[3] or "") for m in rows if m]


def decibels(x: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(x, dtype=np.float64)) + 1e-14))


def share_above(x: np.ndarray, rate: int, hertz: float) -> float:
    energy = np.abs(np.fft.rfft(x * np.hanning(len(x)))) ** 2
    above = np.fft.rfftfreq(len(x), 1 / rate) > hertz
    return float(energy[above].sum() / energy.sum())


def cases(task: str) -> list[dict[str, Any]]:
    return records()[task]


def piece(record: dict[str, Any], name: str) -> str:
    """The value of one labelled input piece, a span's id without its marks."""
    (line,) = [p for p in record["input"].split("\n") if p.startswith(f"{name}: ")]
    value = line.removeprefix(f"{name}: ")
    return spans(value)[0] if spans(value) else value
