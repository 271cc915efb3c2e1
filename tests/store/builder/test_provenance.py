"""What a store tells of a row beside its ids is what its record tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.examples import Question, facts_of, render
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.preprocessors.render import KEEP
from audioflan_tasks.records import Instance
from audioflan_tasks.records.spans import span
from audioflan_tasks.store import RowProvenance, Store, build_store, read_provenance
from audioflan_tasks.store.builder.provenance import provenance_of
from audioflan_tasks.store.row_provenance import decode_provenance

LONG = "长" * 120
TASKS = {
    "Automatic Speech Recognition": ("Speech Recognition", "understanding"),
    "Text to Speech": ("Speech Generation", "generation"),
    "Voice Conversion": ("Speech Generation", "generation"),
    "Speaker Verification": ("Speaker Recognition", "understanding"),
}
SIDES = (
    (span("a"), "hello"),
    (f"{span('a')}\ntext: again {span('b')}{span('a')}", "hello."),
    ("no audio at all", "  with blanks\n"),
    (span(LONG), f"an answer with {span('c')} inside"),
    (span("ü–id"), span("ü–id")),
    (f"{span('a')} {span('b')}", f"audio: {span('c')}\nand {span('a')} behind"),
    ("", span("only")),
    (span("only"), ""),
    ("text: 你好", f"Here you are: {span('c')}"),
)  # fmt: skip
UUIDS = (
    "u-1",
    "shared",
    "shared",
    "",
    "äöü 你好 \U0001f600",
    "x" * 3000,
    "nul\0inside\0",
    "0",
    "-",
)


def records() -> list[dict[str, Any]]:
    """Records of each task with each of these contents; every other says a grade."""
    found: list[dict[str, Any]] = []
    for minor, (major, way) in TASKS.items():
        for (source, output), uuid in zip(SIDES, UUIDS, strict=True):
            record = {
                "instruction": "Do what is asked.", "input": source, "output": output,
                "split": ["train"], "domain": "speech", "source": [],
                "other": {"grade": "R"} if len(found) % 2 else None,
                "task_type": {"major": [major], "minor": [minor], "U/G": [way], "unseen": False},
            }  # fmt: skip
            found.append({**record, "uuid": uuid} if uuid else record)
    return found


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd") / "corpus"
    folder.mkdir()
    lines = [json.dumps(record, ensure_ascii=False) for record in records()]
    (folder / "rows.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    build_store(folder, folder.parent / "store", tokenizer=None, part_bytes=4096)
    return folder


def told_by(record: Instance, told: RowProvenance, instructions: str) -> None:
    """Compares what a row tells with what an example of its record tells."""
    options = ExampleOptions(instructions=instructions)
    prompt = render(record, seed=3, options=options)
    facts = facts_of(Question(record, prompt, ()), record)
    answer = told.answer(is_own=prompt.template == KEEP).decode()
    assert (answer, tuple(i.decode() for i in told.audio_ids)) == (facts.answer, facts.audio_ids)
    assert told.uuid.decode() == facts.provenance["uuid"]
    assert told.grade.decode() == facts.provenance["grade"]


def test_rows_tell_what_their_records_tell(corpus: Path) -> None:
    store, of_lines = Store(corpus.parent / "store"), Corpus(corpus)
    assert store.shard_count > 1
    shards = {number: store.shard(number) for number in range(store.shard_count)}
    count, forms = 0, set()
    for task, split in store.pairs():
        numbers = {reader: number for number, reader in shards.items()}
        places = [store.place(task, split, row) for row in range(store.size(task, split))]
        # The last rows first: they come back in the order in which they are asked for.
        shard = np.array([numbers[reader] for reader, _ in places[::-1]])
        place = np.array([place for _, place in places[::-1]])
        for row, told in zip(
            reversed(range(len(places))), read_provenance(shards, shard, place), strict=True
        ):
            record = of_lines.instance(task, split, row)
            for instructions in ("pool", "keep"):
                told_by(record, told, instructions)
            forms.add((told.own_answer is None, len(told.audio_ids), told.grade))
            count += 1
    assert count == len(TASKS) * len(SIDES)
    assert len(forms) > 6


def test_a_record_of_an_unknown_task_tells_nothing() -> None:
    assert provenance_of(Instance(instruction="", input="", output="x", task="")) == b""


def test_equal_answers_are_stored_once() -> None:
    task = catalogue.get("automatic_speech_recognition").id
    record = Instance(instruction="Ask.", input=span("a"), output="yes", task=task, uuid="u")
    told = decode_provenance(provenance_of(record))
    assert told == RowProvenance(b"u", b"", (b"a",), b"yes", None)
    # Two bytes beside each text, three of the arrays, and one for what is not there.
    assert len(provenance_of(record)) < 20
