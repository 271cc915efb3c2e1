"""What a cold disk gives: all rows of a task permuted, and blocks of neighbours.

    python benchmarks/block_shuffle.py FOLDER [--shards 1000] [--examples 10000] [--count]

The store of `scale_store`, each task's records in one run as the release's files have them, with
the files of its rows (texts and places of codes, 4 MB a shard) copied for each shard, so that
they lie on the disk as often as they are named; records and codes are shared, so codes cost
nothing here. Before each line the copies are taken out of the page cache, and the process is new.

With --count nothing is read, so that any number of shards can be named:

shards    distinct shards from which the examples come.
pages     distinct pages of 4 KiB that hold their 44 bytes each in `.texts`.

Else, from the disk:

MB read   what the disk gave; the system reads ahead, so more than the pages of rows.
waits     how often the process waited: for the disk, a lock or a pipe.
again s   seconds of the same examples once more, with all pages in memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

import audioflan_tasks as af
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.batching.batches import Batches, batches
from audioflan_tasks.mixtures import BlockShuffle, mixture
from audioflan_tasks.mixtures.plan.row_order import Shuffle
from audioflan_tasks.store import Store
from audioflan_tasks.store.builder.store_file import write_store_file
from audioflan_tasks.tokens.text import text_side

sys.path.insert(0, str(Path(__file__).parent))
from scale_store import base_store, open_levels, replicated

LENGTHS = {"inputs": 1024, "targets": 1024}
SHUFFLES: dict[str, Shuffle] = {
    "all rows": True,
    "BlockShuffle()": BlockShuffle(),
    "BlockShuffle(1024, 2)": BlockShuffle(1024, 2),
}
PAGE, ROW_BYTES = 4096, 44
COLUMNS = ("shuffle", "MB read", "waits", "CPU s", "s", "again s")


def main() -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shards", type=int, default=1000)
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--count", action="store_true", help="count places only, read nothing")
    parser.add_argument("--measure", choices=SHUFFLES)
    arguments = parser.parse_args()
    store = arguments.folder / f"copied-{arguments.shards}"
    if arguments.measure:
        print(json.dumps(measured(store, arguments.measure, arguments.examples)))
        return
    if arguments.count:
        count_places(arguments.folder, arguments.shards, arguments.examples)
        return
    if not (store / "store.json").is_file():
        copied(base_store(arguments.folder, in_runs=True), store, arguments.shards)
    print(f"load {os.getloadavg()[0]:.1f}\n| " + " | ".join(COLUMNS) + " |")
    print("|---" * len(COLUMNS) + "|")
    for name in SHUFFLES:
        forget_pages(store)
        command = [sys.executable, __file__, *sys.argv[1:], "--measure", name]
        finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        facts = json.loads(finished.stdout.splitlines()[-1])
        print("| " + " | ".join(str(facts[column]) for column in COLUMNS) + " |", flush=True)


def count_places(folder: Path, shards: int, examples: int) -> None:
    """Prints where rows of a store lie whose files are not copied."""
    base = base_store(folder, in_runs=True)
    store = replicated(base, folder / f"in-runs-{shards}", shards)
    print("| shuffle | shards | pages of rows |\n|---|---|---|")
    for name, shuffle in SHUFFLES.items():
        shard_count, page_count = places(opened(store, shuffle), examples)
        print(f"| {name} | {shard_count:,} | {page_count:,} |")


def copied(base: Path, folder: Path, shards: int) -> None:
    """The store of `replicated`, its texts and places of codes copied for each shard."""
    replicated(base, folder, shards)
    facts = Store(folder).facts
    (codes,), (texts,) = facts.codes.values(), facts.texts.values()
    for name in ("refs", "texts"):
        (folder / name).unlink()
    write_store_file(folder, msgspec.structs.replace(
        facts,
        codes={codes.tokenizer: msgspec.structs.replace(
            codes, ref_units=copied_units(base, folder, codes.refs, codes.ref_units, "refs"),
        )},
        texts={facts.default.text: msgspec.structs.replace(
            texts, text_units=copied_units(base, folder, texts.texts, texts.text_units, "texts"),
        )},
    ))  # fmt: skip
    os.sync()


def copied_units(
    base: Path, folder: Path, place: str, units: tuple[str, ...], suffix: str
) -> tuple[str, ...]:
    """Names of the copies of units, one for each."""
    (folder / place).mkdir(parents=True)
    names = tuple(f"{number:06d}-{unit}" for number, unit in enumerate(units))
    for unit, name in zip(units, names, strict=True):
        for ending in (suffix, "sums"):
            shutil.copyfile(base / place / f"{unit}.{ending}", folder / place / f"{name}.{ending}")
    return names


def forget_pages(store: Path) -> None:
    """Takes the copied files out of the page cache."""
    for file in (*store.glob("refs/**/*.refs"), *store.glob("texts/**/*.texts")):
        handle = os.open(file, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def measured(store: Path, name: str, examples: int) -> dict[str, Any]:
    """The figures of one way to shuffle, and the seconds of the same examples once more."""
    open_levels()
    text_side("sentencepiece")
    stream = opened(store, SHUFFLES[name])
    begin, cpu, disk, before = time.perf_counter(), time.process_time(), bytes_read(), waits()
    take(stream, examples)
    facts = {
        "shuffle": name, "MB read": f"{(bytes_read() - disk) / 1e6:,.0f}",
        "waits": f"{waits() - before:,}", "CPU s": f"{time.process_time() - cpu:.1f}",
        "s": f"{time.perf_counter() - begin:.1f}",
    }  # fmt: skip
    again = opened(store, SHUFFLES[name])
    begin = time.perf_counter()
    take(again, examples)
    return {**facts, "again s": f"{time.perf_counter() - begin:.1f}"}


def opened(store: Path, shuffle: Shuffle) -> Batches:
    """Batches of all tasks."""
    return batches(
        mixture("all"), corpus=Corpus(store), batch_size=64, lengths=LENGTHS, seed=1,
        shuffle=shuffle, options=af.ExampleOptions(tokenizer="levels"),
    )  # fmt: skip


def take(stream: Batches, examples: int) -> None:
    """Takes that many examples."""
    for _ in range(-(-examples // 64)):
        next(stream)


def places(stream: Batches, examples: int) -> tuple[int, int]:
    """How many shards the first examples come from, and how many pages hold their rows."""
    store = stream.stream.rows.store
    assert isinstance(store, Store)
    draws = stream.stream.draws(np.arange(examples))
    pages: set[tuple[int, int]] = set()
    for number in np.unique(draws.task).tolist():
        rows = store.task_rows(stream.tasks[number], "train")
        row = draws.row[draws.task == number]
        run = np.searchsorted(rows.ends, row, side="right")
        page = (row + rows.offsets[run]) * ROW_BYTES // PAGE
        pages.update(zip(rows.shards[run].tolist(), page.tolist(), strict=True))
    return len({shard for shard, _ in pages}), len(pages)


def bytes_read() -> int:
    """Bytes that the disk gave to this process."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["read_bytes"])


def waits() -> int:
    """How often the process has waited, for the disk or anything else."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


if __name__ == "__main__":
    main()
