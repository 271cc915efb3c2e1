"""The mixing benchmark runs as its page says, on the 80 tasks of the catalogue."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "benchmarks" / "mixing" / "run.py"


@pytest.mark.slow
@pytest.mark.full
def test_the_quick_form_gives_every_figure(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    command = [sys.executable, str(RUN), "--quick", "--folder", str(tmp_path)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=900, check=True)
    rows = [line.split(" | ") for line in finished.stdout.splitlines() if " | " in line]
    cells = {row[0].strip("| "): row[1:] for row in rows}
    assert set(cells) > {"pretok", "af.batches", "TorchBatches", "TorchLoader"}
    for name in ("pretok", "TorchBatches", "TorchLoader"):
        assert all(float(cells[name][n].replace(",", "")) > 0 for n in (0, 2, 3, 4, 5))
    assert "TorchLoader, 2 workers to one process" in finished.stdout


def test_a_name_that_is_no_loader_is_refused() -> None:
    command = [sys.executable, str(RUN), "--only", "nothing"]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert finished.returncode == 2 and "pretok" in finished.stderr
