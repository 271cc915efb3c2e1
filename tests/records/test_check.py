"""The report: counts, places, nearest names, and what makes it not ok."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from audioflan_tasks.audio.check import check as check_all
from audioflan_tasks.errors import RecordError
from audioflan_tasks.records.schema import MINIMAL_RECORD

FIXTURES = Path(__file__).parent / "fixtures"
check = partial(check_all, audio=False)


def test_a_clean_tree_is_ok() -> None:
    calls: list[tuple[int, int]] = []
    report = check(FIXTURES / "release", progress=lambda done, total: calls.append((done, total)))
    assert report.ok
    assert (report.records, report.skipped, report.files) == (4, 0, 3)
    assert report.tasks == {
        "automatic_speech_recognition": 2,
        "text_to_speech": 1,
        "acoustic_scene_classification": 1,
    }
    assert report.splits == {"train": 1, "validation": 1, "test": 2}
    assert report.categories == {"understanding": 3, "generation": 1}
    done, total = zip(*calls, strict=True)
    assert done == tuple(range(1, total[0] + 1))
    assert report.lines()[-1] == "ok"
    assert not report.audio_checked


def test_cmi_bench_names_its_unknown_task_with_the_nearest() -> None:
    report = check(FIXTURES / "cmi_bench")
    (unknown,) = report.unknown_tasks()
    assert unknown["minor"] == "downbeat_tracking"
    assert unknown["records"] == 40
    assert unknown["nearest"][0] == "Beat Tracking"
    assert unknown["examples"][0] == "CMI_ballroom_downbeat.jsonl:1"
    assert report.records == 120
    # One file there holds answers, not records.
    assert not report.ok
    assert any("a model's answers" in line for line in report.lines())


def test_the_whole_report_is_json(tmp_path: Path) -> None:
    # By itself: lists that lie beside it would be checked too.
    report = check(shutil.copy(FIXTURES / "broken.jsonl", tmp_path))
    told = json.loads(json.dumps(report.as_dict()))
    assert told["ok"] is False
    assert told["skipped"] == 16
    assert told["problems"]["wrong_type"]["count"] == 3
    assert told["problems"]["wrong_type"]["examples"][0].startswith("broken.jsonl:11: key 'split")
    assert told["records"] == 2


def test_a_uuid_that_stands_twice(tmp_path: Path) -> None:
    line = (FIXTURES / "spans.jsonl").read_bytes().splitlines()[0]
    (tmp_path / "x.jsonl").write_bytes(line + b"\n" + line)
    repairs = check(tmp_path).as_dict()["repairs"]
    assert repairs["uuid_duplicate"]["count"] == 1
    assert repairs["uuid_duplicate"]["examples"] == ["x.jsonl:2"]
    assert "uuid_duplicate" not in check(FIXTURES / "spans.jsonl").as_dict()["repairs"]


def test_faults_of_audio_are_counted_and_examples_are_few() -> None:
    report = check_all(FIXTURES / "cmi_bench" / "CMI_GTZAN.jsonl")
    assert report.references == report.faults["missing"] == 40
    assert len(report.fault_examples["missing"]) == 5
    assert report.fault_examples["missing"][0].startswith("CMI_GTZAN.jsonl:1: audio id 'blues")
    assert not report.ok
    assert any("40 of 40 references to audio: missing" in line for line in report.lines())


def test_an_empty_corpus_is_not_ok(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").touch()
    assert not check(tmp_path).ok
    with pytest.raises(RecordError):
        check(tmp_path / "none")


def lines_of(*records: dict[str, object]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


MINIMAL: dict[str, object] = {
    "instruction": "Which technique?", "input": "<|SOA|>a<|EOA|>", "output": "vibrato",
    "task": "Instrumental Technique Classification", "split": "train",
}  # fmt: skip


def test_minimal_records_need_no_repairs(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text(
        lines_of(*({**MINIMAL, "input": f"<|SOA|>{n}<|EOA|>"} for n in range(5)))
    )
    report = check(tmp_path)
    assert report.ok
    assert "repairs and notes: none" in report.lines()


def test_an_unknown_or_missing_task_is_not_ok_unless_skipped(tmp_path: Path) -> None:
    nameless = {key: value for key, value in MINIMAL.items() if key != "task"}
    (tmp_path / "r.jsonl").write_text(lines_of(MINIMAL, {**MINIMAL, "task": "Telepathy"}, nameless))
    report = check(tmp_path)
    assert not report.ok
    text = "\n".join(report.lines())
    assert "unknown task 'Telepathy': 1 records" in text
    assert "(r.jsonl:2)" in text
    assert "no task: 1 records (r.jsonl:3)" in text
    assert MINIMAL_RECORD in text
    assert check(tmp_path, skip_unknown=True).ok


def test_a_wrong_split_is_an_error_until_it_is_mapped(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text(lines_of(MINIMAL, {**MINIMAL, "split": "tset"}))
    report = check(tmp_path)
    assert not report.ok
    assert any("r.jsonl:2: unknown split 'tset'" in line for line in report.lines())
    assert check(tmp_path, splits={"tset": "test"}).splits == {"train": 1, "test": 1}


def test_answers_of_another_form_are_reported_by_task(tmp_path: Path) -> None:
    intervals = {**MINIMAL, "task": "technique_detection", "output": "[('0.0', '1.2', 'Trill')]"}
    (tmp_path / "r.jsonl").write_text(lines_of(intervals, intervals, MINIMAL))
    report = check(tmp_path)
    (row,) = report.answer_forms()
    assert row["task"] == "instrumental_technique_classification"
    assert (row["looks_like"], row["answers"], row["records"]) == ("intervals", 2, 3)
    assert report.as_dict()["answer_forms"] == [row]
    assert any("2 of 3 answers" in line and "r.jsonl:1" in line for line in report.lines())


def test_annotations_of_the_same_records_are_one_line() -> None:
    report = check(FIXTURES / "cmi_bench")
    lines = report.lines()
    notes = lines[lines.index("repairs and notes:") + 1 :]
    together = [line for line in notes if "ug_missing" in line]
    assert len(together) == 1
    assert "unseen_missing" in together[0]
    assert "source_string" in together[0]
