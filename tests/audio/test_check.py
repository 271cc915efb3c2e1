"""The report with audio: what is found, missing, unreadable, unsafe, or outside its file."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audioflan_tasks.audio import check as module
from audioflan_tasks.audio import headers, parts
from audioflan_tasks.audio.check import check
from audioflan_tasks.audio.load import AudioInfo, info
from audioflan_tasks.records import Instance
from audioflan_tasks.records.repairs import ProblemKind
from audioflan_tasks.records.tree import read_file
from audioflan_tasks.runners import LocalRunner
from tests.runners.fragile import DeathError, FragileRunner

SPEECH = Path(__file__).parents[1] / "data" / "librivox_0870.flac"
FOLDER = "13_X"


def _record(audio_id: str, **more: object) -> str:
    names = {"major": ["Speech Recognition"], "minor": ["Automatic Speech Recognition"]}
    record = {
        "instruction": "Transcribe.",
        "input": f"<|SOA|>{audio_id}<|EOA|>",
        "output": "hello",
        "uuid": audio_id,
        "split": ["train"],
        "task_type": {**names, "U/G": ["understanding"], "unseen": False},
        "domain": "speech",
        "source": [],
        "other": None,
    }
    return json.dumps(record | more) + "\n"


def _tree(root: Path, lines: list[str]) -> Path:
    home = root / "audio_files" / "speech" / FOLDER
    home.mkdir(parents=True)
    shutil.copy(SPEECH, home / "good.flac")
    (home / "bad.wav").write_text("no audio")
    metadata = root / "metadata" / "speech" / "train_dev" / FOLDER / "jsonl"
    metadata.mkdir(parents=True)
    (metadata / "asr.jsonl").write_text("".join(lines))
    return root


def test_all_is_well(tmp_path: Path) -> None:
    root = _tree(tmp_path, [_record("13_X_good"), _record("13_X_good", uuid="2")])
    report = check(root)
    assert report.ok
    assert report.audio_checked
    assert report.references == 2
    assert "audio: all 2 references found and readable" in report.lines()


def test_every_fault_has_its_kind_and_place(tmp_path: Path) -> None:
    hole = "<|SOA|><AUDIO><|EOA|>"
    path = f"audio_files/speech/{FOLDER}/good.flac"
    lines = [
        _record("13_X_good"),
        _record("13_X_none"),
        _record("13_X_bad"),
        _record("../../x"),
        _record("p", input=hole, audio_path=[path], audio_start=0.0, audio_end=30.0),
        _record("q", input=hole, audio_path=[path], audio_start=6.0, audio_end=7.1),
        _record("r", input=hole, audio_path=["../x.wav"], audio_start=0.0, audio_end=-1),
    ]
    report = check(_tree(tmp_path, lines))
    assert report.faults == {"missing": 1, "unreadable": 1, "unsafe": 2, "outside": 1}
    assert report.references == 7
    assert not report.ok
    where = "metadata/speech/train_dev/13_X/jsonl/asr.jsonl"
    assert report.fault_examples["missing"][0].startswith(f"{where}:2: audio id '13_X_none'")
    assert report.fault_examples["unreadable"][0].startswith(f"{where}:3: ")
    assert "which is 7.10 s long" in report.fault_examples["outside"][0]


def test_a_header_is_read_once_per_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []

    def counted(path: Path) -> AudioInfo:
        opened.append(path)
        return info(path)

    monkeypatch.setattr(headers, "info", counted)
    root = _tree(tmp_path, [_record("13_X_good", uuid=str(n)) for n in range(5)])
    assert check(root).references == 5
    assert len(opened) == 1


def test_simulated_audio_is_not_missing(tmp_path: Path) -> None:
    root = _tree(tmp_path, [_record("13_X_sim_1")])
    assert check(root).faults == {"missing": 1}
    (root / "simulated").mkdir()
    (root / "simulated" / "speech.jsonl").write_text('{"id": "13_X_sim_1"}\n')
    assert check(root).ok
    assert check(root, known_ids=lambda root: ()).faults == {"missing": 1}
    assert check(root, known_ids=lambda root: {"13_X_sim_1"}).ok


def test_faults_of_lists_are_in_the_report_once(tmp_path: Path) -> None:
    root = _tree(tmp_path, [_record("13_X_good"), _record("13_X_a")])
    (root / "scp_files").mkdir()
    (root / "scp_files" / "13_X.scp").write_text("13_X_a touch RAN |\n13_X_b\n")
    report = check(root)
    assert {str(k): n for k, n in report.ledger.problems.items()} == {
        "unsafe_path": 1,
        "scp_line": 1,
    }
    assert report.faults == {"unsafe": 1}
    assert not (root / "RAN").exists()


def test_metadata_alone_can_be_checked(tmp_path: Path) -> None:
    root = _tree(tmp_path, [_record("13_X_none")])
    report = check(root, audio=False)
    assert report.ok
    assert not report.audio_checked
    assert report.references == 0


def test_silence_is_fine_as_long_as_it_is_audio(tmp_path: Path) -> None:
    root = _tree(tmp_path, [_record("13_X_quiet")])
    soundfile.write(root / "audio_files" / "speech" / FOLDER / "quiet.wav", np.zeros(10), 8000)
    assert check(root).ok


def _mixed_tree(root: Path) -> Path:
    """Two files of records with faults of most kinds, the first with CRLF from a line on."""
    lines = [_record("13_X_good", uuid=str(n)) for n in range(9)]
    lines[3], lines[5] = _record("13_X_none", uuid="1"), "no record\n"
    lines[6:] = [line.replace("\n", "\r\n") for line in lines[6:]]
    tree = _tree(root, ["\ufeff", *lines, "\n", _record("13_X_bad", uuid="0").rstrip()])
    other = tree / "metadata" / "speech" / "train_dev" / FOLDER / "jsonl" / "other.jsonl"
    other.write_text(_record("13_X_good", uuid="7") + _record("13_X_bad", uuid="new"))
    return tree


@pytest.mark.parametrize("part_count", [1, 2, 5, 1000])
def test_the_report_does_not_depend_on_the_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part_count: int
) -> None:
    tree = _mixed_tree(tmp_path)
    monkeypatch.setattr(parts, "_FEWEST_PARTS", part_count)
    report = check(tree, runner=FragileRunner()).as_dict()
    where = "metadata/speech/train_dev/13_X/jsonl"
    assert (report["records"], report["skipped"], report["files"]) == (11, 1, 2)
    assert {kind: repair["examples"] for kind, repair in report["repairs"].items()} == {
        "uuid_duplicate": [
            f"{where}/asr.jsonl:4",
            f"{where}/asr.jsonl:11",
            f"{where}/other.jsonl:1",
        ],
        "bom": [f"{where}/asr.jsonl:1"],
        "crlf": [f"{where}/asr.jsonl:7"],
    }
    assert report["problems"]["broken_json"]["examples"][0].startswith(f"{where}/asr.jsonl:6: ")
    faults = report["audio"]["faults"]
    assert {kind: fault["count"] for kind, fault in faults.items()} == {
        "missing": 1,
        "unreadable": 2,
    }
    assert faults["unreadable"]["examples"][1].startswith(f"{where}/other.jsonl:2: ")


def test_audio_at_which_workers_die_is_named_and_all_else_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = _mixed_tree(tmp_path)
    whole_report = check(tree).as_dict()

    def fatal_info(path: Path) -> AudioInfo:
        if path.name == "bad.wav":
            raise DeathError
        return info(path)

    monkeypatch.setattr(headers, "info", fatal_info)
    report = check(tree, runner=FragileRunner()).as_dict()
    examples = report["audio"]["faults"]["unreadable"].pop("examples")
    whole_report["audio"]["faults"]["unreadable"].pop("examples")
    assert report == whole_report
    assert all(text.endswith("bad.wav: ends the process that reads it") for text in examples)


def test_records_at_which_workers_die_are_named_and_all_else_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = _mixed_tree(tmp_path)

    def fatal_read(path: Path, **options: Any) -> Iterator[Instance]:
        if path.name == "other.jsonl":
            raise DeathError
        return read_file(path, **options)

    monkeypatch.setattr(module, "read_file", fatal_read)
    monkeypatch.setattr("audioflan_tasks.records.check.read_file", fatal_read)
    monkeypatch.setattr(parts, "_FEWEST_PARTS", 1)
    report = check(tree, runner=FragileRunner())
    assert report.records == 9
    (problem,) = report.ledger.problem_examples[ProblemKind.UNREADABLE]
    assert problem.where.endswith("other.jsonl:1")
    assert "ends the process" in problem.reason


@dataclass
class Killer:
    """Counts records; the worker that counts the fifth is killed once, another one lives."""

    flag: Path
    uuids: list[str] = field(default_factory=list)

    def count(self, instance: Instance) -> None:
        if instance.uuid == "4" and multiprocessing.parent_process() and not self.flag.exists():
            self.flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        self.uuids.append(instance.uuid)

    def merge(self, other: Killer) -> None:
        self.uuids += other.uuids


@pytest.mark.slow
def test_two_processes_of_which_one_is_killed_give_the_same_report(tmp_path: Path) -> None:
    tree, killer, tally = (
        _mixed_tree(tmp_path / "tree"),
        Killer(tmp_path / "flag"),
        Killer(tmp_path),
    )
    with LocalRunner(2) as runner:
        report = check(tree, tally=killer, runner=runner)
    assert killer.flag.exists()
    assert report.as_dict() == check(tree, tally=tally).as_dict()
    assert killer.uuids == tally.uuids
