"""`main()` with a command line, in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from audioflan_tasks.cli import main
from audioflan_tasks.config import settings

Run = Callable[..., str]
End = Callable[..., tuple[int, str, str]]


@pytest.fixture
def end(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> End:
    """Runs a command line; its status, output and errors."""
    monkeypatch.setattr(settings, "cache_dir", tmp_path / "cache")

    def run_main(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["audioflan", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_info:
            main()
        printed = capsys.readouterr()
        return int(exit_info.value.code or 0), printed.out, printed.err

    return run_main


@pytest.fixture
def run(end: End) -> Run:
    """Runs a command line; its output, or its errors where it failed with status 2."""

    def run_main(*arguments: object, status: int = 0) -> str:
        actual_status, out, errors = end(*arguments)
        assert actual_status == status, errors
        return errors if status == 2 else out

    return run_main
