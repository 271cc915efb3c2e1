"""Times the leakage audit on synthetic records: python benchmarks/audit.py [--train N --eval N].

Records are written to a temporary folder and read back as any corpus is. Audio is not
decoded here: landmarks are drawn at random, as many a clip as 5 s of speech have, since
decoding and fingerprinting is done once per clip and kept (the script prints its speed on
the demo corpus). One record in 1,000 of the evaluation side is given a leak of each kind, and
the script fails where the audit does not find exactly these.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from audioflan_tasks.audio.load import load
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.evaluation.leakage.clips import Clip
from audioflan_tasks.evaluation.leakage.features import features
from audioflan_tasks.evaluation.leakage.fingerprint import RATE, Landmarks, landmarks
from audioflan_tasks.evaluation.leakage.joins import hash_of
from audioflan_tasks.evaluation.leakage.report import join_sides
from audioflan_tasks.evaluation.leakage.sides import side_of

PLANTED = 1_000
PER_CLIP = 4  # records that ask about one clip
LANDMARKS = 100
MAJOR = {"Automatic Speech Recognition": "Speech Recognition", "Speech Caption": "Speech Caption"}
WORDS = [f"w{n}" for n in range(20_000)]


def write(path: Path, count: int, task: str, side: str, leaks: bool) -> int:
    """Writes records; returns how many were given a leak of each kind."""
    draw = np.random.default_rng(0 if side == "train" else 1)
    planted = 0
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            text = " ".join(WORDS[i] for i in draw.integers(0, len(WORDS), 12))
            clip, person = f"{side}_clip_{number // PER_CLIP}", f"{side} {number // 200}"
            if side == "train" and number < 100_000:
                KEPT.append((text, clip, person))
            if leaks and number % PLANTED == 0:
                text, clip, person = KEPT[planted]
                planted += 1
            record = {
                "instruction": f"{side} instruction {number % 5000}",
                "input": f"<|SOA|>{clip}<|EOA|>", "output": text, "uuid": f"{side}{number}",
                "split": ["train"], "domain": "speech", "source": ["synthetic"],
                "other": {"speaker": person},
                "task_type": {
                    "major": [MAJOR[task]], "minor": [task], "U/G": ["understanding"],
                    "unseen": False,
                },
            }  # fmt: skip
            file.write(json.dumps(record) + "\n")
    return planted


KEPT: list[tuple[str, str, str]] = []


def random_clips(names: list[str]) -> dict[str, Clip]:
    """Landmarks by the name of a clip: the same name has the same."""
    found: dict[str, Clip] = {}
    for name in names:
        draw = np.random.default_rng(hash_of(name))
        marks = Landmarks(
            draw.integers(0, 1 << 24, LANDMARKS, dtype=np.uint32),
            np.sort(draw.integers(0, 156, LANDMARKS, dtype=np.int32)),
        )
        # Other samples, same recording: only the fingerprint may find it.
        found[name] = Clip(f"{draw.integers(1 << 62)}{len(found)}{id(found)}", marks)
    return found


def main() -> None:
    """Prints times and the peak of memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=int, default=1_000_000)
    parser.add_argument("--eval", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder) / "train.jsonl", Path(folder) / "eval.jsonl"
        write(paths[0], options.train, "Automatic Speech Recognition", "train", False)
        planted = write(paths[1], options.eval, "Speech Caption", "eval", True)
        start = time.perf_counter()
        sides = [
            replace(side_of(Corpus(path), training=at == 0), name=path.name)
            for at, path in enumerate(paths)
        ]
        left, right = (features(side) for side in sides)
        read = time.perf_counter()
        print(f"read {left.records:,} and {right.records:,} records: {read - start:.1f} s")
        clips = [random_clips(list(of.clips)) for of in (left, right)]
        made = time.perf_counter()
        found = join_sides(sides, left, right, clips)
        joined = time.perf_counter()
        print(f"joins, {len(clips[0]):,} and {len(clips[1]):,} clips: {joined - made:.1f} s")
        print(f"audit: {joined - made + read - start:.1f} s")
        for leak in found.leaks:
            print(f"  {leak.kind}: {leak.eval:,} evaluation records, {leak.keys:,} keys")
        for kind in ("audio id", "recording", "text", "person"):
            if found.leak(kind).eval < planted:
                raise SystemExit(f"{kind}: planted {planted}, found {found.leak(kind).eval}")
        for kind in ("audio content", "near text", "instruction", "linked task"):
            if found.leak(kind).eval:
                raise SystemExit(f"{kind}: nothing planted, found {found.leak(kind).eval}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"peak memory {peak:.1f} GiB")
    files = sorted((demo_root() / "audio_files").rglob("*.opus"))[:200]
    waves = [load(path, RATE) for path in files]
    start = time.perf_counter()
    for wave in waves:
        landmarks(wave)
    seconds = time.perf_counter() - start
    audio = sum(map(len, waves)) / RATE
    print(f"fingerprints: {len(waves) / seconds:,.0f} clips/s, {audio / seconds:,.0f} x real time")


if __name__ == "__main__":
    main()
