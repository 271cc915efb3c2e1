"""A record names one task, wherever it does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks.audio.check import check
from audioflan_tasks.records.task_names import disagreement

MINIMAL = {"instruction": "?", "input": "<|SOA|>a<|EOA|>", "output": "female", "split": "train"}


@pytest.mark.parametrize(
    "fields",
    [
        {"task": "Gender Recognition"},
        {"task": "gender_recognition", "task_type": {"minor": ["Gender Recognition"]}},
        {"task": "audioflan_gender_recognition", "task_type": "Gender Recognition"},
        {"task_name": "Speaker Gender Recognition", "minor": "Gender Recognition"},
        {"task": "understanding", "task_type": {"minor": ["Gender Recognition"]}},
        {"task": None, "task_type": {"minor": ["Gender Recognition"]}},
        {"task": {"id": 3}, "task_type": {"minor": ["Gender Recognition"]}},
        {"task": "", "task_type": {"minor": [], "major": ["x"]}},
        # One name of two tasks: which is meant the input tells.
        {"task": "Text-guided Music Generation", "task_type": "Text-to-music Generation"},
        {},
    ],
)
def test_names_of_one_task_agree(fields: dict[str, Any]) -> None:
    assert disagreement(fields) == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"task": "Age Recognition", "task_type": {"minor": ["Gender Recognition"]}},
        {"task_name": "Age Recognition", "task_type": "Gender Recognition"},
        {"minor_task": ["Age Recognition"], "task": "gender_recognition"},
        {"task_name": "asr", "minor": "Age Recognition"},
        {"task_type": {"minor": ["Age Recognition", "Gender Recognition"]}},
    ],
)
def test_two_tasks_are_reported_with_both_names(fields: dict[str, Any]) -> None:
    text = disagreement(fields)
    assert all(repr(v) in text for v in fields.values() if isinstance(v, str))
    assert all(key in text for key in fields)


def test_check_is_not_ok_unless_such_records_are_skipped(tmp_path: Path) -> None:
    record = {**MINIMAL, "task": "Age Recognition", "task_type": {"minor": "Gender Recognition"}}
    lines = (json.dumps({**MINIMAL, "task": "Gender Recognition"}), json.dumps(record))
    (tmp_path / "r.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    report = check(tmp_path, audio=False)
    assert not report.ok and report.ledger.problems == {"task_disagrees": 1}
    assert "r.jsonl:2: task_type names 'Gender Recognition', but task" in "\n".join(report.lines())
    assert check(tmp_path, audio=False, skip_unknown=True).ok
