"""`audioflan audit CORPUS --shortcuts`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from audioflan_tasks.cli.app import app
from tests.evaluation.test_shortcuts import corpus_of


@pytest.mark.slow
def test_shortcuts_of_a_corpus_as_a_table_and_as_json(tmp_path: Path) -> None:
    corpus_of(tmp_path, told=True)
    root = str(tmp_path / "corpus")
    table = CliRunner().invoke(app, ["audit", root, "--shortcuts", "--no-listen"])
    assert table.exit_code == 0
    (row,) = [
        line for line in table.stdout.splitlines() if line.startswith("gender") and "tells" in line
    ]
    assert "answer of accent_recognition" in row
    assert table.stdout.splitlines()[-1] == (
        "2 tasks with few answers; 2 facts tell more than chance"
    )
    results = CliRunner().invoke(app, ["audit", root, "--shortcuts", "--no-listen", "--json"])
    (best,) = [
        each
        for each in json.loads(results.stdout)
        if each["fact"].startswith("answer of") and each["task"] == "gender_recognition"
    ]
    assert best["accuracy"] == 1.0
    assert best["high"] < 0.7


def test_an_evaluation_is_needed_without_them() -> None:
    result = CliRunner().invoke(app, ["audit", "somewhere"])
    assert result.exit_code == 2
    assert "--shortcuts" in result.output
