"""The vocabulary of a file's labels, where no corpus names one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audioflan_tasks.corpus.rows import scan
from audioflan_tasks.records.tree import read_file

JAZZ = ("ionian", "dorian", "phrygian", "lydian", "mixolydian", "aeolian", "locrian")


def record(label: str, number: int, uuid: str = "") -> str:
    return json.dumps(
        {
            "instruction": "Which scale?", "input": f"<|SOA|>clip{number}<|EOA|>",
            "output": label, "task": "Scale Recognition", "split": "train",
            "uuid": uuid or f"u{number:09d}",
        }
    )  # fmt: skip


def write(path: Path, labels: list[str]) -> Path:
    path.write_text("".join(f"{record(label, n)}\n" for n, label in enumerate(labels)), "utf-8")
    return path


def test_95_percent_of_the_labels_decide(tmp_path: Path) -> None:
    names = [JAZZ[n % len(JAZZ)] for n in range(95)]
    most = write(tmp_path / "most.jsonl", [*names, *["Zorblax"] * 5])
    few = write(tmp_path / "few.jsonl", [*names, *["Zorblax"] * 6])
    (vocabulary,) = {i.vocabulary for i in read_file(most)}
    assert vocabulary
    assert {i.vocabulary for i in read_file(few)} == {""}


def test_one_label_is_too_few(tmp_path: Path) -> None:
    file = write(tmp_path / "one.jsonl", ["dorian"] * 20)
    assert {i.vocabulary for i in read_file(file)} == {""}


def test_the_corpus_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    lines = [
        json.dumps(json.loads(record("happy", n)) | {
            "task": "Emotion Recognition", "uuid": f"ESD-Emotion Recognition-{n}",
        })
        for n in range(3)
    ]  # fmt: skip
    file.write_text("\n".join(lines), "utf-8")
    assert {(i.corpus, i.vocabulary) for i in read_file(file)} == {("ESD", "esd_emotions")}


@pytest.mark.slow
def test_a_file_sorted_by_label_is_sampled_everywhere_and_in_any_order(tmp_path: Path) -> None:
    # 400 KB: more than is read whole. The first half has labels of no list.
    labels = ["Zorblax"] * 1200 + ["Quux"] * 600 + [JAZZ[n % len(JAZZ)] for n in range(600)]
    write(tmp_path / "sorted.jsonl", labels)
    rows = scan(tmp_path)
    assert rows.instance("scale_recognition", "train", 2399).vocabulary == ""
    names = [JAZZ[n * len(JAZZ) // 2400] for n in range(2400)]
    write(tmp_path / "sorted.jsonl", names)
    rows = scan(tmp_path)
    last = rows.instance("scale_recognition", "train", 2399)
    first = scan(tmp_path).instance("scale_recognition", "train", 0)
    assert last.vocabulary
    assert last.vocabulary == first.vocabulary
    whole = next(iter(read_file(tmp_path / "sorted.jsonl")))
    assert whole.replace(where="") == first.replace(where="")


def test_a_json_array_is_sampled_too(tmp_path: Path) -> None:
    file = tmp_path / "array.jsonl"
    values = [json.loads(record(label, n)) for n, label in enumerate(JAZZ)]
    file.write_text(json.dumps(values), "utf-8")
    (vocabulary,) = {i.vocabulary for i in read_file(file)}
    assert vocabulary
