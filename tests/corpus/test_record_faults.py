"""No line costs more than itself: what goes in comes out as rows or is counted, by kind."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import audioflan_tasks as af
from audioflan_tasks.audio.check import check
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.engine.stream import Stream
from audioflan_tasks.errors import RecordError
from audioflan_tasks.evaluation.prompt import reference_of
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.records.parse import LineParser
from audioflan_tasks.records.repairs import ProblemKind
from audioflan_tasks.store import Summary, build_store
from tests.conftest import maker_of
from tests.kinds import first_of
from tests.record_faults import CLIPS, MUTATIONS, faulty_lines, good_lines, write_corpus

ASR = {
    "instruction": "Transcribe.", "input": "<|SOA|><AUDIO><|EOA|>", "output": "good day",
    "uuid": "m1", "split": ["train"], "domain": "speech", "source": ["x"], "other": None,
    "task_type": {"major": ["Speech Recognition"], "minor": ["Automatic Speech Recognition"],
                  "U/G": ["understanding"], "unseen": False},
    "audio_path": "clip_0.wav",
}  # fmt: skip


def build(root: Path, out: Path, policy: Any = "skip") -> Summary:
    """A store of a corpus with the tokenizer that costs nothing, in small units."""
    return build_store(root, out, tokenizer="loudness", policy=policy, part_bytes=200_000)


def has_split(line: bytes) -> bool:
    """Whether a corpus takes the line: a word for a split that nobody knows ends it on purpose."""
    parser = LineParser("x")
    parser.parse(line, 1)
    return not parser.ledger.problems[ProblemKind.SPLIT_UNKNOWN]


def lines_of(*records: dict[str, Any]) -> list[bytes]:
    return [json.dumps(record).encode() for record in records]


@pytest.mark.slow
@pytest.mark.usefixtures("quick_tokens")
@pytest.mark.parametrize("count", first_of(405, 20_000))
def test_every_line_is_a_row_or_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(settings, "missing_audio", "skip")
    assert len(MUTATIONS) >= 26
    faulty = [line for line in faulty_lines(count, seed=count) if line.strip()]
    lines = [line for line in (*faulty, *good_lines(60)) if has_split(line)]
    assert count - len(lines) < count // 50
    root = write_corpus(tmp_path / "corpus", lines)

    report = check(root)
    assert report.records + report.skipped == len(lines)
    assert not report.ok and len(report.ledger.problems) >= 7
    json.dumps(report.as_dict(), ensure_ascii=False).encode()

    summary = build(root, tmp_path / "store")
    assert summary.rows + summary.quarantined == len(lines)
    assert summary.records == report.records and summary.problems == report.ledger.problems
    kinds = Counter(
        json.loads(line)["kind"]
        for line in (tmp_path / "store" / "quarantine.jsonl").read_bytes().splitlines()
    )
    assert kinds["task_unknown"] == summary.unknown
    audio_faults = kinds["missing_audio"] + kinds["unreadable_audio"]
    assert audio_faults + summary.unknown + summary.problems.total() == summary.quarantined

    corpus = Corpus(root)
    maker, rows, examples = maker_of(corpus), 0, 0
    for split in ("train", "validation", "test"):
        for task, size in corpus.sizes(split).items():
            for row in range(size):
                example = maker.example(corpus.instance(task, split, row), 0)
                rows, examples = rows + 1, examples + (example is not None)
    assert rows + summary.unknown == report.records
    assert examples + maker.skipped.total() == rows
    # A span in the text of a task that reads no audio is left out of the pool's words.
    assert summary.rows <= examples <= 1.02 * summary.rows

    stored = Corpus(tmp_path / "store")
    tasks = sorted(stored.sizes("train"))
    for mode in ("pool", "keep"):
        options = ExampleOptions(tokenizer="loudness", instructions=mode)
        stream = Stream(af.mixture(*tasks), stored, seed=1, options=options)
        taken = stream.examples(np.arange(200))
        # A store has no rows without audio, and a stream none that its store left out.
        assert all(t.example is not None for t in taken)
        assert all(t.example.provenance["task"] == stream.tasks[t.task] for t in taken if t.example)


CASES = {
    "a time of hundreds of digits": (
        {**ASR, "audio_start": 10**400}, ProblemKind.AUDIO_RANGE, "audio_start inf"),
    "nesting": ({**ASR, "other": json.loads("[" * 900 + "]" * 900)}, ProblemKind.TOO_DEEP, "64"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_bad_line_among_good_ones(tmp_path: Path, name: str) -> None:
    record, kind, words = CASES[name]
    root = write_corpus(tmp_path / "corpus", lines_of(ASR, record, ASR))
    report = check(root)
    assert report.records == 2 and report.ledger.problems == {kind: 1}
    (problem,) = report.ledger.problem_examples[kind]
    assert problem.where == "records.jsonl:2" and words in problem.reason
    assert not report.faults


def test_half_a_surrogate_pair_beside_nan(tmp_path: Path) -> None:
    (good,) = lines_of(ASR)
    bad = good[:-1] + rb', "instruction": "q\ud800z", "y": NaN}'
    nan = good[:-1] + rb', "y": NaN, "z": [-Infinity, "NaN"]}'
    report = check(write_corpus(tmp_path / "corpus", [good, bad, nan]))
    assert report.records == 2 and report.ledger.problems == {ProblemKind.BROKEN_JSON: 1}
    assert "half of a surrogate pair" in str(report.lines())


@pytest.mark.parametrize("first", [b"[broken", b"[", b"[]", b"[1, 2]", b"[{", b'["a"'])
def test_a_first_line_with_a_bracket_costs_one_record(tmp_path: Path, first: bytes) -> None:
    root = write_corpus(tmp_path / "corpus", [first, *good_lines(20)])
    report = check(root, audio=False)
    assert report.records == 20 and report.skipped == 1
    assert build_store(root, tmp_path / "store", tokenizer=None, text=None).rows == 20
    assert sum(Corpus(root).sizes("train").values()) == 7


@pytest.mark.parametrize("separator", [b",", b",\n", b"\n,", b" ,\r\n"])
def test_one_broken_element_costs_itself(tmp_path: Path, separator: bytes) -> None:
    root = write_corpus(tmp_path / "corpus", [])
    elements = good_lines(20)
    whole = b"[" + separator.join(elements) + b"]"
    for data, records in ((whole, 20), (whole.replace(b'"u3"', b'"u\\ud800"'), 19)):
        (root / "records.jsonl").write_bytes(data)
        report = check(root, audio=False)
        # A broken array has elements only where each has a line of its own.
        if b"\n" in separator or records == 20:
            assert report.records == records
        assert report.skipped == (records < 20)


@pytest.mark.parametrize("letter", ["x", "x/", "../", "é"])
def test_a_path_of_hundreds_of_characters_is_missing_audio(tmp_path: Path, letter: str) -> None:
    root = write_corpus(tmp_path / "corpus", lines_of(ASR, {**ASR, "audio_path": letter * 500}))
    (root / "long.scp").write_text(f"id0 {letter * 300}.wav\n", "utf-8")
    report = check(root)
    assert report.records == 2 and report.faults.total() == 1
    assert build(root, tmp_path / "store").rows == 1


def test_a_literal_span_in_a_transcript_is_text_everywhere(
    tmp_path: Path, quick_tokens: None
) -> None:
    literal = "<|SOA|>x<|EOA|> literal soa|>y<|eoa"
    record = {**ASR, "output": literal}
    speech = json.loads(good_lines(4)[3])
    assert speech["task_type"]["minor"] == ["Text to Speech"]
    root = write_corpus(tmp_path / "corpus", lines_of(record, speech))
    report = check(root)
    # The one clip is read and written; "x" is none.
    assert report.references == 2 and not report.faults
    assert report.categories == {"understanding": 1, "generation": 1}
    assert build(root, tmp_path / "store", "error").clips == 1
    for corpus in (Corpus(root), Corpus(tmp_path / "store")):
        instance = corpus.instance("automatic_speech_recognition", "train", 0)
        assert instance.output == literal and len(instance.audio_ids) == 1
        assert reference_of(instance, af.catalogue.get(instance.task)) == literal
        example = maker_of(corpus).example(instance, 0)
        assert example is not None and example.answer == literal
        assert maker_of(corpus).vocabulary.soa_id not in example.targets
        stream = Stream(af.mixture("automatic_speech_recognition"), corpus, seed=0)
        (taken,) = stream.examples(np.arange(1))
        assert taken.example is not None and taken.example.answer == literal
        assert taken.example.audio_ids == instance.audio_ids


def test_separators_of_unicode_are_text(tmp_path: Path) -> None:
    text = "a\u2028b\u2029c\x85d"
    lines = [json.dumps({**ASR, "output": text}, ensure_ascii=False).encode(), *good_lines(3)]
    corpus = Corpus(write_corpus(tmp_path / "corpus", lines))
    assert corpus.instance("automatic_speech_recognition", "train", 0).output == text
    assert sum(map(sum, (corpus.sizes(s).values() for s in ("train", "validation", "test")))) == 4


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    names = ["pipe", "device"]
    records = [{**ASR, "audio_path": f"{name}.wav"} for name in (*names, "folder")]
    root = write_corpus(tmp_path / "corpus", lines_of(ASR, *records))
    for suffix in ("wav", "scp", "jsonl"):
        os.mkfifo(root / f"pipe.{suffix}")
        (root / f"device.{suffix}").symlink_to("/dev/zero")
        (root / f"folder.{suffix}").mkdir()
    (root / "simulated").mkdir()
    report = check(root)
    assert report.records == 4 and report.faults == {"missing": 3}
    assert report.ledger.problems == {ProblemKind.UNREADABLE: 4}
    assert Corpus(root).sizes("train") == {"audioflan_automatic_speech_recognition": 4}
    # A build would lose all that such a file should hold.
    with pytest.raises(RecordError, match=r"device\.jsonl: cannot be opened \(it is a pipe or a d"):
        build_store(root, tmp_path / "store", tokenizer=None, text=None)
    os.mkfifo(root / "simulated" / "pipe.jsonl")
    with pytest.raises(RecordError, match=r"pipe\.jsonl: cannot be read \(it is a pipe"):
        _ = Corpus(root).recipes


@pytest.mark.parametrize("policy", ["error", "skip", "keep"])
def test_audio_that_is_shorter_than_it_says(
    tmp_path: Path, policy: str, quick_tokens: None
) -> None:
    past = {**ASR, "uuid": "past", "audio_end": 9.0}
    cut = {**ASR, "uuid": "cut", "audio_path": "clip_1.wav"}
    root = write_corpus(tmp_path / "corpus", lines_of(ASR, past, cut))
    data = (root / "clip_1.wav").read_bytes()
    (root / "clip_1.wav").write_bytes(data[: len(data) // 2])
    assert check(root).faults == {"outside": 1, "unreadable": 1}
    if policy == "error":
        with pytest.raises(af.errors.StoreError, match=r"2 clips could not be encoded:\n"):
            build(root, tmp_path / "store", policy)
        return
    summary = build(root, tmp_path / "store", policy)
    assert summary.unreadable == summary.without_audio == summary.quarantined == 2
    assert summary.rows == (1 if policy == "skip" else 3)


@pytest.mark.parametrize(
    "text", ["<|SOA|>", "<|SOA|>x", "<|SOA|><AUDIO><|EOA|>", "<|SOA|>a<|EOA|>", "soa>", "<|EOA|>"]
)
def test_spans_are_found_in_time_that_grows_with_the_line(text: str) -> None:
    def seconds(count: int) -> float:
        line = lines_of({**ASR, "input": text * count, "output": text * count})[0]
        start = time.process_time()
        instance = LineParser("x").parse(line, 1)
        assert instance is not None and len(instance.input_pieces) >= 1
        assert len(instance.audio_ids) <= 2
        return time.process_time() - start

    # 16 times where it is linear, 256 times where it is quadratic.
    few = min(seconds(1_000) for _ in range(3))
    assert seconds(16_000) < 80 * few


def test_the_corpus_of_faults_is_the_same_for_a_seed() -> None:
    assert faulty_lines(60, 3) == faulty_lines(60, 3) != faulty_lines(60, 4)
    assert all(b"\n" not in line for line in faulty_lines(300, 5))
    assert len(CLIPS) == 4
