"""The table of hand-made pairs, and the line of a model that judges them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.server import serving

SCRIPT = Path(__file__).parents[2] / "scripts" / "pair_table.py"


def run(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


@pytest.mark.slow
def test_the_page_is_up_to_date() -> None:
    done = run("--check")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_model_that_accepts_everything_finds_what_facts_tell(tmp_path: Path) -> None:
    def accept(prompt: str, sounds: Any) -> str:
        ids = [int(number) for number in re.findall(r'^\{"id": (\d+)', prompt, re.MULTILINE)]
        return json.dumps({"verdicts": [{"id": n, "difference": "", "same": True} for n in ids]})

    with serving(accept) as server:
        done = run("--endpoint", server.url, "--model", "kind", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    line = done.stdout.splitlines()[-1]
    found, refused = (int(n) for n in re.findall(r"(\d+) of", line))
    assert "| rules for facts, kind |" in line and 0 < found < 65 and refused < 9


def test_a_model_needs_an_endpoint() -> None:
    assert "needs --endpoint and --out" in run("--model", "x").stderr
