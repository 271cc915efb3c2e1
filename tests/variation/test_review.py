"""A person decides in the terminal; what is accepted joins its pool or its records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from audioflan_tasks.preprocessors.templates import pool
from audioflan_tasks.variation.review import Terminal, review_queue
from audioflan_tasks.variation.run_files import (
    QueuedRewrite,
    Review,
    read_lines,
    read_pool,
    write_lines,
)

TASK = "gender_recognition"
ASK = pool(TASK).instruction[0].ask


def item(number: int, rewrite: str) -> QueuedRewrite:
    return QueuedRewrite(
        key=f"k{number}", task=TASK, language="en", original=ASK, rewrite=rewrite,
        objections=("target: age",), model="tiny", prompt="1-x",
    )  # fmt: skip


def record_item() -> QueuedRewrite:
    fields = {"instruction": ASK, "input": "<|SOA|>a<|EOA|>", "output": "male"}
    return QueuedRewrite(
        key="r", task=TASK, language="en", original=json.dumps(fields),
        rewrite=json.dumps({**fields, "instruction": "Gender?"}), record={**fields, "uuid": "u"},
    )  # fmt: skip


def decide(folder: Path, queue: Sequence[QueuedRewrite], typed: Sequence[str]) -> list[str]:
    """What was shown while these lines were typed; then the input ends."""
    write_lines(folder / "queue.jsonl", queue)
    lines, shown = iter(typed), list[str]()

    def ask(prompt: str) -> str | None:
        shown.append(prompt)
        return next(lines, None)

    review_queue(folder, Terminal(ask, shown.append), "ann", "2026-11-27")
    return shown


def left(folder: Path) -> list[str]:
    return [entry.key for entry in read_lines(folder / "queue.jsonl", QueuedRewrite)]


def test_accept_edit_reject_skip(tmp_path: Path) -> None:
    texts = ["How does the voice sound, male or female?", "Age?", "No.", "Later."]
    queue = [item(number, text) for number, text in enumerate(texts)]
    edited = "Which gender has the voice?"
    shown = decide(tmp_path, queue, ["a", "what?", "e", edited, "r", "s"])
    words = read_pool(tmp_path / "pools" / f"{TASK}.toml")
    assert [i.ask for i in words.instruction] == [texts[0], edited]
    for instruction in words.instruction:
        assert instruction.origin is not None
        assert instruction.origin.model_dump() == {
            "seed": ASK, "model": "tiny", "prompt": "1-x", "date": "2026-11-27", "judge": "",
            "reviewer": "ann",
        }  # fmt: skip
    assert left(tmp_path) == ["k3"]
    reviews = read_lines(tmp_path / "reviews.jsonl", Review)
    assert [(r.key, r.text) for r in reviews] == [("k0", texts[0]), ("k1", edited), ("k2", "")]
    assert "  breaks target: age" in shown


def test_the_diff_marks_what_the_other_side_lacks(tmp_path: Path) -> None:
    shown = decide(tmp_path, [item(0, ASK.replace("gender", "age"))], ["q"])
    assert f"    - {ASK.replace('gender', '[gender]')}" in shown
    assert f"    + {ASK.replace('gender', '[age]')}" in shown
    assert left(tmp_path) == ["k0"]


def test_what_was_decided_before_the_input_ends_is_kept(tmp_path: Path) -> None:
    decide(tmp_path, [item(0, "Gender?"), item(1, "Sex?")], ["r"])
    assert left(tmp_path) == ["k1"]


def test_an_edit_that_breaks_a_rule_is_said_and_kept_as_it_is(tmp_path: Path) -> None:
    shown = decide(tmp_path, [item(0, "Age?")], ["e", "How old is the speaker?"])
    assert any(line.startswith("  still target: ") for line in shown)
    decide(tmp_path, [item(1, "Age?")], ["e", "", "r"])
    assert len(read_pool(tmp_path / "pools" / f"{TASK}.toml").instruction) == 1


def test_a_record_joins_the_records(tmp_path: Path) -> None:
    decide(tmp_path, [record_item()], ["e", "Say which gender the speaker has."])
    (line,) = (tmp_path / "records" / f"{TASK}.jsonl").read_text().splitlines()
    record = json.loads(line)
    assert record["instruction"] == "Say which gender the speaker has."
    assert (record["output"], record["uuid"]) == ("male", "u")
    assert record["other"]["variation"]["reviewer"] == "ann"
