"""The store beside named peers in one run: building it, its memory, its size, reading it.

    python benchmarks/store.py [--records 200000] [--repeats 3] [--only manifest codes …]

manifest  records a second and core, one process and two; peers: this package's own reader
          without writing, and pyarrow's C++ JSON reader (no checks, no repairs).
codes     seconds of the demo corpus encoded a second; peer: the bare tokenizer on the same
          clips, read by the same loader.
memory    peak resident memory of the build at three sizes, and its slope.
open      reopening a store, and one of 10 million instances.
rows      random rows with their codes; peer: NumPy over one memory map (slice and copy).
size      bytes on disk beside the raw codes and text ids.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json
import soundfile
import threadpoolctl

from audioflan_tasks.audio.load import load
from audioflan_tasks.demo import demo_root
from audioflan_tasks.records.tree import iter_instances, record_files
from audioflan_tasks.store import Store, build_store, open_store
from audioflan_tasks.store.layout import STORE_FILE
from audioflan_tasks.store.sums import sealed
from audioflan_tasks.tokens import get_tokenizer

sys.path.insert(0, str(Path(__file__).parent))
from reader import write_tree

PARTS = ("manifest", "codes", "memory", "open", "rows", "size")
Row = tuple[str, str, str]


def timed(run: Callable[[], Any], repeats: int = 1) -> float:
    """Least wall seconds of some runs."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def manifest(work: Path, records: int, repeats: int) -> list[Row]:
    """Records a second."""
    tree = work / "tree"
    write_tree(tree, records)
    files = record_files(tree)
    # The peer gives up at the first record that needs repair.
    plain = work / "plain"
    write_tree(plain, records, drift=False)

    def built(workers: int) -> float:
        def run() -> None:
            shutil.rmtree(work / "out", ignore_errors=True)
            build_store(tree, work / "out", tokenizer=None, text=None, workers=workers)

        return timed(run, repeats)

    def arrow() -> None:
        for file in record_files(plain):
            table = pa.json.read_json(file)
            with (
                pa.OSFile(str(work / "peer.arrow"), "wb") as sink,
                pa.ipc.new_file(sink, table.schema) as out,
            ):
                out.write_table(table)

    build_store(tree, work / "warm", tokenizer=None, text=None)
    again = timed(lambda: build_store(tree, work / "warm", tokenizer=None, text=None))
    one, two = built(1), built(2)
    read = timed(lambda: sum(1 for _ in iter_instances(tree)), repeats)
    peer = timed(arrow, repeats)
    size = sum(f.stat().st_size for f in files) / records
    return [
        (what, f"{records / seconds:,.0f} records/s", f"{one / seconds:.2f}")
        for what, seconds in (
            (f"manifest of {records:,} records of {size:.0f} bytes, 1 process", one),
            ("the same, 2 processes", two),
            ("the same, all there already", again),
            ("peer: our reader alone", read),
            ("peer: pyarrow.json to Arrow IPC, no checks, 2 threads", peer),
        )
    ]  # fmt: skip


def codes(work: Path, repeats: int) -> list[Row]:
    """Seconds of audio a second."""
    tokenizer = get_tokenizer()
    tree = work / "clips"
    shutil.copytree(demo_root() / "audio_files", tree / "audio_files")
    rows = []
    for file in sorted((tree / "audio_files").rglob("*")):
        if file.suffix in (".flac", ".opus", ".ogg"):
            rows.append(
                {"instruction": "Describe it.", "input": "<|SOA|><AUDIO><|EOA|>", "output": "x",
                 "uuid": file.name, "split": "train", "audio_path": [str(file.relative_to(tree))],
                 "task_type": {"minor": "Audio Caption"}}
            )  # fmt: skip
    (tree / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    files = [tree / row["audio_path"][0] for row in rows]  # type: ignore[index]

    def bare() -> None:
        for file in files:
            tokenizer.encode(load(file, tokenizer.sample_rate))

    def built() -> None:
        shutil.rmtree(work / "out", ignore_errors=True)
        build_store(tree, work / "out", text=None)

    with threadpoolctl.threadpool_limits(1):
        bare_s, built_s = float("inf"), float("inf")
        for _ in range(repeats):
            bare_s, built_s = min(bare_s, timed(bare)), min(built_s, timed(built))
    seconds = sum(soundfile.info(f).duration for f in files)
    return [
        (what, f"{seconds / took:,.0f} x real time", f"{bare_s / took:.3f}")
        for what, took in (
            (f"codes of {len(files)} clips, {seconds / 60:.0f} min, 1 process", built_s),
            ("peer: reading and encoding alone", bare_s),
        )
    ]  # fmt: skip


def memory(work: Path, records: int) -> list[Row]:
    """Peak resident memory by number of records, each in a process of its own."""
    rows: list[Row] = []
    points = []
    for count in (records // 10, records // 2, records):
        tree = work / f"memory-{count}"
        write_tree(tree, count)
        command = [sys.executable, __file__, "--measure", str(tree), str(work / f"out-{count}")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        parent, worker = map(int, done.stdout.split())
        points.append((count, parent))
        rows.append(
            (f"memory at {count:,} records, 2 processes",
             f"{parent / 1024:,.0f} MB and {worker / 1024:,.0f} MB a worker", "")
        )  # fmt: skip
        shutil.rmtree(tree)
        shutil.rmtree(work / f"out-{count}")
    slope = (points[-1][1] - points[0][1]) * 1024 / (points[-1][0] - points[0][0])
    whole = points[-1][1] / 1024 + slope * (108.5e6 - points[-1][0]) / 2**20
    rows.append(("slope of the parent", f"{slope:.2f} bytes a record", ""))
    rows.append(("parent at 108.5 M records, extrapolated", f"{whole:,.0f} MB", ""))
    return rows


def measure(tree: str, out: str) -> None:
    """Builds in this process and prints peak memory of it and of its largest worker, in kB."""
    build_store(tree, out, tokenizer=None, text="sentencepiece", workers=2)
    # The peak that getrusage tells of a process begins with that of the one which started it.
    status = Path("/proc/self/status").read_text().split()
    own = status[status.index("VmHWM:") + 1]
    print(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def opening(work: Path, store: Path) -> list[Row]:
    """Opening, to the first row, in a process that has imported the package."""
    build = timed(lambda: open_store(store).pairs(), 20)
    large = work / "large"
    shutil.copytree(store, large)
    facts = json.loads((large / STORE_FILE).read_text())
    rows = sum(count for shard in facts["shards"] for _, _, count in shard["groups"])
    # As a store of the release would be: a shard for about 55,000 records, each of one task.
    shards = max(1, 10_000_000 // 55_000)
    names = sorted({(task, split) for s in facts["shards"] for task, split, _ in s["groups"]})
    one = facts["shards"][0]
    facts["shards"] = [
        {**one, "groups": [[*names[n % len(names)], 10_000_000 // shards]]} for n in range(shards)
    ]
    for found in facts["codes"].values():
        found["groups"] = [shard["groups"] for shard in facts["shards"]]
        found["ref_units"] = found["ref_units"][:1] * shards
        found["code_units"] = found["code_units"][:1] * 4096
        found["clip_units"] = found["clip_units"][:1] * 256
    for found in facts["texts"].values():
        found["text_units"] = found["text_units"][:1] * shards
    del facts["check"]
    (large / STORE_FILE).write_bytes(sealed(json.dumps(facts).encode()))
    ten = timed(lambda: open_store(large).pairs(), 20)
    return [
        (f"opening a store of {rows:,} rows", f"{build * 1e3:.1f} ms", ""),
        (f"opening one of 10 M rows in {shards} shards", f"{ten * 1e3:.1f} ms", ""),
    ]  # fmt: skip


def reading(store_path: Path, repeats: int) -> list[Row]:
    """Random rows a second."""
    store = open_store(store_path)
    assert isinstance(store, Store)
    keys = [(t, s, r) for t, s in store.pairs() for r in range(store.size(t, s))]
    keys = [key for key in keys if len(store.codes(*key)) == 1]
    draw = random.Random(0)
    chosen = [draw.choice(keys) for _ in range(50_000)]
    lengths = [len(store.codes(*key)[0]) for key in chosen]
    largest = max(store_path.glob("codes/*/*/*[0-9a-f].npy"), key=lambda p: p.stat().st_size)
    flat = np.load(largest, mmap_mode="r")
    starts = [draw.randrange(len(flat) - n) for n in lengths]
    sink = np.empty((max(lengths), flat.shape[1]), np.uint16)

    def bare() -> None:
        for start, n in zip(starts, lengths, strict=True):
            sink[:n] = flat[start : start + n]

    def ours() -> None:
        for key, n in zip(chosen, lengths, strict=True):
            sink[:n] = store.codes(*key)[0]

    def records() -> None:
        for key in chosen[:10_000]:
            store.instance(*key)

    bare_s, ours_s = float("inf"), float("inf")
    for _ in range(max(3, repeats)):
        bare_s, ours_s = min(bare_s, timed(bare)), min(ours_s, timed(ours))
    n = len(chosen)
    return [
        ("random row with its codes", f"{n / ours_s:,.0f} rows/s", f"{bare_s / ours_s:.2f}"),
        ("peer: numpy.memmap, slice and copy", f"{n / bare_s:,.0f} rows/s", "1.00"),
        ("random row's record (Instance)", f"{10_000 / timed(records):,.0f} rows/s", ""),
    ]


def sizes(name: str, path: Path) -> list[Row]:
    """Bytes by kind, beside raw codes and ids."""
    store = Store(path)
    found = {}
    for kind in ("manifest", "clips", "codes", "refs", "texts"):
        found[kind] = sum(f.stat().st_size for f in (path / kind).rglob("*") if f.is_file())
    rest = (path / STORE_FILE).stat().st_size
    (codes_set,) = store.facts.codes.values()
    (texts_set,) = store.facts.texts.values()
    raw = codes_set.frames * len(codes_set.codebook_sizes) * 2 + texts_set.ids * 2
    whole = sum(found.values()) + rest
    without = found["codes"] + found["refs"] + found["texts"]
    source = sum(file.size for file in store.facts.files)
    return [
        (f"{name}: {what}", f"{size / 1e6:,.2f} MB", f"{size / of:.3f}")
        for what, size, of in (
            ("raw codes and text ids", raw, raw),
            ("codes, references and ids", without, raw),
            ("whole store, records and clip table too", whole, raw),
            ("records, beside their JSON lines", found["manifest"], source),
        )
    ]  # fmt: skip


def long_clips(work: Path) -> Path:
    """A store of clips of ten seconds, as corpora have them: demo clips, one after the other."""
    tree = work / "long"
    (tree / "audio").mkdir(parents=True)
    draw = random.Random(0)
    files = sorted((demo_root() / "audio_files" / "speech").rglob("*.flac"))
    lines = []
    for number in range(400):
        wave = np.zeros(0, np.float32)
        while len(wave) < 160_000:
            wave = np.concatenate([wave, load(draw.choice(files), 16_000)])
        soundfile.write(tree / "audio" / f"{number}.wav", wave[:160_000], 16_000)
        lines.append(
            {"instruction": "Write down what is said.", "input": "<|SOA|><AUDIO><|EOA|>",
             "output": " ".join(f"word{draw.randrange(900)}" for _ in range(24)),
             "uuid": f"{draw.getrandbits(96):024x}", "split": "train",
             "audio_path": [f"audio/{number}.wav"], "source": ["audiobook"],
             "task_type": {"minor": "Automatic Speech Recognition"}}
        )  # fmt: skip
    (tree / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    build_store(tree, work / "long-store", workers=os.cpu_count() or 1)
    return work / "long-store"


def main() -> None:
    """Prints one table."""
    if sys.argv[1:2] == ["--measure"]:
        measure(*sys.argv[2:4])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--memory-records", type=int, default=400_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    args = parser.parse_args()
    wanted = args.only
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        demo = work / "demo"
        if {"open", "rows", "size"} & set(wanted):
            build_store(demo_root(), demo, workers=os.cpu_count() or 1)
        made = {
            "manifest": lambda: manifest(work, args.records, args.repeats),
            "codes": lambda: codes(work, args.repeats),
            "memory": lambda: memory(work, args.memory_records),
            "open": lambda: opening(work, demo),
            "rows": lambda: reading(demo, args.repeats),
            "size": lambda: sizes("demo corpus", demo) + sizes("clips of 10 s", long_clips(work)),
        }
        for part in wanted:
            rows += made[part]()
            print(f"{part} done", file=sys.stderr)
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| what | figure | ratio |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
