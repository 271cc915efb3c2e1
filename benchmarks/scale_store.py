"""A store of the release's size, made of a small one whose shards are named many times.

The small store has about 60,900 rows of all tasks of the demo corpus in two shards, with a
tokenizer that costs nothing; every second record brings a text more than its task has, and so
keeps its own words. A large one is the same units under as many names of shards as are asked
for: its files are those of the small one, so that no disk is needed, and the page cache holds them
all. What it has that a real one has not is repeated content; what it lacks is a cold disk, for
which `block_shuffle` copies the files of rows.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

import audioflan_tasks as af
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.records import Instance
from audioflan_tasks.store import Store
from audioflan_tasks.store.builder.store_file import write_store_file
from audioflan_tasks.store.groups import ShardGroups, group_table
from audioflan_tasks.store.schema import GroupTable
from audioflan_tasks.tokens import registry

__all__ = ["Levels", "base_store", "open_levels", "replicated"]

ROWS, WORDINGS, PER_TASK = 60_900, 3000, 20
# Two shards.
PART_BYTES = 20 * 2**20


class Levels:
    """Eight codebooks at 50 Hz, as the default tokenizer has, at no cost."""

    name = fingerprint = "levels"
    sample_rate, frame_rate = 16_000, 50.0
    codebook_sizes = (1024,) * 8

    def encode(self, waveform: NDArray[np.float32]) -> NDArray[np.uint16]:
        frames = np.pad(waveform, (0, -len(waveform) % 320)).reshape(-1, 8, 40)
        codes: NDArray[np.uint16] = np.clip(np.abs(frames).mean(2) * 4096, 0, 1023).astype("u2")
        return codes

    def decode(self, codes: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        return np.repeat(np.asarray(codes, np.float32).reshape(-1) / 4096, 40)


def open_levels() -> None:
    """Makes the tokenizer known."""
    if "levels" not in registry.tokenizer_names():
        registry.register_tokenizer("levels", Levels)


def base_store(folder: Path, *, in_runs: bool = False) -> Path:
    """The small store, built once. `in_runs`: each task's records follow one another, not in turn."""
    open_levels()
    store, tree = folder / ("store-in-runs" if in_runs else "store"), folder / "tree"
    if (store / "store.json").is_file():
        return store
    shutil.rmtree(tree, ignore_errors=True)
    for name in ("audio_files", "scp_files"):
        shutil.copytree(demo_root() / name, tree / name)
    (tree / "metadata").mkdir()
    with (tree / "metadata" / "train.jsonl").open("w", encoding="utf-8") as lines:
        records = zip(range(ROWS), _in_turn(_demo_records()), strict=False)
        for number, record in sorted(records, key=_task_of) if in_runs else records:
            lines.write(json.dumps(_record(record, number)) + "\n")
    af.build_store(tree, store, tokenizer="levels", part_bytes=PART_BYTES)
    shutil.rmtree(tree)
    return store


def _demo_records() -> list[Instance]:
    """Records of all tasks whose audio are files, the tasks in turn."""
    corpus = Corpus(demo_root())
    of_task: dict[str, list[Instance]] = defaultdict(list)
    for record in corpus.instances():
        if len(of_task[record.task]) < PER_TASK and not set(record.audio_ids) & set(corpus.recipes):
            of_task[record.task].append(record)
    return [
        records[turn % len(records)] for turn in range(PER_TASK) for records in of_task.values()
        if records
    ]  # fmt: skip


def _task_of(numbered_record: tuple[int, Instance]) -> str:
    return numbered_record[1].task


def _in_turn(records: list[Instance]) -> Iterator[Instance]:
    while True:
        yield from records


def _record(record: Instance, number: int) -> dict[str, Any]:
    uuid = f"{record.uuid}-{number}"
    if number // 80 % 2 == 0:
        return record.replace(uuid=uuid, split="train").record()
    # A wording that no pool has, and a text more than the task has.
    instruction = f"{record.instruction} (wording {number * 7 % WORDINGS})"
    source, output = record.input, record.output
    if "<|SOA|>" in output:
        output = f"{output}\nThis is recording {number % WORDINGS}."
    else:
        source = f"{source}\ntext: It is number {number}."
    return record.replace(
        instruction=instruction, input=source, output=output, uuid=uuid, split="train"
    ).record()


def replicated(store: Path, folder: Path, shards: int) -> Path:
    """The small store with `shards` shards: links to its folders, and a `store.json` of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("manifest", "clips", "codes", "refs", "texts"):
        if not (folder / name).exists():
            (folder / name).symlink_to((store / name).absolute())
    facts = Store(store).facts
    count = len(facts.shards)
    numbers = [number % count for number in range(shards)]
    (codes,), (texts,) = facts.codes.values(), facts.texts.values()
    (file,) = facts.files
    large = msgspec.structs.replace(
        facts,
        shards=tuple(facts.shards[n] for n in numbers),
        groups=_repeated(facts.groups, numbers),
        files=tuple(
            msgspec.structs.replace(file, file=f"metadata/speech/understanding/{n:06d}.jsonl")
            for n in range(shards)
        ),
        codes={codes.tokenizer: msgspec.structs.replace(
            codes, groups=None, ref_units=tuple(codes.ref_units[n] for n in numbers)
        )},
        texts={facts.default.text: msgspec.structs.replace(
            texts, text_units=tuple(texts.text_units[n] for n in numbers)
        )},
    )  # fmt: skip
    write_store_file(folder, large)
    return folder


def _repeated(table: GroupTable, numbers: list[int]) -> GroupTable:
    groups = ShardGroups(table)
    return group_table(groups.of_shard(number) for number in numbers)
