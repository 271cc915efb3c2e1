"""Data sets of TFDS over a corpus with faults: each line is an example, or counted."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow_datasets as tfds

from audioflan_tasks.corpus import Corpus
from audioflan_tasks.tfds_builder import AudioFlan, AudioFlanConfig
from tests.audio_faults import faulty_files, whole_files
from tests.kinds import first_of
from tests.record_faults import faulty_lines, write_corpus

ASR = "automatic_speech_recognition"
NO_FILES = ("gone.wav", "folder.wav", "pipe.wav", "loop.wav", "device.wav")


def record_of(number: int, audio_path: str, split: str = "train") -> bytes:
    record = {
        "instruction": "Transcribe.", "input": "<|SOA|><AUDIO><|EOA|>", "output": f"words {number}",
        "uuid": f"u{number}", "split": [split], "domain": "speech", "audio_path": audio_path,
        "task_type": {"minor": ["Automatic Speech Recognition"]},
    }  # fmt: skip
    return json.dumps(record).encode()


def write_faulty_corpus(root: Path, count: int) -> None:
    """Records of good clips, of broken ones and of what is no file, among broken lines."""
    good = [record_of(-1, "good.wav", split) for split in ("train", "dev", "test")]
    lines = [line for line in faulty_lines(count, seed=count) if b'"split": ["' in line]
    clips = {"good.wav": whole_files()["WAV_PCM_16.wav"], **dict(faulty_files(count, seed=count))}
    # A word for a split that nobody knows, or a split without examples, is an error on purpose.
    lines += [*good, *(record_of(n, name) for n, name in enumerate((*clips, *NO_FILES)))]
    write_corpus(root, lines, "asr.jsonl")
    for name, data in clips.items():
        (root / name).write_bytes(data)
    (root / "folder.wav").mkdir()
    os.mkfifo(root / "pipe.wav")
    (root / "loop.wav").symlink_to("loop.wav")
    (root / "device.wav").symlink_to("/dev/zero")
    (root / "wav.scp").write_bytes(b"x\xff y\nid only\nclip_0 good.wav\r\nclip_0 other.wav\n")


def counts_of(skipped: dict[str, dict[str, int]]) -> int:
    return sum(sum(reasons.values()) for reasons in skipped.values())


@pytest.mark.slow
@pytest.mark.parametrize("count", first_of(60, 1000))
@pytest.mark.parametrize("audio", first_of("samples", "codes", "none"))
def test_every_record_is_an_example_or_counted(
    tmp_path: Path, quick_tokens: None, count: int, audio: Any
) -> None:
    root = tmp_path / "corpus"
    write_faulty_corpus(root, count)
    corpus = Corpus(root)
    config = AudioFlanConfig(
        name="reading", task=ASR, corpus=corpus, audio=audio, options={"missing_audio": "skip"}
    )
    builder = AudioFlan(config=config, data_dir=tmp_path / "tfds")
    builder.download_and_prepare()
    facts = dict(builder.info.metadata.items())
    records = sum(corpus.size(ASR, split) for split in ("train", "validation", "test"))
    datasets = [builder.as_dataset(split) for split in builder.info.splits]
    examples = [element for dataset in datasets for element in tfds.as_numpy(dataset)]
    assert len(examples) + counts_of(facts["skipped"]) == records
    assert b"u0" in {example["uuid"] for example in examples}
    assert sum(facts["unreadable"].values()) > 0
    if audio == "samples":
        assert all(np.isfinite(e["input_audio"]).all() for e in examples)
        assert all(len(e["input_audio"]) == e["input_clips"].sum() for e in examples)
    if audio != "none":
        assert counts_of(facts["skipped"]) > count // 4
