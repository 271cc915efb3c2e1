"""Grain: MapDataset.mix over ArrayRecord files of group size 1, batched in the reading process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from data import counts_of, names, payloads, rates
from loading import Batch, Loader, batch_size, collated, encoder

ROWS = 1_000_000


def write(folder: Path, work: str, tasks: int) -> None:
    """A file a task, without compression."""
    from array_record.python.array_record_module import ArrayRecordWriter

    for name, rows in payloads(work, tasks):
        writer = ArrayRecordWriter(str(folder / f"{name}.arrayrecord"), "group_size:1,uncompressed")
        for row in rows:
            writer.write(row)
        writer.close()


def _made(number: int, make: Any, data: bytes) -> tuple[int, Any]:
    return number, make(data)


def _batched(rows: Sequence[Any]) -> Batch:
    return collated(list(rows))


def batches(folder: Path, work: str, tasks: int, workers: int) -> Iterator[Batch]:
    """Read in this process, or in as many as there are workers; threads make it slower here."""
    import grain.python as pg
    from absl import flags

    if not flags.FLAGS.is_parsed():
        flags.FLAGS(["grain"])
    make = encoder(work)
    parts = []
    for number, name in enumerate(names(tasks)):
        source = pg.ArrayRecordDataSource(str(folder / f"{name}.arrayrecord"))
        # Grain's shuffle takes 5 ms an index over three rows, microseconds over a million: each
        # source is repeated up to the size of a real task before, so that it costs what it would.
        one = pg.MapDataset.source(source).repeat(1 + ROWS // len(source)).shuffle(seed=number)
        one = one.repeat()
        parts.append(one.map(partial(_made, number, make)))
    mixed = pg.MapDataset.mix(parts, weights=rates(counts_of(tasks, work)).tolist())
    options = pg.ReadOptions(num_threads=0, prefetch_buffer_size=0)
    read = mixed.to_iter_dataset(options).batch(batch_size(work), batch_fn=_batched)
    if workers:
        read = read.mp_prefetch(pg.MultiprocessingOptions(workers, per_worker_buffer_size=4))
    yield from read


LOADER = Loader(
    batches, "ABC", ("grain.python", "array_record", "sentencepiece", "soundfile", "soxr"), write
)
