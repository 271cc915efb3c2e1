"""Progress in a log: lines at their time, with count, rate and what is left."""

from __future__ import annotations

import io
import threading

import pytest

from audioflan_tasks.cli import progress
from audioflan_tasks.cli.progress import LogLines, progress_display


def lines_of(states: list[tuple[float, str, int, int | None, str]]) -> list[str]:
    """The line after each state (time, stage, done, total, note)."""
    stream = io.StringIO()
    now = 0.0
    lines = LogLines(stream, lambda: now)
    for time_s, *state in states:
        now = time_s
        lines.update(*state)  # type: ignore[arg-type]
        lines.write()
    return stream.getvalue().splitlines()


def test_a_line_says_how_far_and_how_long() -> None:
    assert lines_of([
        (0.0, "codes", 0, 4000, ""),
        (30.0, "codes", 1000, 4000, "2,000 s audio"),
        (600.0, "codes", 2000, 40_000, ""),
        (630.0, "texts", 10, None, ""),
    ]) == [
        "codes: 0 of 4,000 (0 %), 0 s",
        "codes: 1,000 of 4,000 (25 %), 2,000 s audio, 30 s, about 90 s left",
        "codes: 2,000 of 40,000 (5 %), 600 s, about 190 min left",
        "texts: 10, 0 s",
    ]  # fmt: skip


def test_a_resumed_stage_is_not_taken_for_a_fast_one() -> None:
    last = lines_of([(0.0, "codes", 900, 1000, ""), (50.0, "codes", 950, 1000, "")])[-1]
    assert last == "codes: 950 of 1,000 (95 %), 50 s, about 50 s left"


def test_work_in_which_nothing_moves_is_not_silent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "LOG_SECONDS", 0.01)
    written = threading.Event()
    write = LogLines.write

    def write_and_say(lines: LogLines) -> None:
        write(lines)
        written.set()

    monkeypatch.setattr(LogLines, "write", write_and_say)
    with progress_display() as display:
        display.update("reading the corpus", 0)
        written.clear()
        assert written.wait(60)
    captured = capsys.readouterr()
    assert captured.err.startswith("reading the corpus: 0 s")
    assert not captured.out


def test_short_work_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_display() as display:
        display.update("files", 1, 1)
    assert capsys.readouterr() == ("", "")
