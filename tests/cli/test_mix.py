"""`audioflan mix` in this process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audioflan_tasks.corpus import open_corpus
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("quick_tokens")


@pytest.mark.slow
def test_report(run: Run, tmp_path: Path) -> None:
    page, picture = tmp_path / "r.html", tmp_path / "r.png"
    printed = run(
        "mix", "report", "audioflan_all", "--sizes", "paper", "--steps", "10000000",
        "--html", str(page), "--png", str(picture),
    )  # fmt: skip
    lines = [line.split("\t") for line in printed.splitlines()]
    domains = {cells[1]: cells[5] for cells in lines if cells[0] == "domain"}
    assert domains == {"speech": "64.72 %", "music": "17.31 %", "audio": "17.97 %"}
    assert page.exists()
    assert picture.exists()
    data = json.loads(
        run("mix", "report", "audioflan_music", "--json", "--lengths", "--split", "test")
    )
    first = data["levels"]["task"][0]
    assert 0 < first["tokens"] < 1
    assert first["hours"] > 0
    assert set(data["own_words"]) == {"melody_extraction"}


@pytest.mark.slow
def test_diff_and_where(run: Run) -> None:
    printed = run(
        "mix", "diff", "audioflan_all_size", "audioflan_all_domain_balanced", "--sizes", "paper"
    )
    assert "domain\tmusic\t2.00 %\t33.33 %\t31.33 %" in printed
    assert len(run("mix", "diff", "audioflan_all", "audioflan_all_temperature").splitlines()) == 1
    lines = run("mix", "where", "audioflan_music", "1_000_000-1000002", "--seed", "3").splitlines()
    assert len(lines) == 4
    step, task, epoch, row, uuid, record = lines[2].split("\t")
    assert (step, int(epoch) > 100) == ("1000001", True)
    instance = open_corpus().instance(task, "train", int(row))
    assert (instance.uuid, instance.where) == (uuid, record)
    assert lines[1:] == [
        run("mix", "where", "audioflan_music", str(1_000_000 + i), "--seed", "3").splitlines()[1]
        for i in range(3)
    ]


@pytest.mark.slow
def test_lint_lock_and_files_of_others(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('select = ["Speech Enhancement", "key_detection"]\npolicy = "equal"\n')
    assert "declipping is held out" in run("mix", "lint", str(path))
    locked = tmp_path / "mine.lock.json"
    assert "wrote" in run("mix", "lock", str(path), "--out", str(locked))
    where = ("40", "--seed", "1")
    assert run("mix", "where", str(locked), *where) == run("mix", "where", str(path), *where)
    assert "locked for split" in run(
        "mix", "where", str(locked), *where, "--split", "test", status=2
    )
    path.write_text('select = ["Speach Enhancement"]\n')
    assert "did you mean Speech Enhancement" in run("mix", "lint", str(path), status=1)
    foreign = tmp_path / "levanter.json"
    foreign.write_text('{"train_weights": {"denoising": 0.25, "key_detection": 0.75}}')
    printed = run("mix", "report", str(foreign), "--format", "levanter", "--sizes", "paper")
    assert "task\tkey_detection\t" in printed
    assert "75.00 %" in printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("report", "audioflan_al"), "did you mean audioflan_all"),
        (("diff", "audioflan_all"), "Missing argument 'OTHER'"),
        (("where", "audioflan_all", "x"), "expected a number"),
        (("report", "audioflan_all", "--sizes", "papper"), "not one of 'corpus', 'paper'"),
        (("audioflan_all",), "No such command 'audioflan_all'"),
    ],
)
def test_errors_say_what_was_expected(run: Run, arguments: tuple[str, ...], words: str) -> None:
    message = run("mix", *arguments, status=2)
    assert words in message
    assert "Traceback" not in message


@pytest.mark.slow
def test_text_tasks_of_a_mixture_file(run: Run, tmp_path: Path) -> None:
    lines = [json.dumps({"input": f"{n}?", "output": f"{n}!"}) for n in range(9)]
    (tmp_path / "text.jsonl").write_text("\n".join(lines), encoding="utf-8")
    mix = tmp_path / "mine.toml"
    mix.write_text(
        "weights = { key_detection = 1, words_of_a_file = 2 }\n"
        '[text_tasks]\nwords_of_a_file = { test = "text.jsonl" }\n',
        encoding="utf-8",
    )
    report = json.loads(run("mix", "report", mix, "--split", "test", "--json", "--steps", "300"))
    (line,) = (row for row in report["levels"]["task"] if row["name"] == "words_of_a_file")
    assert (line["instances"], round(line["share"], 6)) == (9, 0.666667)
    places = run("mix", "where", mix, "0-5", "--split", "test")
    assert f"{tmp_path}/text.jsonl:" in places
    assert "words_of_a_file" in run("preview", mix, "--split", "test")
    assert "words_of_a_file" not in run("mix", "lint", mix, "--split", "test")
    lock = tmp_path / "mine.lock.json"
    run("mix", "lock", mix, "--split", "test", "--out", lock)
    assert run("mix", "where", lock, "0-5", "--split", "test") == places


@pytest.mark.slow
def test_a_module_is_imported_first(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    module = tmp_path / "tasks_of_this_test.py"
    module.write_text("print('imported')\n", encoding="utf-8")
    assert run("--module-import", "tasks_of_this_test", "tasks").startswith("imported\n")
    assert "no_such_tasks" in run("--module_import", "no_such_tasks", "tasks", status=2)
