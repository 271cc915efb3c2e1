"""Settings from the environment and from code."""

from __future__ import annotations

from pathlib import Path

import pytest

from audioflan_tasks import settings as shared
from audioflan_tasks.config import Settings, _settings
from audioflan_tasks.errors import SettingsError


def test_the_environment_sets_every_field(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DATA_DIR": "/corpus",
        "CODEBOOKS": "4",
        "LAYOUT": "delay",
        "TOKENIZER_WEIGHTS": "here",
    }.items():
        monkeypatch.setenv(f"AUDIOFLAN_{name}", value)
    made = Settings()
    assert (made.data_dir, made.codebooks, made.layout) == (Path("/corpus"), 4, "delay")
    assert made.tokenizer_weights == "here"


def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIOFLAN_CODEBOOKS", "none")
    with pytest.raises(SettingsError, match="AUDIOFLAN_CODEBOOKS='none'"):
        _settings()


def test_code_is_checked_too() -> None:
    with pytest.raises(SettingsError, match="layout='zigzag'"):
        shared.layout = "zigzag"  # type: ignore[assignment]
    with pytest.raises(SettingsError, match="no 'datadir'; did you mean data_dir"):
        shared.datadir = "/corpus"


def test_a_variable_that_is_no_setting_is_named_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AUDIOFLAN_CODEBOOK", "4")
    monkeypatch.setenv("audioflan_layout", "delay")  # names are read in any case
    assert _settings().layout == "delay"
    (record,) = caplog.records
    assert "AUDIOFLAN_CODEBOOK is no setting; did you mean AUDIOFLAN_CODEBOOKS" in record.message
