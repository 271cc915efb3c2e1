"""What holds for all commands: help, version, the spelling of options."""

from __future__ import annotations

from pathlib import Path

import pytest

import audioflan_tasks
from audioflan_tasks.cli.root import option_word
from tests.cli.conftest import Run


@pytest.mark.parametrize("command", [(), ("tasks",), ("mix",), ("mix", "where"), ("store", "diff")])
def test_short_and_long_help_are_the_same(run: Run, command: tuple[str, ...]) -> None:
    assert run(*command, "-h") == run(*command, "--help")
    assert run(*command, "-h").startswith(" ".join(["Usage: audioflan", *command]))


def test_version(run: Run) -> None:
    assert run("--version") == f"audioflan_tasks {audioflan_tasks.__version__}\n"


def test_brackets_in_a_help_text_are_kept(run: Run) -> None:
    assert "A .npy file of ids, [n] or [batch, n]." in run("decode", "-h")


@pytest.mark.parametrize(
    ("harness", "ours"),
    [
        ("model_args", "model-args"), ("num_fewshot", "num-fewshot"),
        ("batch_size", "batch-size"), ("bootstrap_iters", "bootstrap-iters"),
        ("log_samples", "log-samples"), ("output_path", "out"), ("output-path", "out"),
        ("tasks", "tasks"),
    ],
)  # fmt: skip
def test_options_of_the_harness(harness: str, ours: str) -> None:
    assert option_word(harness) == ours


def test_an_old_spelling_is_refused_with_the_next(run: Run) -> None:
    message = run("evaluate", "random", "--num_fewshots", "1", status=2)
    assert "--num-fewshot" in message
    assert "No such option: --jobs" in run("build", "--jobs", "2", status=2)


def test_a_file_that_cannot_be_written_is_named_in_one_line(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "missing" / "page.html"
    message = run("mix", "report", "audioflan_all", "--sizes", "paper", "--html", page, status=2)
    assert str(page) in message
    assert message.count("\n") == 1
