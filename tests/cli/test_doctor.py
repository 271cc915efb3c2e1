"""`audioflan doctor`: what is there, and what does not work."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

import pytest

from audioflan_tasks.cli import doctor
from audioflan_tasks.cli.doctor import print_diagnosis
from audioflan_tasks.config import settings


@pytest.mark.slow
def test_a_working_set_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert print_diagnosis(as_json=False) == 0
    out = capsys.readouterr().out
    assert f"numpy                   {metadata.version('numpy')}" in out
    assert "(the demo)" in out
    assert out.splitlines()[-1] == "nothing is wrong"
    assert all(len(line) <= 100 for line in out.splitlines())


def test_faults_are_named_and_the_rest_is_still_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "data_dir", tmp_path / "gone")
    monkeypatch.setattr(settings, "tokenizer", "encodek")
    monkeypatch.setattr(doctor, "_PACKAGES", ("numpy", "no-such-package"))
    assert print_diagnosis(as_json=True) == 1
    sections = json.loads(capsys.readouterr().out)
    assert "gone" in sections["corpus"]["problem"]["problem"]
    assert "did you mean encodec" in sections["tokenizer"]["problem"]["problem"]
    assert sections["packages"]["no-such-package"]["problem"] == "pip install no-such-package"
    assert sections["settings"]["tokenizer"]["value"] == "encodek (set in code)"
    assert sections["licences"]["code"]["value"] == "Apache-2.0"


def test_extras_are_those_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    print_diagnosis(as_json=True)
    extras = json.loads(capsys.readouterr().out)["extras"]
    declared = metadata.metadata("audioflan_tasks").get_all("Provides-Extra") or []
    assert {*extras, "dev"} == set(declared)
    for extra, finding in extras.items():
        assert finding["value"] == "installed" or f"[{extra}]'" in finding["value"]
