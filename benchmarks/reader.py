"""How fast records are read: lines a second on one core, beside two peers.

A release tree of realistic records is written to a temporary folder: all 80 tasks, texts
of natural length, every 50th line in one of the spellings that need repair. Measured is
the whole way from file to settled `Instance` (decoding, checking, names, spans, counting);
the peers do less: pydantic checks the same schema on lines already in memory, `json.loads`
only decodes them.

    python benchmarks/reader.py [--records 200000] [--repeats 3]
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pydantic

from audioflan_tasks import catalogue
from audioflan_tasks.records.repairs import Ledger
from audioflan_tasks.records.schema import RawRecord
from audioflan_tasks.records.tree import iter_instances, record_files

_TEXT = """
the of and to in a is that for it as was with be by on not he his but at are this have from or
had an they which one you were her all she there would their we him been has when who speech
recording music piano violin thunder rain engine morning river between however though
"""
_WORDS = _TEXT.split()
_DRIFT_EVERY = 50


def _sentence(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(_WORDS, k=words)).capitalize() + "."


def _record(rng: random.Random, row: catalogue.TaskRow, number: int) -> dict[str, Any]:
    folder = f"{rng.randrange(1, 60):02d}_Corpus-{row.domain}"

    def piece(name: str, kind: str) -> str:
        audio_id = f"{folder}_{rng.randrange(10**4)}_{rng.randrange(10**6):06d}_{number:06d}"
        value = f"<|SOA|>{audio_id}<|EOA|>" if kind == "audio" else _sentence(rng, 18)
        return rng.choice(["", f"{name}: ", "given recording: "]) + value

    return {
        "instruction": _sentence(rng, 14),
        "input": "\n".join(piece(p.name, p.kind) for p in row.inputs),
        "output": piece("audio", "audio") if "audio" in row.writes else _sentence(rng, 12),
        "uuid": f"{rng.getrandbits(96):024x}",
        "split": [rng.choice(["train", "train", "train", "dev", "test"])],
        "task_type": {
            "major": [row.major],
            "minor": [row.minor],
            "U/G": [row.paper_category],
            "unseen": False,
        },
        "domain": row.domain,
        "source": [rng.choice(["audiobook", "youtube", "studio", "unknown"])],
        "other": None,
    }


def _drifted(record: dict[str, Any], kind: int) -> dict[str, Any]:
    changes: list[dict[str, Any]] = [
        {"split": record["split"][0]},
        {"uuid": ""},
        {"source": "youtube"},
        {"input": record["input"].replace("<|SOA|>", "|SOA|>")},
        {"split": ["validation"]},
        {"output": 58},
        {"other": {"tag": "null"}, "language": "en"},
    ]
    return record | changes[kind % len(changes)]


def write_tree(root: Path, records: int, *, drift: bool = True) -> None:
    """Writes a release tree of that many records, one file a task."""
    rng = random.Random(7)
    rows = catalogue.tasks()
    for index, row in enumerate(rows):
        count = records // len(rows) + (index < records % len(rows))
        folder = root / "metadata" / row.domain / row.paper_category / "train_dev"
        path = folder / f"{index + 1:02d}_Corpus-{row.domain}" / "jsonl" / f"{row.id}.jsonl"
        path.parent.mkdir(parents=True)
        with path.open("w", encoding="utf-8") as file:
            for number in range(count):
                record = _record(rng, row, number)
                if drift and number % _DRIFT_EVERY == _DRIFT_EVERY - 1:
                    record = _drifted(record, number // _DRIFT_EVERY)
                file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _best(repeats: int, run: Callable[[], int]) -> float:
    """Records a second of the fastest run: the others were disturbed."""
    rates = []
    for _ in range(repeats):
        begin = time.perf_counter()
        count = run()
        rates.append(count / (time.perf_counter() - begin))
    return max(rates)


def _lines(root: Path) -> Iterator[bytes]:
    for path in record_files(root):
        with path.open("rb") as file:
            yield from file


def measure(root: Path, repeats: int) -> tuple[dict[str, float], Ledger]:
    """Records a second of each way, and what reading booked."""
    ledger = Ledger()

    def read() -> int:
        nonlocal ledger
        ledger = Ledger()
        return sum(1 for _ in iter_instances(root, ledger=ledger))

    rates = {"audioflan_tasks, file to Instance": _best(repeats, read)}
    plain = [line for line in _lines(root) if _fits(line)]

    def validate() -> int:
        for line in plain:
            RawRecord.model_validate_json(line)
        return len(plain)

    def decode() -> int:
        for line in plain:
            json.loads(line)
        return len(plain)

    rates[f"pydantic {pydantic.VERSION}, same schema"] = _best(repeats, validate)
    rates["json.loads, decoding only"] = _best(repeats, decode)
    return rates, ledger


def _fits(line: bytes) -> bool:
    try:
        RawRecord.model_validate_json(line)
    except pydantic.ValidationError:
        return False
    return True


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_tree(root, asked.records)
        size = sum(path.stat().st_size for path in record_files(root))
        rates, ledger = measure(root, asked.repeats)
    ours = next(iter(rates.values()))
    print(
        f"{asked.records} records, {size / asked.records:.0f} bytes each, one core, "
        f"Python {platform.python_version()}, best of {asked.repeats}"
    )
    for name, rate in rates.items():
        print(f"{name:<36} {rate:>10,.0f} records/s   {ours / rate:5.2f} x")
    repaired = {str(kind): count for kind, count in ledger.repairs.most_common()}
    print(f"repaired: {repaired}, skipped: {ledger.problems.total()}")


if __name__ == "__main__":
    main()
