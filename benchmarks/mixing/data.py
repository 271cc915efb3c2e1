"""The material of works A to C, the same for every loader; each peer writes its own form of it.

A: text records. B: codes of 8 codebooks at 50 Hz, about 3,000 ids an example. C: 5 s of 16 kHz.
D and E are in `real`; they have as many examples of each task as `counts_of` says.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BOOKS", "CODES", "PACKED", "PACKED_ROWS", "TEMPLATES", "TOTAL", "build", "counts_of",
    "model_file", "names", "payloads", "rates", "tokenizer",
]  # fmt: skip

BOOKS, CODES = 8, 1024
TOTAL = {"A": 40_000, "B": 6_000, "C": 400, "D": 6_000, "E": 6_000}
# Ids of a packed row, and rows of a batch of them.
PACKED = {"A": 2048, "B": 8192, "D": 2048, "E": 8192}
PACKED_ROWS = 16

TEMPLATES = tuple(
    (f"{ask}\n", f"\n{lead}")
    for ask in (
        "Listen and answer.",
        "What do you hear?",
        "Please do the task.",
        "Go on with it:",
        "Your task:",
    )
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


def counts_of(tasks: int, work: str) -> list[int]:
    """Unequal numbers of examples that sum to about the total of the work."""
    drawn = np.random.default_rng(1).lognormal(0, 1.2, tasks)
    return [max(3, int(n)) for n in drawn / drawn.sum() * TOTAL[work]]


def rates(counts: list[int]) -> NDArray[np.float64]:
    """n^(1/3), which sums to one."""
    weights = np.array(counts, np.float64) ** (1 / 3)
    return np.asarray(weights / weights.sum(), np.float64)


def tokenizer() -> Any:
    """The SentencePiece model of the package."""
    import sentencepiece

    return sentencepiece.SentencePieceProcessor(model_file=str(model_file()))


def model_file() -> Path:
    """Where that model lies."""
    import audioflan_tasks

    (model,) = (Path(audioflan_tasks.__file__).parent / "tokens" / "data").glob("*.model")
    return model


def payloads(work: str, tasks: int) -> Iterator[tuple[str, list[bytes]]]:
    """Task by task what its examples are in bytes: a JSON record, 16-bit codes, or a WAV file."""
    make = {"A": _record, "B": _codes, "C": _wave}[work]
    for number, (name, count) in enumerate(zip(names(tasks), counts_of(tasks, work), strict=True)):
        rng = np.random.default_rng((ord(work), number))
        yield name, [make(name, row, rng) for row in range(count)]


def build(folder: Path, work: str, tasks: int) -> None:
    """The flat files that the limit and ours read, WAV files for C. `folder` is of one work."""
    folder.mkdir(parents=True, exist_ok=True)
    {"A": _flat_text, "B": _flat_codes, "C": _files}[work](folder, tasks)
    np.save(folder / "counts.npy", np.array(counts_of(tasks, work)))


def _flat_text(folder: Path, tasks: int) -> None:
    model = tokenizer()
    with (folder / "ids.i32").open("wb") as flat:
        lengths = []
        for _, rows in payloads("A", tasks):
            for row in rows:
                record = json.loads(row)
                parts = [np.array(model.encode(record[k]), np.int32) for k in ("input", "output")]
                flat.writelines(part.tobytes() for part in parts)
                lengths.append([len(part) for part in parts])
    np.save(folder / "lengths.npy", np.array(lengths, np.int64))


def _flat_codes(folder: Path, tasks: int) -> None:
    starts = [0]
    with (folder / "codes.u16").open("wb") as flat:
        for _, rows in payloads("B", tasks):
            flat.writelines(rows)
            for row in rows:
                starts.append(starts[-1] + len(row) // (2 * BOOKS))
    np.save(folder / "starts.npy", np.array(starts, np.int64))


def _files(folder: Path, tasks: int) -> None:
    for name, rows in payloads("C", tasks):
        for number, row in enumerate(rows):
            (folder / f"{name}.{number}.wav").write_bytes(row)


def _record(task: str, number: int, rng: np.random.Generator) -> bytes:
    words = np.array(_WORDS)[rng.integers(len(_WORDS), size=52)].tolist()
    record = {
        "instruction": "Say what it is.",
        "input": " ".join(words[:40]),
        "output": " ".join(words[40:]),
        "uuid": f"{task}-{number:08d}",
        "task": task,
        "domain": "speech",
        "split": "train",
        "source": "a corpus of the field",
        "licence": "CC BY 4.0",
    }
    return json.dumps(record).encode()


def _codes(task: str, number: int, rng: np.random.Generator) -> bytes:
    return rng.integers(0, CODES, (int(rng.integers(250, 500)), BOOKS), np.uint16).tobytes()


def _wave(task: str, number: int, rng: np.random.Generator) -> bytes:
    import soundfile

    made = io.BytesIO()
    wave = (rng.standard_normal(16_000 * 5) * 0.1).astype(np.float32)
    soundfile.write(made, wave, 16_000, format="WAV", subtype="PCM_16")
    return made.getvalue()
