"""One generator of padded batches for each loader and work: (ids [rows, longest], tasks [rows])."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from data import BOOKS, CODES, TEMPLATES, names, rates, tokenizer
from numpy.typing import NDArray

__all__ = ["LOADERS"]

Batch = tuple[NDArray[Any], NDArray[np.int64]]
BATCH = 64
OFFSETS = (np.arange(BOOKS) * CODES + 256).astype(np.int32)


def padded(parts: list[NDArray[Any]]) -> NDArray[np.int32]:
    """Rows of one array, 0 behind them."""
    out = np.zeros((len(parts), max(map(len, parts))), np.int32)
    for row, part in zip(out, parts, strict=True):
        row[: len(part)] = part
    return out


# Offsets of many frames in 16 bits: codes become ids by one addition over flat arrays.
LONG = np.tile(OFFSETS.astype(np.uint16), 4096)


def ids_of(codes: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Flat codes as flat ids."""
    return np.asarray(codes + LONG[: len(codes)])


def heard(path: Path) -> NDArray[np.int32]:
    """Work C: read, resample to 24 kHz, one id for each of 75 frames a second."""
    import soundfile
    import soxr

    wave, rate = soundfile.read(path, dtype="float32")
    wave = soxr.resample(wave, rate, 24_000, quality="HQ")
    frames = wave[: len(wave) // 320 * 320].reshape(-1, 320)
    return np.clip(np.log2((frames**2).mean(1) + 1e-9) * 8 + 240, 0, 255).astype(np.int32)


class Texts:
    """Work A on the fly: a template, and SentencePiece over the question and the answer."""

    def __init__(self) -> None:
        self._model: Any = tokenizer()
        self._rng = np.random.default_rng(3)

    def __call__(self, record: dict[str, str]) -> NDArray[np.int32]:
        ask, lead = TEMPLATES[int(self._rng.integers(len(TEMPLATES)))]
        question = self._model.encode(ask + record["input"] + lead)
        return np.array(question + self._model.encode(record["output"]) + [1], np.int32)


class Flat:
    """Rows of all tasks in flat files, through the store's reading surface."""

    def __init__(self, folder: Path, work: str) -> None:
        counts = np.load(folder / "counts.npy")
        self._first = dict(zip(names(len(counts)), np.cumsum(counts) - counts, strict=True))
        if work == "B":
            self._starts = np.load(folder / "starts.npy", mmap_mode="r").view(np.ndarray)
            codes = np.memmap(folder / "codes.u16", np.uint16, "r")
            # A plain view: a memmap makes a Python object of its class for every slice.
            self._codes = codes.view(np.ndarray).reshape(-1, BOOKS)
        elif work == "A":
            lengths = np.load(folder / "lengths.npy")
            self._at = np.concatenate([[0], np.cumsum(lengths.ravel())])
            self._ids = np.memmap(folder / "ids.i32", np.int32, "r").view(np.ndarray)

    def codes(self, task: str, split: str, row: int) -> list[NDArray[np.uint16]]:
        at = self._first[task] + row
        begin, end = self._starts[at : at + 2].tolist()
        return [self._codes[begin:end]]

    def text_ids(self, task: str, split: str, row: int) -> list[NDArray[np.int32]]:
        at = 2 * (self._first[task] + row)
        a, b, c = self._at[at : at + 3].tolist()
        return [self._ids[a:b], self._ids[b:c]]


def limit(folder: Path, work: str, tasks: int) -> Iterator[Batch]:
    """Random rows straight out of memory-mapped files: no mixing, no plan."""
    rng = np.random.default_rng(1)
    if work == "C":
        files = sorted(folder.glob("*.wav"))
        while True:
            picked = rng.integers(len(files), size=16)
            yield padded([heard(files[i]) for i in picked]), picked
    starts = np.load(folder / "starts.npy")
    codes = np.memmap(folder / "codes.u16", np.uint16, "r").view(np.ndarray)
    while True:
        picked = rng.integers(len(starts) - 1, size=BATCH)
        begin, end = starts[picked] * BOOKS, starts[picked + 1] * BOOKS
        out = np.zeros((BATCH, int((end - begin).max())), np.int32)
        for row, a, b in zip(out, begin.tolist(), end.tolist(), strict=True):
            row[: b - a] = codes[a:b]
        yield out, picked


def ours(folder: Path, work: str, tasks: int) -> Iterator[Batch]:
    """The plan, and rows from flat files; texts and templates were tokenized when stored."""
    from audioflan_tasks.mixtures.plan import Plan
    from audioflan_tasks.mixtures.shares import Shares

    counts = np.load(folder / "counts.npy").tolist()
    plan = Plan(Shares.constant(names(tasks), rates(counts)), counts, 1)
    store = Flat(folder, work)
    make = {"A": _ours_text, "B": _ours_codes, "C": _ours_audio}[work](folder, store)
    step, size = 0, 16 if work == "C" else BATCH
    while True:
        found = plan.take(step, size)
        yield make([plan.tasks[t] for t in found.task.tolist()], found.row.tolist()), found.task
        step += size


def _ours_codes(folder: Path, store: Flat) -> Callable[[list[str], list[int]], Any]:
    def make(tasks: list[str], rows: list[int]) -> NDArray[np.int32]:
        codes = store.codes
        parts = [codes(t, "train", r)[0].reshape(-1) for t, r in zip(tasks, rows, strict=True)]
        out = np.empty((len(parts), max(map(len, parts))), np.int32)
        for row, part in zip(out, parts, strict=True):
            size = len(part)
            row[:size] = part + LONG[:size]
            row[size:] = 0
        return out

    return make


def _ours_text(folder: Path, store: Flat) -> Callable[[list[str], list[int]], Any]:
    model: Any = tokenizer()
    rng = np.random.default_rng(3)
    made = [tuple(np.array(model.encode(part), np.int32) for part in pair) for pair in TEMPLATES]
    end = np.array([1], np.int32)

    def make(tasks: list[str], rows: list[int]) -> NDArray[np.int32]:
        drawn = rng.integers(len(made), size=len(rows)).tolist()
        parts = []
        for task, row, template in zip(tasks, rows, drawn, strict=True):
            asked, answer = store.text_ids(task, "train", row)
            ask, lead = made[template]
            parts.append(np.concatenate((ask, asked, lead, answer, end)))
        return padded(parts)

    return make


def _ours_audio(folder: Path, store: Flat) -> Callable[[list[str], list[int]], Any]:
    def make(tasks: list[str], rows: list[int]) -> NDArray[np.int32]:
        return padded([heard(folder / f"{t}.{r}.wav") for t, r in zip(tasks, rows, strict=True)])

    return make


def torch_jsonl(folder: Path, work: str, tasks: int) -> Iterator[Batch]:
    """torch's DataLoader over JSONL with line offsets; tasks drawn by weight."""
    from torch.utils.data import DataLoader, IterableDataset

    class Mixed(IterableDataset[Any]):
        def __iter__(self) -> Iterator[Any]:
            counts = np.load(folder / "counts.npy").tolist()
            weights, rng, all_names = rates(counts), np.random.default_rng(1), names(tasks)
            texts = Texts() if work == "A" else None
            lines: dict[int, tuple[bytes, NDArray[np.int64]]] = {}
            while True:
                for task in rng.choice(tasks, size=256, p=weights).tolist():
                    row = int(rng.integers(counts[task]))
                    if work == "C":
                        yield task, heard(folder / f"{all_names[task]}.{row}.wav")
                        continue
                    if task not in lines:
                        data = (folder / f"{all_names[task]}.jsonl").read_bytes()
                        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10)
                        lines[task] = data, np.concatenate([[0], ends + 1])
                    data, at = lines[task]
                    record = json.loads(data[at[row] : at[row + 1]])
                    if texts is not None:
                        yield task, texts(record)
                    else:
                        raw = np.frombuffer(base64.b64decode(record["codes"]), np.uint16)
                        yield task, ids_of(raw)

    def collate(rows: list[tuple[int, NDArray[Any]]]) -> Batch:
        return padded([ids for _, ids in rows]), np.array([task for task, _ in rows])

    size = 16 if work == "C" else BATCH
    yield from DataLoader(Mixed(), batch_size=size, collate_fn=collate)


def hf_arrow(folder: Path, work: str, tasks: int) -> Iterator[Batch]:
    """Hugging Face datasets over Arrow files, map-style interleave by probability."""
    import datasets

    datasets.disable_progress_bars()
    counts = np.load(folder / "counts.npy").tolist()
    parts = []
    for number, name in enumerate(names(tasks)):
        one = datasets.load_from_disk(str(folder / f"{name}.arrow")).shuffle(seed=number)
        parts.append(one.add_column("number", [number] * len(one)))
    mixed = datasets.interleave_datasets(
        parts, probabilities=rates(counts).tolist(), seed=1, stopping_strategy="all_exhausted"
    )
    texts = Texts() if work == "A" else None
    mixed = mixed if texts else mixed.with_format("numpy")
    while True:
        for rows in mixed.iter(batch_size=BATCH):
            if texts:
                asked = zip(rows["input"], rows["output"], strict=True)
                made = [texts({"input": a, "output": b}) for a, b in asked]
            else:
                made = [ids_of(np.asarray(c, np.uint16)) for c in rows["codes"]]
            yield padded(made), np.asarray(rows["number"])


def grain(folder: Path, work: str, tasks: int) -> Iterator[Batch]:
    """Grain's MapDataset.mix over ArrayRecord files."""
    import grain.python as pg

    counts = np.load(folder / "counts.npy").tolist()
    texts = Texts() if work == "A" else None

    def made(number: int, data: bytes) -> tuple[int, NDArray[Any]]:
        if texts is not None:
            return number, texts(json.loads(data))
        return number, ids_of(np.frombuffer(data, np.uint16))

    parts = []
    for number, name in enumerate(names(tasks)):
        source = pg.ArrayRecordDataSource(str(folder / f"{name}.arrayrecord"))
        one = pg.MapDataset.source(source).shuffle(seed=number).repeat()
        parts.append(one.map(lambda data, n=number: made(n, data)))
    mixed = pg.MapDataset.mix(parts, weights=rates(counts).tolist())
    rows: list[tuple[int, NDArray[Any]]] = []
    for row in mixed.to_iter_dataset(pg.ReadOptions(num_threads=2, prefetch_buffer_size=128)):
        rows.append(row)
        if len(rows) == BATCH:
            yield padded([ids for _, ids in rows]), np.array([n for n, _ in rows])
            rows = []


def seqio_stock(folder: Path, work: str, tasks: int) -> Iterator[Batch]:
    """Stock seqio: a Mixture of one TFRecord task each, sampled by tf.data."""
    import seqio
    import tensorflow as tf

    counts = np.load(folder / "counts.npy").tolist()
    features = {"targets": seqio.Feature(seqio.PassThroughVocabulary(10_000), add_eos=False)}
    chosen = rates(counts)
    rated = []
    for number, name in enumerate(names(tasks)):

        def made(dataset: tf.data.Dataset, n: int = number) -> tf.data.Dataset:
            def one(example: dict[str, Any]) -> dict[str, Any]:
                codes = tf.cast(tf.io.decode_raw(example["codes"], tf.uint16), tf.int32)
                ids = tf.reshape(tf.reshape(codes, [-1, BOOKS]) + OFFSETS, [-1])
                return {"targets": ids, "number": tf.constant(n, tf.int64)}

            return dataset.map(one)

        source = seqio.TFExampleDataSource(
            {"train": str(folder / f"{name}.tfrecord")},
            {"codes": tf.io.FixedLenFeature([], tf.string)},
            num_input_examples={"train": counts[number]},
        )
        seqio.TaskRegistry.add(
            f"b_{name}", source=source, preprocessors=[made], output_features=features,
            shuffle_buffer_size=32,
        )  # fmt: skip
        rated.append((f"b_{name}", float(chosen[number])))
    seqio.MixtureRegistry.add("b_all", rated)
    dataset = seqio.get_mixture_or_task("b_all").get_dataset(
        None, "train", seed=1, passthrough_features=["number"], num_epochs=None
    )
    shapes = {"targets": [None], "number": []}
    for batch in dataset.padded_batch(BATCH, shapes).prefetch(2).as_numpy_iterator():
        yield batch["targets"], batch["number"]


def ours_tf(folder: Path, work: str, tasks: int) -> Iterator[Batch]:
    """The plan inside tf.data, blocks of examples by one numpy_function, padded by tf.data."""
    import tensorflow as tf

    from audioflan_tasks.mixtures.plan import Plan
    from audioflan_tasks.mixtures.shares import Shares

    counts = np.load(folder / "counts.npy").tolist()
    plan = Plan(Shares.constant(names(tasks), rates(counts)), counts, 1)
    store = Flat(folder, work)

    def block(number: int) -> tuple[NDArray[Any], ...]:
        found = plan.take(int(number) * 16, 16)
        pairs = zip(found.task.tolist(), found.row.tolist(), strict=True)
        parts = [ids_of(store.codes(plan.tasks[t], "train", r)[0].reshape(-1)) for t, r in pairs]
        return np.concatenate(parts).astype(np.int32), np.cumsum([0, *map(len, parts)]), found.task

    def examples(number: tf.Tensor) -> dict[str, Any]:
        ids, splits, task = tf.numpy_function(
            block, [number], [tf.int32, tf.int64, tf.int64], stateful=False
        )
        for value in (ids, splits, task):
            value.set_shape([None])
        return {
            "targets": tf.RaggedTensor.from_row_splits(ids, splits, validate=False),
            "number": task,
        }

    dataset = tf.data.Dataset.counter().map(examples).flat_map(tf.data.Dataset.from_tensor_slices)
    dataset = dataset.map(lambda e: {**e, "targets": tf.ensure_shape(e["targets"], [None])})
    shapes = {"targets": [None], "number": []}
    for batch in dataset.padded_batch(BATCH, shapes).prefetch(2).as_numpy_iterator():
        yield batch["targets"], batch["number"]


LOADERS: dict[str, tuple[Callable[..., Iterator[Batch]], str]] = {
    "limit": (limit, "BC"),
    "ours": (ours, "ABC"),
    "ours_tf": (ours_tf, "B"),
    "torch_jsonl": (torch_jsonl, "ABC"),
    "hf_arrow": (hf_arrow, "AB"),
    "grain": (grain, "AB"),
    "seqio": (seqio_stock, "B"),
}
