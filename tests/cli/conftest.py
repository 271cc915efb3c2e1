"""`main()` with a command line, in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from audioflan_tasks.cli import main
from audioflan_tasks.config import settings

Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs a command line; its output, or its errors where it failed with status 2."""
    monkeypatch.setattr(settings, "cache_dir", tmp_path / "cache")

    def run_main(*arguments: object, status: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["audioflan", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_info:
            main()
        printed = capsys.readouterr()
        assert (exit_info.value.code or 0) == status, printed.err
        return printed.err if status == 2 else printed.out

    return run_main
