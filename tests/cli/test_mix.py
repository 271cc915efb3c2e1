"""`audioflan mix` in this process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from audioflan_tasks.cli import main
from audioflan_tasks.corpus import open_corpus

Run = Callable[..., str]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], quick_tokens: None
) -> Run:
    """Runs a command line; what it printed, on standard error where it failed with status 2."""

    def run_main(*arguments: str, status: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["audioflan", "mix", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        printed = capsys.readouterr()
        assert (caught.value.code or 0) == status, printed.err
        return printed.err if status == 2 else printed.out

    return run_main


def test_report(run: Run, tmp_path: Path) -> None:
    page, picture = tmp_path / "r.html", tmp_path / "r.png"
    shown = run(
        "audioflan_all", "--simulate", "paper", "--steps", "10000000", "--html", str(page),
        "--png", str(picture),
    )  # fmt: skip
    lines = [line.split("\t") for line in shown.splitlines()]
    domains = {cells[1]: cells[5] for cells in lines if cells[0] == "domain"}
    assert domains == {"speech": "64.72 %", "music": "17.31 %", "audio": "17.97 %"}
    assert page.exists()
    assert picture.exists()
    data = json.loads(run("audioflan_music", "--json", "--lengths", "--split", "test"))
    first = data["levels"]["task"][0]
    assert 0 < first["tokens"] < 1
    assert first["hours"] > 0


def test_diff_and_where(run: Run) -> None:
    shown = run(
        "diff", "audioflan_all_size", "audioflan_all_domain_balanced", "--simulate", "paper"
    )
    assert "domain\tmusic\t2.00 %\t33.33 %\t31.33 %" in shown
    assert len(run("diff", "audioflan_all", "audioflan_all_temperature").splitlines()) == 1
    lines = run("where", "audioflan_music", "1_000_000-1000002", "--seed", "3").splitlines()
    assert len(lines) == 4
    step, task, epoch, row, uuid, record = lines[2].split("\t")
    assert (step, int(epoch) > 100) == ("1000001", True)
    instance = open_corpus().instance(task, "train", int(row))
    assert (instance.uuid, instance.where) == (uuid, record)
    assert lines[1:] == [
        run("where", "audioflan_music", str(1_000_000 + i), "--seed", "3").splitlines()[1]
        for i in range(3)
    ]


def test_lint_lock_and_files_of_others(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('select = ["Speech Enhancement"]\npolicy = "equal"\n')
    assert "declipping is held out" in run("lint", str(path))
    locked = tmp_path / "mine.lock.json"
    assert "wrote" in run("lock", str(path), "--out", str(locked))
    where = ("40", "--seed", "1")
    assert run("where", str(locked), *where) == run("where", str(path), *where)
    assert "locked for split" in run("where", str(locked), *where, "--split", "test", status=2)
    path.write_text('select = ["Speach Enhancement"]\n')
    assert "did you mean Speech Enhancement" in run("lint", str(path), status=1)
    foreign = tmp_path / "levanter.json"
    foreign.write_text('{"train_weights": {"denoising": 0.25, "key_detection": 0.75}}')
    shown = run(str(foreign), "--format", "levanter", "--simulate", "paper")
    assert "task\tkey_detection\t" in shown
    assert "75.00 %" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("audioflan_al",), "did you mean audioflan_all"),
        (("diff", "audioflan_all"), "mix diff: expected A B"),
        (("where", "audioflan_all", "x"), "expected a number"),
        (("audioflan_all", "--simulate", "papper"), "did you mean paper"),
    ],
)
def test_errors_are_one_line(run: Run, arguments: tuple[str, ...], words: str) -> None:
    message = run(*arguments, status=2)
    assert words in message
    assert "Traceback" not in message
