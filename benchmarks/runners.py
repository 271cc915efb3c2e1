"""One build by every runner: seconds, CPU seconds, and whether the store is the same.

    python benchmarks/runners.py [--records 6000] [--tokenizer levels] [--ways local-1 local-2 …]

The corpus is of many tiny clips: WAV files of 0.2 to 0.5 s, six clips to five records (every fifth
record has two). Its records are written in turn to as many files as `--files` says. Each build has
a process and a new store of its own; CPU seconds are of that process and all that it has waited
for. `parts` are three processes at once, each with one worker. The digest is of all files of the
store but the lock.

    python benchmarks/runners.py --stages      also what each stage took: seconds, and CPU seconds
                                               of the process that hands the units out
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soundfile

from audioflan_tasks.runners import BuildPart, RunnerName, open_runner
from audioflan_tasks.store import build_store
from audioflan_tasks.store.builder.lock import LOCK_FILE

sys.path.insert(0, str(Path(__file__).parent))
from scale_store import open_levels

WAYS = ("local-1", "local-2", "dask-2", "ray-2", "parts-3")
RATE = 16_000


def main() -> None:
    """Prints one table."""
    if sys.argv[1:2] == ["--build"]:
        build(*sys.argv[2:6])
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=6000)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--tokenizer", default="levels")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--stages", action="store_true")
    arguments = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("| runner | s | CPU s | digest |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name) / "tree"
        write_corpus(tree, arguments.records, arguments.files)
        for number, way in enumerate(arguments.ways * arguments.repeats):
            if way.startswith("ray") and find_spec("ray") is None:
                continue
            print(row(way, tree, Path(name) / f"{number}-{way}", arguments), flush=True)


def row(way: str, tree: Path, store: Path, arguments: argparse.Namespace) -> str:
    """Builds one store, and says what it took."""
    kind, _, count = way.partition("-")
    parts = [f"{n}/{count}" for n in range(1, int(count) + 1)] if kind == "parts" else [""]
    start_s, start_cpu_s = time.perf_counter(), children_cpu_s()
    builds = [
        subprocess.Popen(
            [sys.executable, __file__, "--build", str(tree), str(store),
             f"local-1/{part}" if part else way, arguments.tokenizer],
            stdout=subprocess.PIPE, text=True,
        )
        for part in parts
    ]  # fmt: skip
    output = [part.communicate()[0] for part in builds]
    seconds, cpu_s = time.perf_counter() - start_s, children_cpu_s() - start_cpu_s
    if any(part.returncode for part in builds):
        raise SystemExit(f"{way}: a build has failed")
    stages = f" {output[0].strip()} |" if arguments.stages else ""
    return f"| {way} | {seconds:.1f} | {cpu_s:.1f} | {digest(store)} |{stages}"


def build(tree: str, store: str, way: str, tokenizer: str) -> None:
    """Builds in this process, and prints seconds and CPU seconds of this process, by stage."""
    open_levels()
    way, _, part = way.partition("/")
    name, _, workers = way.partition("-")
    ends = {"imports": np.array([0.0, time.process_time()])}
    begin = time.perf_counter()

    def end(stage: str) -> None:
        ends[stage] = np.array([time.perf_counter() - begin, time.process_time()])

    def progress(stage: str, done: int, total: int, amount: float, unit: str) -> None:
        end(stage)

    runner_name: RunnerName = name  # type: ignore[assignment]
    with open_runner(runner_name, workers=int(workers)) as runner:
        build_store(
            tree, store, tokenizer=tokenizer, runner=runner, imports=("runners",),
            progress=progress, part=BuildPart.parse(part) if part else None,
        )  # fmt: skip
    end("published")
    seconds = np.diff([np.zeros(2), *ends.values()], axis=0).round(2).tolist()
    print(json.dumps(dict(zip(ends, seconds, strict=True))))


def children_cpu_s() -> float:
    """User and system seconds of all processes that were waited for."""
    times = os.times()
    return times.children_user + times.children_system


def digest(store: Path) -> str:
    """The first half of a SHA-256 of all files of a store but its lock, with their names."""
    total = hashlib.sha256()
    for path in sorted(p for p in store.rglob("*") if p.is_file() and p.name != LOCK_FILE):
        total.update(f"{path.relative_to(store)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:32]


def write_corpus(tree: Path, records: int, files: int) -> None:
    """Records of recognition and denoising, and their clips."""
    draw = random.Random(0)
    noise = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    clips = tree / "audio_files" / "speech" / "01_Tiny"
    metadata = tree / "metadata"
    clips.mkdir(parents=True)
    metadata.mkdir()
    lines = [(metadata / f"tiny-{n:04d}.jsonl").open("w", encoding="utf-8") for n in range(files)]
    count = 0

    def clip() -> str:
        nonlocal count
        begin, size = draw.randrange(RATE // 2), draw.randrange(RATE // 5, RATE // 2)
        soundfile.write(clips / f"{count:07d}.wav", noise[begin : begin + size], RATE)
        count += 1
        return f"<|SOA|>01_Tiny_{count - 1:07d}<|EOA|>"

    for number in range(records):
        words = " ".join(f"word{draw.randrange(900)}" for _ in range(6))
        is_pair = number % 5 == 4
        record = {
            "instruction": "Clean this recording." if is_pair else "Write down what is said.",
            "input": clip(), "output": clip() if is_pair else words, "uuid": f"{number:024x}",
            "split": ["train"], "domain": "speech", "source": ["audiobook"],
            "task_type": {"minor": ["Denoising" if is_pair else "Automatic Speech Recognition"]},
        }  # fmt: skip
        lines[number % files].write(json.dumps(record) + "\n")
    for file in lines:
        file.close()


# Workers import this module by its name, and know the tokenizer by that.
open_levels()

if __name__ == "__main__":
    main()
