"""`audioflan build`, `verify` and `store` as a user calls them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from audioflan_tasks.cli.app import app
from audioflan_tasks.store import Store
from tests.store.conftest import make_tree

runner = CliRunner()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tree(tmp_path_factory.mktemp("tree"), most=1)


def call(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "audioflan_tasks.cli", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])


@pytest.mark.slow
def test_build_verify_info_and_repair(tree: Path, tmp_path: Path) -> None:
    out = tmp_path / "store"
    done = call("build", tree, "--out", out, "--codebooks", 4, "--workers", 2)
    assert done.returncode == 0, done.stderr
    assert "rows from" in done.stdout and "codes:" in done.stdout and "texts:" in done.stdout
    # A build that takes less than half a minute says nothing in a log.
    assert not done.stderr
    assert Store(out).codebook_sizes == (1024,) * 4
    result = runner.invoke(app, ["verify", str(out)])
    assert result.exit_code == 0 and "every checksum and reference is right" in result.stdout
    info = json.loads(runner.invoke(app, ["store", "info", str(out), "--json"]).stdout)
    assert info["source"] == str(tree)
    assert sum(info["rows"].values()) > 20 and info["bytes"]["codes"] > 1000
    codes = next(iter(sorted(out.glob("codes/*/*/*.index.npy"))))
    codes.write_bytes(codes.read_bytes()[:-7])
    result = runner.invoke(app, ["verify", str(out), "--workers", "1"])
    assert result.exit_code == 1
    assert ".index.npy is missing or has changed" in result.stdout and "--repair" in result.stdout
    result = runner.invoke(app, ["verify", str(out), "--repair", "--workers", "1"])
    assert result.exit_code == 0 and "1 faults mended" in result.stdout


@pytest.mark.slow
def test_json_summary_and_diff(tree: Path, tmp_path: Path) -> None:
    for name, text in (("a", "bytes"), ("b", "none")):
        options = ["--out", str(tmp_path / name), "--text", text, "--tokenizer", "none", "--json"]
        result = runner.invoke(app, ["build", str(tree), *options, "--workers", "1"])
        assert result.exit_code == 0
        summary = json.loads(result.stdout)
        assert summary["rows"] == summary["records"] > 20
    result = runner.invoke(app, ["store", "diff", str(tmp_path / "a"), str(tmp_path / "b")])
    assert (result.exit_code, result.stdout.strip()) == (1, "- texts bytes")
    result = runner.invoke(app, ["store", "diff", str(tmp_path / "a"), str(tmp_path / "a")])
    assert (result.exit_code, result.stdout.strip()) == (0, "no difference")


@pytest.mark.slow
def test_errors_are_one_line_without_traceback(tree: Path, tmp_path: Path) -> None:
    done = call("build", tmp_path / "nowhere", "--out", tmp_path / "store")
    assert done.returncode == 2 or done.returncode == 1
    assert "no such file or folder" in done.stderr and "Traceback" not in done.stderr
    done = call("verify", tmp_path)
    assert "no finished store" in done.stderr and "Traceback" not in done.stderr
    done = call("build", tree, "--demo", "--out", tmp_path / "store")
    assert "either a root or --demo" in done.stderr
