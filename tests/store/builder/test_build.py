"""A store holds what its corpus holds, and a build does again only what has changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from audioflan_tasks import Corpus
from audioflan_tasks.config import settings
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import RecordError, SettingsError, StoreError
from audioflan_tasks.records.spans import audio_ids
from audioflan_tasks.store import Store, build_store, diff_stores, open_store, store_info
from audioflan_tasks.tokens import get_tokenizer, vocabulary
from tests.conftest import maker_of
from tests.engine.assembly.changed_rows import ROWS, TASK, as_caption, install, write_corpus
from tests.store.conftest import Markers, files_of, markers_of, written_since
from tests.store.tokenizers import CHEAP_UNITS, SMALL_UNITS, MuLaw

pytestmark = pytest.mark.slow

MULAW = ("tests.store.tokenizers",)


def kinds_since(store: Path, before: Markers) -> set[str]:
    """Kinds of units, by folder, that were written since `before`."""
    return {path.relative_to(store).parts[0] for path in written_since(store, before)}


def speech_file(tree: Path) -> Path:
    """A file of records of text to speech in train."""
    files = sorted(tree.glob("metadata/**/text_to_speech.jsonl"))
    return next(f for f in files if '"split": ["train"]' in f.read_text("utf-8"))


def test_rows_codes_and_ids_are_those_of_the_corpus(tree: Path, built: Path) -> None:
    corpus, store = Corpus(tree), open_store(built)
    assert isinstance(store, Store)
    tokenizer, text = get_tokenizer(), vocabulary()
    known: dict[str, np.ndarray] = {}
    assert store.pairs() == corpus.rows.pairs()
    assert len(store.pairs()) > 20
    for task, split in store.pairs():
        assert store.size(task, split) == corpus.size(task, split)
        for row in range(store.size(task, split)):
            wanted, found = corpus.instance(task, split, row), store.instance(task, split, row)
            assert found == wanted
            ids = [*audio_ids(wanted.input), *audio_ids(wanted.output)]
            codes = store.codes(task, split, row)
            assert len(codes) == len(ids)
            for one, coded in zip(ids, codes, strict=True):
                if one not in known and len(known) < 12:
                    known[one] = tokenizer.encode(corpus.audio(one, 16_000, wanted))
                assert np.array_equal(coded, known.get(one, coded))
                stored = store.clip(one)
                assert stored is not None and np.array_equal(stored, coded)
            own = store.text_ids(task, split, row)
            assert own[0].tolist() == text.encode(wanted.instruction)
            said = [p.value for p in wanted.input_pieces + wanted.output_pieces if p.kind == "text"]
            assert [one.tolist() for one in own[1:]] == [text.encode(one) for one in said]
    assert len(known) == 12


def test_lengths_add_up(built: Path) -> None:
    store = Store(built)
    for task, split in store.pairs():
        lengths = store.lengths(task, split)
        assert len(lengths) == store.size(task, split)
        for row, found in enumerate(lengths):
            frames = sum(map(len, store.codes(task, split, row)))
            assert found["frames_in"] + found["frames_out"] == frames
            seconds = found["seconds_in"] + found["seconds_out"]
            assert seconds == pytest.approx(frames / 50)
            heard = store.instance(task, split, row)
            assert bool(found["frames_out"]) == bool(audio_ids(heard.output))
            ids = store.text_ids(task, split, row)
            assert found["text_instruction"] == len(ids[0])
            assert found["text_in"] + found["text_out"] == sum(map(len, ids[1:]))


def test_a_corpus_opened_on_a_store_makes_the_same_examples(tree: Path, built: Path) -> None:
    plain, stored = Corpus(tree), Corpus(built)
    assert isinstance(stored.rows, Store) and not isinstance(plain.rows, Store)
    assert stored.sizes("train") == plain.sizes("train")
    for task in ("text_to_speech", "denoising", "speaker_identification", "declipping"):
        if not plain.size(task, "train"):
            continue
        examples = [
            maker_of(c).example(c.instance(task, "train", 0), seed=3) for c in (plain, stored)
        ]
        assert examples[0] is not None and examples[1] is not None
        assert np.array_equal(examples[0].inputs, examples[1].inputs)
        assert np.array_equal(examples[0].targets, examples[1].targets)
        assert examples[0].provenance == examples[1].provenance


def test_codes_of_another_tokenizer_are_made_from_the_source(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "cache_dir", tmp_path)
    corpus = Corpus(built)
    instance = corpus.instance("automatic_speech_recognition", "train", 0)
    codes = corpus.coder(get_tokenizer(codebooks=4))(instance.audio_ids[0], instance)
    eight = Store(built).codes("automatic_speech_recognition", "train", 0)[0]
    assert np.array_equal(codes, eight[:, :4])


def test_another_tool_can_open_a_shard(tree: Path, built: Path) -> None:
    shards = [p for p in built.glob("manifest/*.arrow") if ".clips." not in p.name]
    texts = []
    for shard in shards:
        table = pa.ipc.open_file(pa.memory_map(str(shard))).read_all()
        texts += table["output"].to_pylist()
    source = [
        json.loads(line)["output"]
        for file in tree.glob("metadata/**/*.jsonl")
        for line in file.read_text("utf-8").splitlines()
    ]
    assert sorted(texts) == sorted(source)
    codes = np.load(next(iter(built.glob("codes/*/*/000000.*[0-9a-f].npy"))), mmap_mode="r")
    assert codes.dtype == np.uint16 and codes.shape[1] == 8


def test_two_processes_give_the_same_bytes_as_one(tree: Path, built: Path, tmp_path: Path) -> None:
    build_store(tree, tmp_path / "store", workers=2, **SMALL_UNITS)
    assert files_of(tmp_path / "store") == files_of(built)


class TestIncremental:
    def test_nothing_new_writes_no_unit(self, own_tree: Path, tmp_path: Path) -> None:
        out = tmp_path / "store"
        build_store(own_tree, out, **CHEAP_UNITS)
        before, markers = files_of(out), markers_of(out)
        build_store(own_tree, out, **CHEAP_UNITS)
        assert files_of(out) == before
        assert not written_since(out, markers)

    def test_new_records_leave_other_shards_and_all_codes_alone(
        self, own_tree: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "store"
        before = build_store(own_tree, out, **CHEAP_UNITS)
        units = {p.name for p in (out / "manifest").glob("*.done")}
        file = speech_file(own_tree)
        record = json.loads(file.read_text("utf-8").splitlines()[0]) | {"uuid": "new"}
        file.write_text(file.read_text("utf-8") + json.dumps(record) + "\n", "utf-8")
        markers = markers_of(out)
        after = build_store(own_tree, out, **CHEAP_UNITS)
        assert after.rows == before.rows + 1
        gone = units - {p.name for p in (out / "manifest").glob("*.done")}
        assert 1 <= len(gone) <= 3 < len(units) // 2
        assert "codes" not in kinds_since(out, markers)
        build_store(own_tree, tmp_path / "fresh", **CHEAP_UNITS)
        assert files_of(out) == files_of(tmp_path / "fresh")

    def test_a_changed_file_is_encoded_again_and_only_it(
        self, own_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        out = tmp_path / "store"
        build_store(own_tree, out, **CHEAP_UNITS)
        clips = sorted((own_tree / "audio_files").rglob("*.flac"))
        used = [c for c in clips if Store(out).clip(f"01_Asterisk_EN_{c.stem}") is not None]
        shutil.copy(used[1], used[0])
        encoded = []
        real = MuLaw.encode

        def counted(self: MuLaw, waveform: Any) -> Any:
            encoded.append(1)
            return real(self, waveform)

        monkeypatch.setattr(MuLaw, "encode", counted)
        build_store(own_tree, out, **CHEAP_UNITS)
        # Simulated audio made of the changed clip is made again too.
        recipes = (own_tree / "simulated" / "speech.jsonl").read_text("utf-8").splitlines()
        touched = [r for r in map(json.loads, recipes) if f"_{used[0].stem}" in str(r["inputs"])]
        assert len(encoded) <= len(touched) + 1
        store = Store(out)
        first, second = (store.clip(f"01_Asterisk_EN_{c.stem}") for c in used[:2])
        assert first is not None and second is not None and np.array_equal(first, second)

    @pytest.mark.full
    def test_a_moved_file_is_not_encoded_again(
        self, own_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        out = tmp_path / "store"
        build_store(own_tree, out, **CHEAP_UNITS)
        for clip in sorted((own_tree / "audio_files").rglob("*.flac")):
            copy = clip.with_suffix(".tmp")
            shutil.copy(clip, copy)
            copy.replace(clip)
        monkeypatch.setattr(MuLaw, "encode", None)
        before = Store(out).codes("text_to_speech", "train", 0)
        build_store(own_tree, out, **CHEAP_UNITS)
        assert np.array_equal(before[0], Store(out).codes("text_to_speech", "train", 0)[0])

    def test_a_new_tokenizer_and_vocabulary_leave_the_records_alone(
        self, own_tree: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "store"
        build_store(own_tree, out, **CHEAP_UNITS)
        markers = markers_of(out)
        other = {"tokenizer": "long_frames", "text": "bytes"}
        build_store(own_tree, out, **CHEAP_UNITS | other)
        assert kinds_since(out, markers) == {"codes", "refs", "texts"}
        info = store_info(out)
        assert set(info.facts.codes) == {"mulaw-1", "long-frames-1"}
        old = Store(out, tokenizer="mulaw-1")
        assert old.codes("text_to_speech", "train", 0)[0].shape[1] == 80
        assert Store(out).codes("text_to_speech", "train", 0)[0].shape[1] == 160
        with pytest.raises(StoreError, match=r"has no codes of mimi; there are: .*mulaw-1"):
            Store(out, tokenizer="mimi")
        markers = markers_of(out)
        build_store(own_tree, out, tokenizer=None, text="sentencepiece", **SMALL_UNITS)
        assert kinds_since(out, markers) == set()

    @pytest.mark.full
    def test_another_unit_size_copies_the_codes(
        self, own_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        out = tmp_path / "store"
        build_store(own_tree, out, **CHEAP_UNITS)
        monkeypatch.setattr(MuLaw, "encode", None)
        large = CHEAP_UNITS | {"part_bytes": 12_000, "clips_per_bucket": 100}
        build_store(own_tree, out, **large)
        monkeypatch.undo()
        build_store(own_tree, tmp_path / "fresh", **large)
        assert files_of(out) == files_of(tmp_path / "fresh")

    def test_diff_names_what_changed(self, own_tree: Path, tmp_path: Path) -> None:
        options = {"tokenizer": None, "text": None}
        build_store(own_tree, tmp_path / "a", **options)  # type: ignore[arg-type]
        file = speech_file(own_tree)
        file.write_text(file.read_text("utf-8") * 2, "utf-8")
        build_store(own_tree, tmp_path / "b", text="bytes", tokenizer=None)
        found = diff_stores(tmp_path / "a", tmp_path / "b")
        name = file.relative_to(own_tree).as_posix()
        assert f"~ file {name}" in found
        assert "+ texts bytes" in found
        assert any(line.startswith("~ rows of text_to_speech/train: ") for line in found)
        assert diff_stores(tmp_path / "a", tmp_path / "a") == []


class TestPolicies:
    @pytest.fixture
    def lacking(self, own_tree: Path) -> Path:
        """A tree with one missing and one unreadable file."""
        clips = sorted((own_tree / "audio_files").rglob("*.flac"))
        needed = {
            one.removeprefix("01_Asterisk_EN_")
            for i in Corpus(own_tree).instances("automatic_speech_recognition")
            for one in i.audio_ids
        }
        used = [c for c in clips if c.stem in needed]
        used[0].unlink()
        used[1].write_bytes(b"fLaC but no more")
        return own_tree

    def test_error_comes_before_anything_is_encoded(self, lacking: Path, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match=r"(?s)lead to no readable file.*no file.*--policy"):
            build_store(lacking, tmp_path / "store", **CHEAP_UNITS)
        assert not list((tmp_path / "store").rglob("codes/**/*.npy"))
        with pytest.raises(StoreError, match="no finished store"):
            Store(tmp_path / "store")

    def test_skip_quarantines_with_place_reason_and_record(
        self, lacking: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "store"
        summary = build_store(lacking, out, policy="skip", **CHEAP_UNITS)
        assert summary.missing and summary.unreadable and summary.without_audio
        assert summary.rows == summary.records - summary.without_audio
        lines = [json.loads(one) for one in (out / "quarantine.jsonl").read_text().splitlines()]
        assert len(lines) == summary.quarantined == summary.without_audio
        store = Store(out)
        kept = [store.instance(*k, row) for k in store.pairs() for row in range(store.size(*k))]
        assert len(kept) == summary.rows
        for k in store.pairs():
            for row in range(store.size(*k)):
                assert all(len(codes) for codes in store.codes(*k, row))
        left_out = {line["where"] for line in lines}
        every = {i.where: i for i in Corpus(lacking).instances()}
        assert {i.where for i in kept} | left_out == set(every)
        for line in lines:
            assert line["kind"] in ("missing_audio", "unreadable_audio")
            assert line["reason"]
            assert json.loads(line["raw"])["uuid"] == every[line["where"]].uuid

    def test_keep_keeps_rows_without_codes(self, lacking: Path, tmp_path: Path) -> None:
        out = tmp_path / "store"
        summary = build_store(lacking, out, policy="keep", **CHEAP_UNITS)
        assert summary.rows == summary.records and summary.without_audio
        store = Store(out)
        refused = 0
        for k in store.pairs():
            for row in range(store.size(*k)):
                try:
                    store.codes(*k, row)
                except Exception as error:
                    assert "had no codes when the store was built" in str(error)
                    refused += 1
        assert refused == summary.without_audio

    def test_mended_audio_comes_in_with_the_next_build(self, lacking: Path, tmp_path: Path) -> None:
        out = tmp_path / "store"
        before = build_store(lacking, out, policy="skip", **CHEAP_UNITS)
        good = demo_root() / "audio_files" / "speech" / "01_Asterisk_EN"
        for clip in good.glob("*.flac"):
            shutil.copy(clip, lacking / "audio_files" / "speech" / "01_Asterisk_EN" / clip.name)
        after = build_store(lacking, out, policy="skip", **CHEAP_UNITS)
        assert after.rows == after.records == before.records
        assert not (out / "quarantine.jsonl").read_bytes()


def test_broken_lines_and_unknown_tasks_are_quarantined_not_lost(tmp_path: Path) -> None:
    record = {
        "instruction": "Say it.", "input": "hello", "output": "hello", "uuid": "u",
        "split": ["train"], "domain": "speech", "source": [], "other": None,
        "task_type": {"major": ["X"], "minor": ["Telepathy"], "U/G": ["understanding"],
                      "unseen": False},
    }  # fmt: skip
    good = record | {
        "task_type": record["task_type"] | {"minor": ["Speech to Text Translation"]}  # type: ignore[operator]
    }
    file = tmp_path / "tree" / "rows.jsonl"
    file.parent.mkdir()
    lines = [json.dumps(good), "{broken", json.dumps(record), json.dumps(good), '{"input": "x"}']
    file.write_text("\n".join(lines * 30) + "\n", "utf-8")
    out = tmp_path / "store"
    summary = build_store(
        file.parent, out, tokenizer=None, text=None, part_bytes=2000, policy="skip"
    )
    assert (summary.rows, summary.unknown, summary.quarantined) == (60, 30, 90)
    said = [json.loads(one) for one in (out / "quarantine.jsonl").read_text().splitlines()]
    for one in said:
        number = int(one["where"].removeprefix("rows.jsonl:"))
        assert one["raw"] == (lines * 30)[number - 1]
        assert one["reason"]
    assert sum(one["kind"] == "task_unknown" for one in said) == 30
    assert len(list(out.glob("manifest/*.done"))) > 5
    places = {
        Store(out).instance("speech_to_text_translation", "train", n).where for n in range(60)
    }
    assert places == {f"rows.jsonl:{n}" for n in range(1, 151) if n % 5 in (1, 4)}


def test_a_task_that_becomes_known_comes_in_with_the_next_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, out = write_corpus(tmp_path), tmp_path / "store"
    first = build_store(root, out, tokenizer=None, text="bytes", policy="skip")
    assert (first.rows, first.unknown, first.quarantined) == (0, ROWS, ROWS)
    install(as_caption(tmp_path), monkeypatch)
    second = build_store(root, out, tokenizer=None, text="bytes")
    assert (second.rows, second.unknown, second.quarantined) == (ROWS, 0, 0)
    assert Store(out).pairs() == ((TASK, "train"),)


def test_a_json_array_is_one_shard_and_keeps_what_it_skips(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    row = {"instruction": "i", "input": "x", "output": "y", "split": "train",
           "task_type": {"minor": "Speech to Text Translation"}}  # fmt: skip
    file.write_text(json.dumps([row, {"input": "only"}, row]), "utf-8")
    summary = build_store(file, tmp_path / "store", tokenizer=None, text=None)
    assert (summary.rows, summary.quarantined) == (2, 1)
    said = json.loads((tmp_path / "store" / "quarantine.jsonl").read_text())
    assert json.loads(said["raw"]) == {"input": "only"}
    assert said["where"] == "rows.jsonl:2"


def test_wrong_arguments_are_told_at_once(tree: Path, tmp_path: Path) -> None:
    out = tmp_path / "store"
    with pytest.raises(SettingsError, match="policy 'ignore': expected error, skip or keep"):
        build_store(tree, out, policy="ignore")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="at least 1"):
        build_store(tree, out, workers=0)
    with pytest.raises(RecordError, match="no such file or folder"):
        build_store(tmp_path / "nowhere", out)
    with pytest.raises(StoreError, match="large: a codebook of 131072 codes; a store holds"):
        build_store(tree, out, tokenizer="large", imports=MULAW)
    with pytest.raises(KeyError, match="convrvq_16k"):
        build_store(tree, out, tokenizer="convrvq_17k")
