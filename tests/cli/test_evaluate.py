"""`audioflan evaluate`: what a command line names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audioflan_tasks.cli.evaluate import measured_names
from audioflan_tasks.errors import SettingsError
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("names", "tasks", "expected"),
    [
        (("", "random", ""), "", ("random", "audioflan_unseen", "")),
        (("", "random", "music"), "", ("random", "music", "")),
        (("", "random", "music"), "a,b", ("random", "music", "a,b")),
        # As users of lm-evaluation-harness write it.
        (("random", "", ""), "", ("random", "audioflan_unseen", "")),
        (("random", "music", ""), "a", ("random", "music", "a")),
        (("random", "", ""), "audioflan_seen", ("random", "audioflan_seen", "")),
        (("random", "", ""), "a,b", ("random", "audioflan_all", "a,b")),
    ],
)
def test_model_mixture_and_tasks(
    names: tuple[str, ...], tasks: str, expected: tuple[str, str, str]
) -> None:
    assert measured_names(list(names), tasks) == expected


def test_no_model_and_two() -> None:
    with pytest.raises(SettingsError, match="which model"):
        measured_names(["", "", ""], "music")
    with pytest.raises(SettingsError, match="two models, random and oracle"):
        measured_names(["random", "oracle", "music"], "")


@pytest.mark.slow
def test_a_command_line_of_the_harness(run: Run, quick_tokens: None, tmp_path: Path) -> None:
    printed = run(
        "evaluate", "--model", "random", "--tasks", "key_detection", "--limit", "3",
        "--batch_size", "2", "--num_fewshot", "0", "--output_path", tmp_path / "run",
        "--baselines", "random", "--proof-of-hearing", "0",
    )  # fmt: skip
    assert "wrote" in printed
    results = json.loads((tmp_path / "run" / "results.json").read_text(encoding="utf-8"))
    assert [task["task"] for task in results["tasks"]] == ["audioflan_key_detection"]


@pytest.mark.slow
def test_the_report_of_a_paper(run: Run, quick_tokens: None, tmp_path: Path) -> None:
    task = "key_detection"
    run("evaluate", "random", task, "--limit", "4", "--out", tmp_path, "--proof-of-hearing", "0",
        "--report", "paper", "--trained-on", f"audioflan_{task}@train")  # fmt: skip
    text = (tmp_path / "paper.md").read_text(encoding="utf-8")
    for line in (
        "headline: ", "worst case, failed tasks as 0: ", "## Limits", "width (task, fam",
        f"audioflan_{task}@train against {task}@test, digest ", "to be stated",
        " clips heard, ", "not found: copies of audio whose speed was changed",
    ):  # fmt: skip
        assert line in text
    (row,) = [line for line in text.splitlines() if line.startswith(f"| {task} ")]
    assert row.count("|") == 10
    assert "templates: 1 draw " in text  # a baseline asks nothing again
    # What the training mixture holds out says the width.
    run("evaluate", "random", task, "--limit", "4", "--out", tmp_path / "2", "--proof-of-hearing",
        "0", "--report", "paper", "--trained-on", "audioflan_seen@train")  # fmt: skip
    text = (tmp_path / "2" / "paper.md").read_text(encoding="utf-8")
    assert "width (task, family or major): family" in text
    run("evaluate", "random", task, "--out", tmp_path, "--trained-on", "x", status=2)
