"""Rows that keep their own words beside rows that are asked by the pool, in one run.

    python benchmarks/own_words.py [--rows 50000] [--seconds 4] [--rounds 3]

A store of as many rows in two splits, over tasks and clips of the demo corpus with a tokenizer
that costs nothing: in one every record fits its task's pool, in the other every second of a task
says in its instruction what the pool does not, and keeps its own words, with some thousand
wordings. Streams are made with the default settings. "read one by one" is how such rows were made
before a store had the ids of their words: each record is read, rendered and encoded. All ways take
turns, in one process, and the median of the rounds is shown.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

import audioflan_tasks as af
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import render
from audioflan_tasks.demo import demo_root
from audioflan_tasks.engine.assembly.prompt_tables import RECORD_PROMPT
from audioflan_tasks.engine.assembly.row_prompts import RowPrompts
from audioflan_tasks.engine.batching.batches import Batches, batches
from audioflan_tasks.mixtures import mixture
from audioflan_tasks.records import Instance
from audioflan_tasks.tokens import registry

TASKS = (
    "automatic_speech_recognition", "gender_recognition", "emotion_recognition", "audio_caption",
    "key_detection", "music_tagging", "speaker_verification", "text_to_speech",
    "zero_shot_text_to_speech", "text_guided_audio_generation",
)  # fmt: skip
WORDINGS = 3000
FORMS = ("padded", "packed")
LENGTHS = {"inputs": 1024, "targets": 1024}
ALL_POOL, HALF_KEPT = "train", "validation"
WAYS = {
    "all rows of the pool": (ALL_POOL, False),
    "half keep their own words": (HALF_KEPT, False),
    "half keep them, read one by one": (HALF_KEPT, True),
}


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


def main() -> None:
    """Builds the store, measures, prints one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000, help="of each split")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    registry.register_tokenizer("levels", Levels)
    with tempfile.TemporaryDirectory() as folder:
        corpus = Corpus(_built(Path(folder), arguments.rows))
        for split in (ALL_POOL, HALF_KEPT):
            share = np.mean([_keeps_words(corpus, split, row) for row in range(1000)])
            print(f"{split}: {share:.0%} of its first 1,000 rows keep their words")
        print(f"{'examples per CPU second, ratio':<34}" + "".join(f"{form:>16}" for form in FORMS))
        rates = {form: _rates(corpus, form, arguments) for form in FORMS}
        for way in WAYS:
            print(f"{way:<34}" + "".join(_cell(rates[form], way) for form in FORMS))


def _cell(rates: dict[str, float], way: str) -> str:
    """The rate of a way, and its ratio to the first."""
    return f"{rates[way]:>9,.0f} {rates[way] / next(iter(rates.values())):>6.2f}"


def _keeps_words(corpus: Corpus, split: str, row: int) -> bool:
    record = corpus.instance(TASKS[row % len(TASKS)], split, row // len(TASKS))
    return render(record, options=af.ExampleOptions()).template == "keep"


def _built(folder: Path, count: int) -> Path:
    """A store of `count` records in either split."""
    tree, demo = folder / "tree", demo_root()
    for name in ("audio_files", "scp_files"):
        shutil.copytree(demo / name, tree / name)
    records = _demo_records()
    metadata = tree / "metadata"
    metadata.mkdir()
    for split in (ALL_POOL, HALF_KEPT):
        with (metadata / f"{split}.jsonl").open("w", encoding="utf-8") as lines:
            for number in range(count):
                # The tasks come in turn: every second row of each.
                keeps_words = split == HALF_KEPT and number // len(TASKS) % 2 == 1
                record = _record(records[number % len(records)], number, split, keeps_words)
                lines.write(json.dumps(record) + "\n")
    began = time.process_time()
    af.build_store(tree, folder / "store", tokenizer="levels")
    size = sum(file.stat().st_size for file in (folder / "store").rglob("*") if file.is_file())
    texts = sum(file.stat().st_size for file in (folder / "store").glob("texts/**/*.texts"))
    print(
        f"{2 * count:,} rows: built in {time.process_time() - began:.1f} CPU seconds, "
        f"{size / 1e6:.1f} MB, of which texts {texts / 1e6:.1f} MB"
    )
    return folder / "store"


def _demo_records() -> list[Instance]:
    """Records of the tasks whose audio are files, the tasks in turn."""
    corpus = Corpus(demo_root())
    by_task = [
        [record for record in corpus.instances(task, "train")
         if not set(record.audio_ids) & set(corpus.recipes)][:20]
        for task in TASKS
    ]  # fmt: skip
    return [record for records in zip(*by_task, strict=True) for record in records]


def _record(record: Instance, number: int, split: str, keeps_words: bool) -> dict[str, Any]:
    # A number that the pool's questions do not ask about.
    wording = f" (wording {number * 7 % WORDINGS})" if keeps_words else ""
    return record.replace(
        instruction=f"{record.instruction}{wording}", uuid=f"{record.uuid}-{number}", split=split
    ).record()


def _rates(corpus: Corpus, form: str, arguments: argparse.Namespace) -> dict[str, float]:
    """Examples per CPU second of each way, the ways in turn."""
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    streams = {way: _stream(corpus, form, split) for way, (split, _) in WAYS.items()}
    for _ in range(arguments.rounds):
        for way, (_, reads_records) in WAYS.items():
            with _reading_records(reads_records):
                rates[way].append(_rate(streams[way], form, arguments.seconds))
    return {way: statistics.median(values) for way, values in rates.items()}


def _stream(corpus: Corpus, form: Any, split: str) -> Batches:
    options = af.ExampleOptions(tokenizer="levels")
    return batches(
        mixture(*TASKS), corpus=corpus, split=split, batch_size=64, form=form, lengths=LENGTHS,
        seed=1, options=options,
    )  # fmt: skip


def _reading_records(is_on: bool) -> AbstractContextManager[Any]:
    """Rows that keep their words are made of their records while it is on."""
    if not is_on:
        return nullcontext()
    return patch.object(RowPrompts, "_own_prompt", lambda *_: RECORD_PROMPT)


def _rate(stream: Batches, form: str, seconds: float) -> float:
    """Examples per CPU second, after as long without a count."""
    for until in (time.process_time() + seconds / 2, time.process_time() + 1.5 * seconds):
        began, count = time.process_time(), 0
        while time.process_time() < until:
            batch = next(stream)
            packed = form == "packed"
            count += int(batch["segment_ids"].max(1).sum()) if packed else len(batch["inputs"])
    return count / (time.process_time() - began)


if __name__ == "__main__":
    main()
