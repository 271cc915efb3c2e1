"""Data of the three works, written once for every loader in the form that it reads.

A: text records. B: codes of 8 codebooks at 50 Hz, about 3,000 ids an example. C: 16 kHz WAV.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["BOOKS", "CODES", "TEMPLATES", "build", "names", "rates", "sizes", "tokenizer"]

BOOKS, CODES = 8, 1024

TEMPLATES = tuple(
    (f"{ask}\n", f"\n{lead}")
    for ask in ("Listen and answer.", "What do you hear?", "Please do the task.", "Go on:", "Task:")
    for lead in ("Answer: ", "Result: ")
)

_WORDS = [
    "the",
    "a",
    "of",
    "sound",
    "voice",
    "music",
    "speaker",
    "rain",
    "piano",
    "noise",
    "label",
    "key",
    "tempo",
    "clear",
    "reading",
    "line",
    "engine",
    "quiet",
    "loud",
    "second",
    "third",
    "before",
    "after",
    "door",
    "street",
    "song",
    "word",
    "long",
    "short",
    "high",
    "low",
    "answer",
]


def names(tasks: int) -> list[str]:
    """Task names."""
    return [f"task{i:04d}" for i in range(tasks)]


def sizes(tasks: int, total: int) -> list[int]:
    """Unequal sizes that sum to about `total`."""
    drawn = np.random.default_rng(1).lognormal(0, 1.2, tasks)
    return [max(3, int(n)) for n in drawn / drawn.sum() * total]


def rates(counts: list[int]) -> NDArray[np.float64]:
    """n^(1/3), which sums to one."""
    found = np.array(counts, np.float64) ** (1 / 3)
    return found / found.sum()


def tokenizer() -> object:
    """The SentencePiece model of the package."""
    import sentencepiece

    import audioflan_tasks

    (model,) = (Path(audioflan_tasks.__file__).parent / "tokens" / "data").glob("*.model")
    return sentencepiece.SentencePieceProcessor(model_file=str(model))


def build(root: Path, tasks: int, total: dict[str, int]) -> None:
    """Writes all forms of A, B and C under `root`, unless they are there."""
    if (root / "COMPLETED").exists():
        return
    rng = np.random.default_rng(7)
    for work in ("A", "B", "C"):
        (root / work).mkdir(parents=True, exist_ok=True)
    _text(root / "A", tasks, total["A"], rng)
    _codes(root / "B", tasks, total["B"], rng)
    _waves(root / "C", tasks, total["C"], rng)
    (root / "COMPLETED").touch()


def _text(folder: Path, tasks: int, total: int, rng: np.random.Generator) -> None:
    from array_record.python.array_record_module import ArrayRecordWriter

    model = tokenizer()
    flat: list[NDArray[np.int32]] = []
    table = []
    for name, count in zip(names(tasks), sizes(tasks, total), strict=True):
        records = [_record(name, i, rng) for i in range(count)]
        lines = [json.dumps(record).encode() for record in records]
        (folder / f"{name}.jsonl").write_bytes(b"\n".join(lines) + b"\n")
        writer = ArrayRecordWriter(str(folder / f"{name}.arrayrecord"), "group_size:1")
        for line in lines:
            writer.write(line)
        writer.close()
        _arrow(folder / f"{name}.arrow", records)
        _tfrecord(folder / f"{name}.tfrecord", records)
        for record in records:
            asked, answer = (model.encode(record[k]) for k in ("input", "output"))
            flat += [np.array(asked, np.int32), np.array(answer, np.int32)]
            table.append((len(asked), len(answer)))
    np.concatenate(flat).tofile(folder / "ids.i32")
    lengths = np.array(table, np.int64)
    np.save(folder / "lengths.npy", lengths)
    np.save(folder / "counts.npy", np.array(sizes(tasks, total)))


def _record(task: str, number: int, rng: np.random.Generator) -> dict[str, str]:
    asked = " ".join(rng.choice(_WORDS, 40))
    return {
        "instruction": "Say what it is.",
        "input": asked,
        "output": " ".join(rng.choice(_WORDS, 12)),
        "uuid": f"{task}-{number:08d}",
        "task": task,
        "domain": "speech",
        "split": "train",
        "source": "a corpus of the field",
        "licence": "CC BY 4.0",
    }


def _codes(folder: Path, tasks: int, total: int, rng: np.random.Generator) -> None:
    from array_record.python.array_record_module import ArrayRecordWriter

    starts = [0]
    with (folder / "codes.u16").open("wb") as flat:
        for name, count in zip(names(tasks), sizes(tasks, total), strict=True):
            frames = rng.integers(250, 500, count)
            codes = [rng.integers(0, CODES, (f, BOOKS), np.uint16) for f in frames.tolist()]
            writer = ArrayRecordWriter(str(folder / f"{name}.arrayrecord"), "group_size:1")
            with (folder / f"{name}.jsonl").open("wb") as lines:
                for one in codes:
                    flat.write(one.tobytes())
                    starts.append(starts[-1] + len(one))
                    writer.write(one.tobytes())
                    text = base64.b64encode(one.tobytes()).decode()
                    lines.write(json.dumps({"task": name, "codes": text}).encode() + b"\n")
            writer.close()
            _arrow(folder / f"{name}.arrow", [{"codes": one.reshape(-1)} for one in codes])
            _tfrecord(folder / f"{name}.tfrecord", [{"codes": one.tobytes()} for one in codes])
    np.save(folder / "starts.npy", np.array(starts, np.int64))
    np.save(folder / "counts.npy", np.array(sizes(tasks, total)))


def _waves(folder: Path, tasks: int, total: int, rng: np.random.Generator) -> None:
    import soundfile

    for name, count in zip(names(tasks), sizes(tasks, total), strict=True):
        for number in range(count):
            wave = (rng.standard_normal(16_000 * 5) * 0.1).astype(np.float32)
            soundfile.write(folder / f"{name}.{number}.wav", wave, 16_000)
    np.save(folder / "counts.npy", np.array(sizes(tasks, total)))


def _arrow(path: Path, rows: list[dict[str, object]]) -> None:
    import datasets

    columns = {key: [row[key] for row in rows] for key in rows[0]}
    datasets.disable_progress_bars()
    datasets.Dataset.from_dict(columns).save_to_disk(str(path))


def _tfrecord(path: Path, rows: list[dict[str, object]]) -> None:
    import tensorflow as tf

    def feature(value: object) -> tf.train.Feature:
        data = value if isinstance(value, bytes) else str(value).encode()
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[data]))

    with tf.io.TFRecordWriter(str(path)) as writer:
        for row in rows:
            features = tf.train.Features(feature={k: feature(v) for k, v in row.items()})
            writer.write(tf.train.Example(features=features).SerializeToString())


def waves(folder: Path, tasks: int) -> Iterator[Path]:
    """All WAV files, task by task."""
    for name in names(tasks):
        yield from sorted(folder.glob(f"{name}.*.wav"))
