"""Text tasks: files of JSON lines as members of mixtures, in every form of batches."""

from __future__ import annotations

import json
import logging
import os
import pickle
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import audioflan_tasks as af
from audioflan_tasks.engine import Stream, batches
from audioflan_tasks.errors import MixtureError, RecordError, SettingsError, UnknownNameError
from audioflan_tasks.foreign import registry
from audioflan_tasks.mixtures import Mix, mixture

LENGTHS = {"inputs": 700, "targets": 160}
# A line, and its instruction, input and output; None where it cannot be used.
LINES: tuple[tuple[bytes, tuple[str, str, str] | None], ...] = (
    (b'\xef\xbb\xbf{"instruction": "In French.", "input": "yes", "output": "oui"}\r',
     ("In French.", "yes", "oui")),
    (b"\r", None),
    ('{"instruction": "a\u2028b", "output": "c\u2028d"}'.encode(), ("a\u2028b", "", "c\u2028d")),
    (b"not json", None),
    (b'{"instruction": "no output"}', None),
    (b'{"output": 3}', None),
    (b'{"output": "\\ud800"}', None),
    (b'{"output": "\xff"}', None),
    (b'{"input": "hear <|SOA|>id<|EOA|>", "output": "x"}', None),
    (b'{"output": ""}', None),
    (b"[1]", None),
    (b"", None),
    (b'{"output": "plain", "input": null, "id": 7}', ("", "", "plain")),
    (json.dumps({"instruction": "long", "output": "x y " * 25_000}).encode(),
     ("long", "", "x y " * 25_000)),
    (b'{"input": "last", "output": "no line feed"}', ("", "last", "no line feed")),
)  # fmt: skip
USABLE = [texts for _, texts in LINES if texts is not None]
BAD = [n for n, (line, texts) in enumerate(LINES, 1) if texts is None and line.strip()]


@pytest.fixture(autouse=True)
def _quick(quick_tokens: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """For every test of this file; no task of it is known to others."""
    monkeypatch.setattr(registry, "_text_tasks", {})
    monkeypatch.setattr(registry, "_seqio_side", None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "text.jsonl"
    path.write_bytes(b"\n".join(line for line, _ in LINES))
    return path


@pytest.fixture
def twenty(tmp_path: Path) -> Path:
    path = tmp_path / "twenty.jsonl"
    lines = [{"instruction": f"Say {n}.", "output": f"number {n}"} for n in range(20)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def examples(mix: Mix | str, **options: Any) -> Iterator[tuple[str, str, str]]:
    """Task, prompt and answer of every example that batches give."""
    vocabulary = af.vocabulary("loudness")
    for_all = batches(mix, batch_size=4, **options)
    for batch in for_all:
        for row in np.flatnonzero(batch["task"] >= 0):
            texts = [
                vocabulary.decode(batch[side][row, : batch[f"{side}_length"][row]].tolist())
                for side in ("inputs", "targets")
            ]
            yield for_all.tasks[batch["task"][row]], texts[0], texts[1]


def prompt(instruction: str, text: str) -> str:
    return f"{instruction}\n{text}" if instruction and text else instruction + text


def test_every_usable_line_is_one_example(file: Path) -> None:
    af.text_task("words", file)
    made = list(examples("words", num_epochs=1, seed=1))
    expected = [("words", prompt(i, t), output) for i, t, output in USABLE]
    assert Counter(made) == Counter(expected)


def test_bad_lines_are_counted_and_named(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        task = af.text_task("words", file)
    assert [line.split(": ")[0] for line in task.bad_lines] == [f"{file}:{n}" for n in BAD]
    assert f"{len(BAD)} of {len(BAD) + len(USABLE)} lines" in caplog.text
    assert "audio span" in task.bad_lines[5]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"x\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_usable_line_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "none.jsonl"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=r"none\.jsonl: no usable line"):
        af.text_task("words", path)
    with pytest.raises(RecordError, match="cannot be read"):
        af.text_task("words", tmp_path / "missing.jsonl")


def test_names_of_other_tasks_are_refused(file: Path, twenty: Path) -> None:
    for name in ("denoising", "audioflan_denoising", "audioflan_mine"):
        with pytest.raises(MixtureError, match="another task"):
            af.text_task(name, file)
    af.text_task("words", file)
    af.text_task("words", file)
    with pytest.raises(MixtureError, match="over other files"):
        af.text_task("words", twenty)
    with pytest.raises(SettingsError, match="split"):
        af.text_task("other", {"trian": file})
    af.text_task("music", twenty)
    with pytest.raises(MixtureError, match="'music'"):
        mixture("music")
    with pytest.raises(UnknownNameError, match="words"):
        mixture(weights={"wordz": 1})


def test_shares_hold_beside_audio_tasks(twenty: Path) -> None:
    af.text_task("words", twenty)
    mix = mixture(weights={"gender_recognition": 1, "words": 2})
    stream = Stream(mix, seed=1, lengths=LENGTHS)
    counts = np.bincount(stream.draws(np.arange(3000)).task)
    assert dict(zip(stream.tasks, counts.tolist(), strict=True)) == {
        "audioflan_gender_recognition": 1000, "words": 2000,
    }  # fmt: skip
    assert batches(mix, batch_size=1).facts["words"]["domain"] == "text"


@pytest.mark.slow
@pytest.mark.parametrize("form", ["padded", "bucketed", "one_task"])
def test_every_row_comes_once_over_shards_and_resumes(twenty: Path, form: Any) -> None:
    af.text_task("words", twenty)
    mix = mixture("gender_recognition", "words", policy="equal")
    options: dict[str, Any] = {
        "batch_size": 3, "form": form, "num_epochs": 1, "seed": 4, "lengths": LENGTHS,
    }  # fmt: skip
    rows = []
    counts = []
    for index in range(3):
        shard_batches = list(batches(mix, shard=(index, 3), **options))
        counts.append(len(shard_batches))
        for batch in shard_batches:
            rows += list(zip(batch["task"].tolist(), batch["row"].tolist(), strict=True))
    rows = [row for row in rows if row[0] >= 0]
    assert len(set(counts)) == 1
    assert len(rows) == len(set(rows))
    assert sorted(row for task, row in rows if task == 1) == list(range(20))

    whole = batches(mix, **options)
    for _ in range(2):
        next(whole)
    resumed = batches(pickle.loads(pickle.dumps(mix)), **options)
    resumed.load_state_dict(json.loads(json.dumps(whole.state_dict())))
    for one, other in zip(whole, resumed, strict=True):
        assert all(np.array_equal(one[name], other[name]) for name in one)


def test_the_loss_is_on_targets_and_roles_tell_instruction_from_input(file: Path) -> None:
    af.text_task("words", file)
    batch = next(batches("words", batch_size=8, num_epochs=1, seed=1))
    assert not batch["inputs_loss"].any()
    assert np.array_equal(batch["targets_loss"].sum(1), batch["targets_length"])
    roles = {tuple(dict.fromkeys(r[r > 0].tolist())) for r in batch["inputs_roles"]}
    assert {(1, 2), (1,), (2,)} <= roles
    packed = next(
        batches("words", batch_size=1, form="packed", num_epochs=1, seed=1, pack_length=128)
    )
    assert set(packed["roles"][packed["labels"] != -100].tolist()) == {3}


def test_what_is_too_long_is_skipped_and_counted(file: Path) -> None:
    af.text_task("words", file)
    mix_batches = batches("words", batch_size=8, num_epochs=1, seed=1, lengths=LENGTHS)
    batch = next(mix_batches)
    assert int((batch["task"] >= 0).sum()) == len(USABLE) - 1
    assert mix_batches.skipped == {"too long": 1}


def test_a_changed_file_is_refused_by_name(twenty: Path) -> None:
    af.text_task("words", twenty)
    words = batches("words", batch_size=4, seed=1)
    state = words.state_dict()
    content = twenty.read_text(encoding="utf-8").replace("number 19", "NUMBER 19")
    twenty.write_text(content, encoding="utf-8")
    os.utime(twenty, ns=(1, 1))
    with pytest.raises(RecordError, match="changed"):
        next(words)
    af.text_task("words", twenty)
    with pytest.raises(MixtureError, match="records changed in: words"):
        batches("words", batch_size=4, seed=1).load_state_dict(state)


def test_filters_of_records_that_ask_for_something_refuse_text(twenty: Path) -> None:
    af.text_task("words", twenty)
    parts = ("gender_recognition", "words")
    kept = Stream(mixture(*parts, rows={"not_licence": "non_commercial"}), seed=1)
    assert "words" in kept.tasks
    with pytest.raises(MixtureError, match="words has no records"):
        Stream(mixture(*parts, rows={"language": "English"}), seed=1)


def test_a_mixture_file_makes_its_text_tasks(twenty: Path) -> None:
    path = twenty.parent / "mine.toml"
    path.write_text(
        'weights = { words = 2, gender_recognition = 1 }\n[text_tasks]\nwords = "twenty.jsonl"\n',
        encoding="utf-8",
    )
    assert mixture.from_toml(path).tasks == ("words", "audioflan_gender_recognition")
    assert Stream(mixture.from_toml(path), seed=1).rows.sizes["words"] == 20


def test_words_of_levels_and_held_out_tasks(twenty: Path) -> None:
    af.text_task("words", twenty)
    mix = mixture("gender_recognition", "melody_extraction", "words", policy="domain_balanced")
    assert Stream(mix, seed=1).resolved.shares.at(0).tolist() == pytest.approx([1 / 3] * 3)
    split = af.hold_out(tasks=["melody_extraction"])
    assert split.training("gender_recognition", "words").tasks[-1] == "words"
    assert "words" not in split.eval.tasks
    assert "words" not in mixture().tasks
