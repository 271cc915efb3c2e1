"""Records as features and back, with no TensorFlow."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.errors import UnknownNameError
from audioflan_tasks.preprocessors.chain.record_features import (
    RECORD,
    instance_of,
    record_features,
)
from audioflan_tasks.records import Instance

TEXT = st.text(max_size=20)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
SECONDS = st.none() | st.floats(0, 1e6)


def arrays(instance: Instance) -> dict[str, Any]:
    """The features of a record as a step is given them."""
    features = record_features(instance)
    assert set(features) == set(RECORD)
    values = {name: spec.array(features[name]) for name, spec in RECORD.items()}
    return {name: value.item() if not value.shape else value for name, value in values.items()}


@pytest.mark.slow
@given(
    texts=st.tuples(TEXT, TEXT, TEXT),
    uuid=st.text(min_size=1, max_size=9),
    source=TEXTS,
    paths=TEXTS,
    other=st.dictionaries(TEXT, VALUES, max_size=3),
    seconds=st.tuples(SECONDS, SECONDS),
    flags=st.tuples(st.booleans(), st.sampled_from(["train", "validation", "test"])),
)
def test_a_record_comes_back_as_it_was(
    texts: tuple[str, str, str],
    uuid: str,
    source: tuple[str, ...],
    paths: tuple[str, ...],
    other: dict[str, Any],
    seconds: tuple[float | None, float | None],
    flags: tuple[bool, Any],
) -> None:
    instance = Instance(
        instruction=texts[0], input=texts[1], output=texts[2], uuid=uuid, source=source,
        audio_path=paths, other=other, audio_start=seconds[0], audio_end=seconds[1],
        unseen=flags[0], split=flags[1], where="a.jsonl:3", raw={"minor": "ASR"},
    )  # fmt: skip
    assert instance_of(arrays(instance)) == instance


def test_every_field_of_a_record_is_a_feature() -> None:
    fields = {field.name for field in msgspec.structs.fields(Instance)}
    assert set(RECORD) == fields | {"audio_ids"}


def test_what_a_foreign_record_does_not_say_has_a_default() -> None:
    texts = {"instruction": b"Write it down.", "input": b"<|SOA|>a1<|EOA|>", "output": b"yes"}
    record = instance_of(texts, "audioflan_automatic_speech_recognition")
    assert (record.task, record.domain, record.split) == (
        "automatic_speech_recognition", "speech", "train",
    )  # fmt: skip
    assert record.minor == "Automatic Speech Recognition"
    assert record.audio_ids == ("a1",)
    assert len(record.uuid) == 32
    assert instance_of({**texts, "output": b"no"}, "automatic_speech_recognition").uuid != (
        record.uuid
    )
    assert instance_of(texts).task == ""


def test_the_task_of_the_step_is_asked_not_that_of_the_record() -> None:
    features = arrays(Instance(instruction="", input="", output="", task="key_detection"))
    assert features["task"] == b"audioflan_key_detection"
    assert instance_of(features).task == "key_detection"
    assert instance_of(features, "denoising").task == "denoising"
    with pytest.raises(UnknownNameError, match="did you mean"):
        instance_of(features, "denoisin")


def test_values_may_be_numbers_or_json() -> None:
    texts = {"instruction": b"", "input": b"", "output": b"", "source": b"one"}
    record = instance_of({**texts, "audio_start": 1.5, "audio_end": b"", "unseen": True})
    assert (record.audio_start, record.audio_end, record.unseen) == (1.5, None, True)
    assert record.source == ("one",)
    other = json.dumps({"grade": "R"}).encode()
    assert instance_of({**texts, "other": other}).grade == "R"
