"""The report with audio: what is found, missing, unreadable, unsafe, or outside its file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audioflan_tasks.audio import check as module
from audioflan_tasks.audio.check import check
from audioflan_tasks.audio.load import AudioInfo, info

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

    monkeypatch.setattr(module, "info", counted)
    root = _tree(tmp_path, [_record("13_X_good", uuid=str(n)) for n in range(5)])
    assert check(root).references == 5
    assert len(opened) == 1


def test_simulated_audio_is_not_missing(tmp_path: Path) -> None:
    root = _tree(tmp_path, [_record("13_X_sim_1")])
    assert check(root).faults == {"missing": 1}
    (root / "simulated").mkdir()
    (root / "simulated" / "speech.jsonl").write_text('{"id": "13_X_sim_1"}\n')
    assert check(root).ok
    assert check(root, known_ids=()).faults == {"missing": 1}
    assert check(root, known_ids={"13_X_sim_1"}).ok


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
