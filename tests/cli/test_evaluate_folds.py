"""`audioflan evaluate --folds`."""

from __future__ import annotations

from pathlib import Path

import pytest

from audioflan_tasks.cli.evaluate import measured_names
from audioflan_tasks.errors import SettingsError
from tests.cli.conftest import Run


def test_folds_measure_all_tasks_so_no_mixture_is_named() -> None:
    assert measured_names(["", "random", ""], "a,b", "family") == ("random", "", "a,b")
    with pytest.raises(SettingsError, match="measures all tasks; leave music out"):
        measured_names(["", "random", "music"], "", "family")


@pytest.mark.slow
def test_the_command(run: Run, tmp_path: Path) -> None:
    arguments = (
        "--folds", "family", "--tasks", "accent_recognition,genre_classification", "--limit", "2",
        "--baselines", "", "--proof-of-hearing", "0", "--out", tmp_path,
    )  # fmt: skip
    printed = run("evaluate", "oracle", *arguments)
    assert "language_and_accent" in printed and "family: 100" in printed
    assert "expected task, family, major or all" in run(
        "evaluate", "oracle", "--folds", "x", status=2
    )
