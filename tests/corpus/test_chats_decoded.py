"""Chats of the demo corpus as ids, and ids of a model back as files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.corpus.chats import ChatMaker, dialogues
from audioflan_tasks.corpus.decoded import read_ids, write_decoded
from audioflan_tasks.errors import SettingsError, TokenRangeError
from audioflan_tasks.tokens import get_tokenizer, vocabulary


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus()


@pytest.mark.slow
def test_every_question_about_a_clip_is_asked_once(corpus: Corpus) -> None:
    groups = list(dialogues(corpus, "test", 3, seed=1))
    assert {len(g) for g in groups} == {1, 2, 3}
    for group in groups:
        assert len({i.input_pieces[0].value for i in group}) == 1
    found = sorted(i.uuid for g in groups for i in g)
    one_clip = [
        i.uuid
        for i in corpus.instances(split="test")
        if [p.kind for p in i.input_pieces] == ["audio"]
    ]
    assert found == sorted(one_clip)
    assert groups == list(dialogues(corpus, "test", 3, seed=1))
    assert groups != list(dialogues(corpus, "test", 3, seed=2))
    with pytest.raises(SettingsError, match="at least 1"):
        next(dialogues(corpus, "test", 0, seed=1))


@pytest.mark.slow
def test_a_dialogue_as_ids(corpus: Corpus) -> None:
    maker = ChatMaker(corpus, settings.example_options(), system="Listen well.")
    v = maker.vocabulary
    group = next(g for g in dialogues(corpus, "test", 3, seed=1) if len(g) == 3)
    made = maker.chat(group, 4)
    assert made is not None
    assert len(made.ids) == len(made.roles)
    (span,) = [s for s in made.spans if s.audio_id == group[0].input_pieces[0].value]
    assert (made.ids[span.start], made.ids[span.end - 1]) == (v.soa_id, v.eoa_id)
    assert set(made.roles[span.start : span.end].tolist()) == {2}
    text = v.decode(made.ids)
    assert text.startswith("System: Listen well.\nUser: ")
    assert text.count("Assistant: ") == 3
    said = v.decode(made.ids[made.roles == 3])
    at = 0
    for instance, task in zip(group, made.tasks, strict=True):
        assert task.endswith(instance.task)
        if not instance.output.startswith("<|SOA|>"):
            value = instance.output_pieces[0].value
            at = said.index(value, at) + len(value)
    assert [m["role"] for m in made.messages] == ["system", *(["user", "assistant"] * 3)]


@pytest.mark.slow
def test_a_chat_is_cropped_or_left_out(corpus: Corpus) -> None:
    group = next(dialogues(corpus, "test", 2, seed=1))
    short = ChatMaker(corpus, settings.example_options(), length=300).chat(group, 4)
    assert short is not None
    assert len(short.ids) <= 300
    assert ChatMaker(corpus, settings.example_options(), length=10).chat(group, 4) is None
    with pytest.raises(SettingsError, match="at least one"):
        ChatMaker(corpus, settings.example_options()).chat([], 4)


def test_ids_become_text_and_audio(corpus: Corpus, tmp_path: Path) -> None:
    v, tokenizer = vocabulary(), get_tokenizer()
    audio_id = corpus.instance("text_to_speech", "test", 0).audio_ids[0]
    codes = tokenizer.encode(corpus.audio(audio_id, 16000))
    row = [*v.encode("Speech: "), *v.audio_block(codes), v.eos_id]
    batch = np.full((2, len(row) + 5), -100)
    batch[0, : len(row)] = row
    batch[1, :4] = [*v.encode("yes")[:1], v.soa_id, v.audio_base, v.eos_id]
    np.save(tmp_path / "ids.npy", batch)
    first, second = write_decoded(read_ids(tmp_path / "ids.npy"), v, tokenizer, tmp_path / "out")
    assert (first.text, first.problems) == ("Speech: [audio 0]", ())
    heard, rate = soundfile.read(first.audio[0], dtype="float32")
    assert rate == 16000
    assert np.allclose(heard, tokenizer.decode(codes), atol=1e-3)
    assert "a span has no whole frame" in second.problems
    assert second.audio == ()
    rows = [json.loads(x) for x in (tmp_path / "out" / "decoded.jsonl").read_text().splitlines()]
    assert [r["name"] for r in rows] == ["0000", "0001"]
    assert rows[0]["audio"] == ["0000.0.wav"]
    assert (tmp_path / "out" / "0000.txt").read_text() == "Speech: [audio 0]"


def test_what_are_no_ids_is_told(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((2, 2, 2), int))
    with pytest.raises(TokenRangeError, match=r"got int64 \(2, 2, 2\)"):
        read_ids(tmp_path / "x.npy")
    (tmp_path / "y.npy").write_text("1 2 3")
    with pytest.raises(TokenRangeError, match=r"not a \.npy file"):
        read_ids(tmp_path / "y.npy")
    with pytest.raises(TokenRangeError, match="id 99999 at place 1"):
        list(write_decoded([np.array([5, 99999])], vocabulary(), get_tokenizer(), tmp_path / "o"))
    assert [r.tolist() for r in read_ids(_saved(tmp_path, np.zeros((0,), int)))] == [[]]


def _saved(folder: Path, array: np.ndarray) -> Path:
    np.save(folder / "z.npy", array)
    return folder / "z.npy"
