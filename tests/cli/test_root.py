"""What holds for all commands: help, version, the spelling of options."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import audioflan_tasks
from audioflan_tasks.cli.root import option_word
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
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
        ("batch_size", "batch-size"),
        ("log_samples", "log-samples"), ("output_path", "out"), ("output-path", "out"),
        ("tasks", "tasks"),
    ],
)  # fmt: skip
def test_options_of_the_harness(harness: str, ours: str) -> None:
    assert option_word(harness) == ours


@pytest.mark.slow
def test_an_old_spelling_is_refused_with_the_next(run: Run) -> None:
    message = run("evaluate", "random", "--num_fewshots", "1", status=2)
    assert "--num-fewshot" in message
    assert "No such option: --jobs" in run("build", "--jobs", "2", status=2)


def test_a_file_that_cannot_be_written_is_named_in_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    page = tmp_path / "file" / "page.html"
    message = run("mix", "report", "audioflan_all", "--sizes", "paper", "--html", page, status=2)
    assert str(page.parent) in message
    assert message.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("audioflan que", ["questions"]),
        ("audioflan show key_", ["key_comparison", "key_detection"]),
        ("audioflan mix report audioflan_all_s", ["audioflan_all_size"]),
        ("audioflan preview audioflan_unse", ["audioflan_unseen"]),
    ],
)
def test_the_shell_completes_commands_tasks_and_mixtures(words: str, expected: list[str]) -> None:
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "_AUDIOFLAN_COMPLETE": "complete_bash",
        "COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")),
    }  # fmt: skip
    code = "from audioflan_tasks.cli import main; main()"
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    assert sorted(process.stdout.split()) == expected, process.stderr
