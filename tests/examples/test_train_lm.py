"""The training example: killed in the middle and started again, it ends with the same weights."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from audioflan_tasks.config import settings

pytest.importorskip("torch")

pytestmark = [pytest.mark.slow, pytest.mark.full]

SCRIPT = Path(__file__).parents[2] / "examples" / "train_lm.py"
SMALL = [
    "--steps", "8", "--every", "2", "--rows", "2", "--length", "512", "--width", "16",
    "--layers", "1", "--heads", "2", "--tasks", "key_detection", "gender_recognition",
]  # fmt: skip


def started(folder: Path, *options: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ, "AUDIOFLAN_CACHE_DIR": str(settings.cache_dir), "CUDA_VISIBLE_DEVICES": "",
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), "--out", str(folder), *SMALL, *options],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def test_killed_and_resumed_equals_uninterrupted(tmp_path: Path) -> None:
    import torch

    whole, killed = tmp_path / "whole", tmp_path / "killed"
    process = started(whole, "--limit", "1")
    output, _ = process.communicate()
    assert process.returncode == 0
    process = started(killed, "--limit", "0")
    assert process.stdout is not None
    # The checkpoint of step 2 is written when that of step 4 is told of.
    assert any(line.startswith("step 4 ") for line in process.stdout)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    process = started(killed, "--limit", "0")
    resumed, _ = process.communicate()
    assert "from step 2" in resumed or "from step 4" in resumed
    states = [torch.load(folder / "checkpoint.pt", weights_only=True) for folder in (whole, killed)]
    for name, weights in states[0]["model"].items():
        assert torch.equal(weights, states[1]["model"][name]), name
    assert states[0]["data"] == states[1]["data"]
    logs = [(folder / "losses.jsonl").read_text() for folder in (whole, killed)]
    assert logs[0] == logs[1]
    lines = [json.loads(line) for line in logs[0].splitlines()]
    assert [line["step"] for line in lines] == [2, 4, 6, 8]
    assert set(lines[0]["domains"]) == {"music", "speech"}
    assert lines[-1]["all"] < lines[0]["all"]
    assert "key_detection" in output
    assert (whole / "evaluation" / "report.md").exists()
