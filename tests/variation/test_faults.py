"""Broken replies, pools and runs: one objection or one line, never a traceback."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks.errors import AudioFlanError, SettingsError
from audioflan_tasks.variation.asking import ModelReply, ReplyLog
from audioflan_tasks.variation.diversity import quality, read_pools
from audioflan_tasks.variation.fidelity import JudgedPair, read_judgements
from audioflan_tasks.variation.records import RecordBatch
from audioflan_tasks.variation.replies import ReplyError, read_reply, read_wordings
from audioflan_tasks.variation.run import read_report, vary_records
from audioflan_tasks.variation.run_files import QueuedRewrite, Review, read_lines
from tests.audio_faults import mutated
from tests.kinds import first_of
from tests.variation.model_server import Rewriter, asker, rewriting
from tests.variation.test_vary import GENDER, gender

REPLY = json.dumps({"rewrites": [{"id": n, "instruction": f"Say {n}."} for n in (1, 2)]}).encode()
WORDINGS = json.dumps({"labels": {"audio": ["clip: "]}, "lead_ins": ["It is "]}).encode()
_WORDS = (
    b"null", b"[]", b"{}", b"1e999", b"NaN", b"true", b"1" * 5000, b"[" * 3000, b'"\\ud800"', b"-",
    b'"x"', b"\0", b"\xff",
)  # fmt: skip


def faulty(draw: random.Random, data: bytes, number: int) -> bytes:
    """A file or reply with one fault: of bytes, or a value of another kind."""
    if number % 2:
        return mutated(draw, data, number // 2)
    places = [n for n, byte in enumerate(data) if byte in b'[{":=,']
    begin = draw.choice(places) + 1
    return data[:begin] + draw.choice(_WORDS) + data[begin + draw.randrange(12) :]


@pytest.mark.parametrize("count", first_of(600, 20_000))
def test_a_reply_is_read_or_objected_to(count: int) -> None:
    draw, read = random.Random(count), 0
    for number in range(count):
        text = faulty(draw, REPLY, number).decode("utf-8", "replace")
        try:
            rewrites = read_reply(text, (1, 2), ("instruction",))
            read += 1
            assert list(rewrites) == [1, 2]
            assert all(fields["instruction"].encode() for fields in rewrites.values())
        except ReplyError as error:
            assert len(str(error.objection)) < 400
        text = faulty(draw, WORDINGS, number).decode("utf-8", "replace")
        try:
            assert json.dumps(read_wordings(text, ("audio",)), ensure_ascii=False).encode()
        except ReplyError as error:
            assert len(str(error.objection)) < 400
    assert 0 < read < count // 2


def test_half_a_surrogate_pair_is_no_rewrite(tmp_path: Path) -> None:
    def broken(items: list[dict[str, object]]) -> object:
        return json.dumps({"rewrites": [{**item, "instruction": "a \ud800"} for item in items]})

    with rewriting(Rewriter({}, [broken] * 2)) as server:
        source = asker(server, tmp_path)
        report = vary_records([RecordBatch(GENDER, [gender()], source)], tmp_path, [source])
    assert report.total.queued_count == 1 and report.total.rules["json"] == 2


def pools_folder(folder: Path) -> Path:
    (folder / "pools" / "zh").mkdir(parents=True)
    pool = (
        f'task = "{GENDER.id}"\norigin = {{ seed = "a", model = "m", prompt = "p", date = "d" }}\n'
        '[[instruction]]\nask = "Is it a man?"\nmood = "question"\n[inputs]\naudio = ["clip: "]\n'
        '[answer]\nlead_ins = ["It is "]\n'
    )
    chinese = pool.replace("Is it a man", "请问说话人是男人吗")
    (folder / "pools" / f"{GENDER.id}.toml").write_text(pool)
    (folder / "pools" / "zh" / f"{GENDER.id}.toml").write_text(chinese)
    counts = {"attempts": 3, "accepted": 2, "queued": 1, "rules": {"json": 1}}
    report = {"prompt": "p", "tokens": {"m": [1, 2]}, "tasks": {GENDER.id: counts}}
    (folder / "report.json").write_text(json.dumps(report))
    return folder


@pytest.mark.parametrize("count", first_of(120, 2000))
def test_broken_pools_are_named(tmp_path: Path, count: int) -> None:
    folder = pools_folder(tmp_path)
    draw, refused = random.Random(count), 0
    whole = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for number in range(count):
        path = draw.choice(sorted(whole))
        path.write_bytes(faulty(draw, whole[path], number))
        try:
            assert all(quality(pool).count for pool in read_pools(str(folder)))
            read_report(folder)
        except SettingsError as error:
            refused += 1
            assert str(path) in str(error) and "\n" not in str(error), error
        path.write_bytes(whole[path])
    assert refused > count // 2


@pytest.mark.parametrize("count", first_of(120, 2000))
def test_broken_lines_are_named(tmp_path: Path, count: int) -> None:
    """Files of a run that people edit, and its log of replies."""
    lines: dict[Any, dict[str, Any]] = {
        QueuedRewrite: {"key": "k", "task": "t", "language": "en", "original": "o", "rewrite": "r"},
        Review: {"key": "k", "text": "t", "reviewer": "r", "date": "d"},
        JudgedPair: {"task": GENDER.id, "original": "o", "rewrite": "r", "faithful": True},
        ModelReply: {"key": "k", "model": "m", "text": "t", "date": "d"},
    }
    draw, path, refused = random.Random(count), tmp_path / "lines.jsonl", 0
    for number in range(count):
        kind, fields = list(lines.items())[number % 4]
        line = json.dumps(fields).encode()
        path.write_bytes(line + b"\n" + faulty(draw, line, number).replace(b"\n", b" ") + b"\n")
        try:
            if kind is JudgedPair:
                read_judgements(path)
            elif kind is ModelReply:
                ReplyLog(path, lambda: "today")
            else:
                assert len(read_lines(path, kind)) == 2
        except AudioFlanError as error:
            refused += 1
            assert str(path) in str(error) and "\n" not in str(error)
    assert refused > count // 3
