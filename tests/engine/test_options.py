"""What a stream was made with stays: settings that change later do not reach it."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import audioflan_tasks as af
from audioflan_tasks import ExampleOptions, settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.engine import Stream, batches
from audioflan_tasks.engine.batching.collate import Batch
from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures import mixture

TASKS = ("key_detection", "text_to_speech", "tempo_comparison")
LENGTHS = {"inputs": 400, "targets": 200}

pytestmark = pytest.mark.usefixtures("quick_tokens")


# They ask what the pool asks, in words of their own.
OWN_WORDS = "Please detect the key of the given piece."


def own_words(folder: Path) -> Path:
    """A folder of JSONL with `audio_path`: six records with words of their own."""
    demo = Corpus(demo_root())
    records = []
    for row in range(6):
        instance = demo.instance("key_detection", "train", row)
        (audio_id,) = instance.audio_ids
        place = demo.clip_reader.place(audio_id)
        assert place is not None
        shutil.copy(place.path, folder / f"clip{row}{place.path.suffix}")
        record = instance.replace(
            instruction=OWN_WORDS, audio_path=(f"clip{row}{place.path.suffix}",),
            input=f"<|SOA|>own_{row}<|EOA|>",
        ).record()  # fmt: skip
        records.append(json.dumps(record))
    (folder / "own.jsonl").write_text("\n".join(records) + "\n")
    return folder


def first(stream: Any, count: int = 3) -> list[Batch]:
    return list(itertools.islice(stream, count))


def assert_same(batches: list[Batch], others: list[Batch]) -> None:
    for batch, other in zip(batches, others, strict=True):
        for name, values in batch.items():
            assert np.array_equal(values, other[name]), name


def test_a_setting_changed_later_does_not_reach_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments: dict[str, Any] = {"batch_size": 4, "split": "test", "seed": 3, "lengths": LENGTHS}
    expected = first(batches(mixture(*TASKS), **arguments))
    stream = batches(mixture(*TASKS), **arguments)
    for name, value in (
        ("instructions", "keep"), ("codebooks", 1), ("layout", "delay"), ("languages", ("zh",)),
        ("shots", 2), ("tokenizer", "convrvq_16k"), ("text", "bytes"),
    ):  # fmt: skip
        monkeypatch.setattr(settings, name, value)
    assert_same(first(stream), expected)
    assert "instructions" not in stream.state_dict()["options"]
    assert batches(mixture(*TASKS), **arguments).state_dict()["options"]["instructions"] == "keep"


@pytest.mark.slow
def test_two_streams_of_other_corpora_options_and_vocabularies_take_turns(tmp_path: Path) -> None:
    own = Corpus(own_words(tmp_path))
    kinds: list[dict[str, Any]] = [
        {"options": settings.example_options(), "split": "test"},
        {"options": settings.example_options().replace(layout="first", text="bytes", shots=1),
         "split": "test"},
        {"options": settings.example_options().replace(instructions="keep"), "corpus": own},
    ]  # fmt: skip
    alone = [first(batches("key_detection", batch_size=3, seed=1, **kind)) for kind in kinds]
    streams = [batches("key_detection", batch_size=3, seed=1, **kind) for kind in kinds]
    turns = [[next(stream) for stream in streams] for _ in range(3)]
    for number, batches_alone in enumerate(alone):
        assert_same([turn[number] for turn in turns], batches_alone)
    vocabularies = [stream.stream.maker.vocabulary for stream in streams]
    texts = [v.decode(turns[0][n]["inputs"][0].tolist()) for n, v in enumerate(vocabularies)]
    assert vocabularies[0].vocab_size != vocabularies[1].vocab_size
    assert texts[2].startswith(OWN_WORDS) and not texts[0].startswith(OWN_WORDS)


def test_options_are_part_of_the_state() -> None:
    options = settings.example_options()
    stream = Stream(mixture(*TASKS), seed=1, split="test", options=options)
    assert stream.state(4)["options"]["tokenizer"] == "loudness"
    other = Stream(mixture(*TASKS), seed=1, split="test", options=options.replace(layout="first"))
    with pytest.raises(MixtureError, match="layout was None and is 'first'"):
        other.load(stream.state(4))
    skipping = Stream(
        mixture(*TASKS), seed=1, split="test", options=options.replace(missing_audio="skip")
    )
    assert skipping.load(stream.state(4)) == 4  # ids are the same: what is missing may be passed


@pytest.mark.slow
def test_every_edge_takes_options(tmp_path: Path) -> None:
    options = ExampleOptions(tokenizer="loudness", instructions="keep")
    corpus = Corpus(own_words(tmp_path))
    record = corpus.instance("key_detection", "train", 0)
    assert af.render(record, options=options).inputs[0].value.startswith(OWN_WORDS)
    assert not af.render(record).inputs[0].value.startswith(OWN_WORDS)
