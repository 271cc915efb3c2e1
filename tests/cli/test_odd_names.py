"""Names of files that are not UTF-8: said in one line, or used as any other."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import End, Run
from tests.record_faults import good_lines, write_corpus

ODD = os.fsdecode(b"odd\xff")


@pytest.fixture
def odd_corpus(tmp_path: Path) -> Path:
    """A corpus in a folder with such a name."""
    return write_corpus(tmp_path / "even", good_lines(24)).rename(tmp_path / ODD)


@pytest.mark.slow
def test_a_store_keeps_no_such_name(run: Run, odd_corpus: Path, tmp_path: Path) -> None:
    plain = Path(shutil.copytree(odd_corpus, tmp_path / "plain"))
    (plain / f"{ODD}.jsonl").write_bytes(b"{}\n")
    options = ("--tokenizer", "none", "--text", "none")
    for root, out in ((odd_corpus, "a"), (plain, "b"), (plain, f"{ODD}.store")):
        words = run("build", root, "--out", tmp_path / out, *options, status=2)
        assert words.count("\n") == 1 and words.endswith("a name that is not UTF-8; rename it\n")
        assert not (tmp_path / out / "store.json").exists()


def test_questions_lead_to_their_audio(run: Run, odd_corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / f"{ODD}.jsonl"
    options = ("--split", "train", "--limit", "1", "--out", out)
    run("questions", "gender_recognition", "--root", odd_corpus, *options)
    (audio,) = json.loads(out.read_text("utf-8"))["audios"]
    assert (tmp_path / audio).is_file()


def test_an_audit_reads_such_clips(end: End, odd_corpus: Path) -> None:
    status, printed, _ = end("audit", odd_corpus, odd_corpus)
    assert status == 1 and "not clean" in printed


@pytest.mark.slow
def test_a_pipe_is_no_chat_template(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    words = run("chat", "audioflan_all", "--template", tmp_path / "pipe", status=2)
    assert "not a readable chat template (it is a pipe or a device" in words
