"""Turns unpacked Debian packages into one training array per kind and one test file.

Reads `data.toml`; writes speech.npy, music.npy and events.npy (int16 mono at 16 kHz, clips
joined end to end), test.npz (float32 clips) and sources.json (minutes per source).
"""

from __future__ import annotations

import argparse
import fnmatch
import io
import json
import random
import tomllib
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
KINDS = ("speech", "music", "events")
# g722 and raw carry no header: both are 16 kHz mono here.
HEADERLESS = {".g722", ".raw"}


@dataclass(frozen=True, slots=True)
class Item:
    """One clip to read: a file, a zip member, or a RIFF chunk inside a container."""

    source: int
    kind: str
    path: Path
    member: str = ""
    span: tuple[int, int] = (0, 0)
    skip_s: float = 0.0
    longest_s: float = 600.0

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}:{self.member or self.span[0]}"


def riff_spans(path: Path) -> list[tuple[int, int]]:
    """Offsets and lengths of the WAV files joined in an OpenTTD sound container."""
    blob = path.read_bytes()
    spans = []
    start = blob.find(b"RIFF")
    while start >= 0:
        size = int.from_bytes(blob[start + 4 : start + 8], "little") + 8
        spans.append((start, size))
        start = blob.find(b"RIFF", start + 8)
    return spans


def items_of(index: int, entry: dict[str, Any], raw: Path) -> list[Item]:
    """The clips an entry selects, sorted, and halved where the entry says so."""
    root = raw / entry["package"]
    rules = {"skip_s": entry.get("skip_s", 0.0), "longest_s": entry.get("longest_s", 600.0)}
    found: list[Item] = []
    if "archive" in entry:
        archive = root / entry["archive"]
        with zipfile.ZipFile(archive) as bundle:
            names = sorted(bundle.namelist())
        for name in names:
            if any(fnmatch.fnmatch(name, pattern) for pattern in entry["patterns"]):
                found.append(Item(index, entry["kind"], archive, member=name, **rules))
    else:
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            name = path.relative_to(root).as_posix()
            if not any(fnmatch.fnmatch(name, pattern) for pattern in entry["patterns"]):
                continue
            spans = riff_spans(path) if path.suffix == ".cat" else [(0, 0)]
            found += [Item(index, entry["kind"], path, span=span, **rules) for span in spans]
    half = entry.get("half")
    if half:
        found = found[0 if half == "train" else 1 :: 2]
    return found


def decode(item: Item) -> tuple[NDArray[np.float32], int]:
    """Samples [frames] (channels averaged) and their rate."""
    if item.path.suffix == ".g722":
        with av.open(str(item.path), format="g722") as container:
            parts = [f.to_ndarray().reshape(-1) for f in container.decode(audio=0)]
        return np.concatenate(parts).astype(np.float32) / np.float32(32768), SAMPLE_RATE
    if item.path.suffix == ".raw":
        return np.fromfile(item.path, "<i2").astype(np.float32) / np.float32(32768), SAMPLE_RATE
    stream: Any = item.path
    if item.member:
        with zipfile.ZipFile(item.path) as bundle:
            stream = io.BytesIO(bundle.read(item.member))
    elif item.span[1]:
        with item.path.open("rb") as handle:
            handle.seek(item.span[0])
            stream = io.BytesIO(handle.read(item.span[1]))
    elif item.path.suffix == ".wv":
        with av.open(str(item.path)) as container:
            frames = list(container.decode(audio=0))
        parts = [np.atleast_2d(f.to_ndarray()).astype(np.float32).mean(0) for f in frames]
        scale = 32768.0 if frames[0].format.name.startswith("s16") else 1.0
        wave = np.asarray(np.concatenate(parts), np.float32) / np.float32(scale)
        return wave, int(frames[0].sample_rate)
    with soundfile.SoundFile(stream) as sound:
        sound.seek(min(int(item.skip_s * sound.samplerate), sound.frames))
        wave = sound.read(int(item.longest_s * sound.samplerate), "float32", always_2d=True)
        return wave.mean(1), sound.samplerate


def load(item: Item) -> NDArray[np.int16] | None:
    """The clip as int16 at 16 kHz, or None when unreadable, silent or under 0.15 s."""
    try:
        wave, rate = decode(item)
    except (OSError, soundfile.LibsndfileError, av.error.FFmpegError, ValueError, IndexError):
        return None
    if rate != SAMPLE_RATE:
        wave = soxr.resample(wave, rate, SAMPLE_RATE)
    wave = wave[: int(item.longest_s * SAMPLE_RATE)]
    if len(wave) < 2400 or np.abs(wave).max() < 1e-3:
        return None
    return np.clip(np.round(wave * 32767), -32768, 32767).astype(np.int16)


def loaded(items: list[Item], workers: int) -> Iterator[tuple[Item, NDArray[np.int16]]]:
    with ProcessPoolExecutor(workers) as pool:
        for item, wave in zip(items, pool.map(load, items, chunksize=16), strict=True):
            if wave is not None:
                yield item, wave


def write_training(entries: list[dict[str, Any]], raw: Path, out: Path, workers: int) -> None:
    """Writes one array per kind and the minutes each source gave."""
    items = [item for i, entry in enumerate(entries) for item in items_of(i, entry, raw)]
    waves: dict[str, list[NDArray[np.int16]]] = {kind: [] for kind in KINDS}
    seconds = [0.0] * len(entries)
    clips = [0] * len(entries)
    for item, wave in loaded(items, workers):
        waves[item.kind].append(wave)
        seconds[item.source] += len(wave) / SAMPLE_RATE
        clips[item.source] += 1
    for kind in KINDS:
        np.save(out / f"{kind}.npy", np.concatenate(waves[kind]))
    report = [
        {
            **{k: e[k] for k in ("package", "version", "licence", "credit", "kind")},
            "clips": n,
            "minutes": round(s / 60, 1),
        }
        for e, n, s in zip(entries, clips, seconds, strict=True)
    ]
    (out / "sources.json").write_text(json.dumps(report, indent=1) + "\n")
    for row in report:
        print(f"{row['kind']:7} {row['minutes']:7.1f} min {row['clips']:5} {row['package']}")


def write_test(entries: list[dict[str, Any]], raw: Path, out: Path, workers: int) -> None:
    """Writes test.npz: keys kind|group|name, a seeded choice of clips per entry."""
    chosen: dict[str, Any] = {}
    for index, entry in enumerate(entries):
        items = items_of(index, entry, raw)
        if entry["count"] < 8:
            random.Random(index).shuffle(items)
        else:
            random.Random(0).shuffle(items)
        # A stop before the end of the list keeps the first clips that are long enough.
        longest = entry.get("longest_s", 600.0)
        cut = entry["kind"] != "speech"
        whole = items if cut else [Item(i.source, i.kind, i.path, span=i.span) for i in items]
        taken = 0
        for item, wave in loaded(whole[:400], workers):
            length = len(wave) / SAMPLE_RATE
            if length < entry.get("shortest_s", 0.0) or (not cut and length > longest):
                continue
            key = f"{entry['kind']}|{entry['group']}|{item.name}"
            chosen[key] = wave.astype(np.float32) / np.float32(32768)
            taken += 1
            if taken == entry["count"]:
                break
        print(f"{entry['group']:14} {taken} clips")
    np.savez(out / "test.npz", **chosen)


def main() -> None:
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("raw", type=Path, help="folder with one unpacked package per name")
    parser.add_argument("out", type=Path)
    parser.add_argument("--list", type=Path, default=here / "data.toml")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", choices=("training", "test"), default=None)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    table = tomllib.loads(options.list.read_text())
    if options.only != "test":
        write_training(table["source"], options.raw, options.out, options.workers)
    if options.only != "training":
        write_test(table["test"], options.raw, options.out, options.workers)


if __name__ == "__main__":
    main()
