"""`audioflan vary` and `audioflan diversity` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audioflan_tasks.cli import main
from audioflan_tasks.cli.vary import _show
from tests.variation.model_server import Rewriter, rewriting

REWRITES = {
    "Recognize the emotion.": ["Please tell me the emotion of the speaker."],
    "Which emotion does the voice express?": [
        "Please tell me which emotion you hear in the voice."
    ],
}


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["audioflan", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


@pytest.mark.slow
def test_records_of_the_demo_are_varied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    with rewriting(Rewriter(REWRITES)) as server:
        words = (
            "vary", "emotion_recognition", "--level", "records", "--endpoint", server.url,
            "--model", "tiny", "--out", str(out), "--limit", "3", "--prices", "1,2",
        )  # fmt: skip
        assert run(monkeypatch, *words) == 0
    printed = capsys.readouterr().out
    assert "accepted of" in printed and "cost: 0.00" in printed
    lines = (out / "records" / "emotion_recognition.jsonl").read_text().splitlines()
    assert all(json.loads(line)["other"]["variation"]["model"] == "tiny" for line in lines)
    assert run(monkeypatch, "diversity", "paper", "--json") == 0
    assert json.loads(capsys.readouterr().out)["pools"][0]["near"] == "1"


@pytest.mark.slow
def test_a_judge_at_another_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judge = Rewriter({}, different=REWRITES["Recognize the emotion."])
    with rewriting(Rewriter(REWRITES)) as server, rewriting(judge) as other:
        words = (
            "vary", "emotion_recognition", "--level", "records", "--endpoint", server.url,
            "--model", "tiny", "--judge-model", "wise", "--judge-endpoint", other.url,
            "--out", str(tmp_path), "--limit", "3", "--attempts", "1",
        )  # fmt: skip
        assert run(monkeypatch, *words) == 0
    printed = capsys.readouterr().out
    assert "broke judge" in printed and "wise: " in printed
    assert judge.prompts and all('"verdicts" is' in prompt for prompt in judge.prompts)
    lines = (tmp_path / "records" / "emotion_recognition.jsonl").read_text().splitlines()
    assert lines and all(json.loads(s)["other"]["variation"]["judge"] == "wise" for s in lines)


def test_a_dry_run_asks_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "vary", "gender_recognition", "--dry-run") == 0
    assert "1. " in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "which tasks?"),
        (("gender_recognition",), "--out FOLDER"),
        (("gender_recognition", "--out", "x"), "which model?"),
        (
            ("gender_recognition", "-o", "x", "--model", "m", "--endpoint", "localhost:8000"),
            "--endpoint 'localhost:8000': expected http://HOST:PORT/v1",
        ),
        (
            (
                "gender_recognition",
                "-o",
                "x",
                "--model",
                "m",
                "--endpoint",
                "http://h/v1",
                "--judge-endpoint",
                "http://h/v1",
            ),
            "--judge-model NAME",
        ),
        (
            (
                "gender_recognition",
                "-o",
                "x",
                "--model",
                "m",
                "--endpoint",
                "http://h/v1",
                "--judge-model",
                "j",
                "--judge-endpoint",
                "h",
            ),
            "--judge-endpoint 'h': expected http://HOST:PORT/v1",
        ),
        (
            (
                "gender_recognition",
                "-o",
                "x",
                "--model",
                "m",
                "--endpoint",
                "http://h/v1",
                "--judge-model",
                "m",
                "--judge-endpoint",
                "http://g/v1",
            ),
            "under another name",
        ),
        (
            (
                "gender_recognition",
                "-o",
                "x",
                "--model",
                "m",
                "--endpoint",
                "http://h/v1",
                "--judge-model",
                "j",
                "--judge-key-env",
                "KEY",
            ),
            "--judge-key-env: only a judge",
        ),
        (
            (
                "gender_recognition",
                "-o",
                "x",
                "--model",
                "m",
                "--endpoint",
                "http://h/v1",
                "--judge-key-env",
                "KEY",
            ),
            "--judge-key-env: which model judges?",
        ),
        (("gender_recognition", "--prices", "1"), "expected IN,OUT"),
        (("no_such_task", "--dry-run"), "no_such_task"),
        (("gender_recognition", "--dry-run", "--languages", "xx"), "xx"),
        (("gender_recognition", "--dry-run", "--level", "records", "--part", "3/2"), "--part"),
        (("gender_recognition", "--dry-run", "--level", "records", "-L", "0.5"), "--limit"),
        (("gender_recognition", "--dry-run", "--prompt", "none.toml"), "none.toml"),
        (("--review",), "which run?"),
        (("--review", "--out", "none"), "none: no queue.jsonl"),
    ],
)
def test_what_is_wrong_is_one_line(
    words: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert run(monkeypatch, "vary", *words) == 2
    printed = capsys.readouterr().err
    assert message in printed and printed.count("\n") == 1


def test_a_long_line_of_a_review_goes_on_below_its_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = "    - " + "word " * 10
    _show(line)
    assert capsys.readouterr().out == line + "\n"
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "27")
    _show(line)
    rows = capsys.readouterr().out.splitlines()
    assert [row.rstrip() for row in rows] == [
        "    - word word word word", "      word word word word", "      word word",
    ]  # fmt: skip
