"""What an instance offers beside its fields."""

from __future__ import annotations

import pickle

import pytest

from audioflan_tasks.records import Instance


def _instance(**changes: object) -> Instance:
    fields = {
        "instruction": "Say it.",
        "input": "description: a calm voice\ntext: hello",
        "output": "audio: <|SOA|>03_X_a<|EOA|>",
        "task": "descriptive_speech_synthesis",
        "paper_category": "generation",
    }
    return Instance(**{**fields, **changes})  # type: ignore[arg-type]


def test_pieces_follow_the_task() -> None:
    labelled = _instance()
    assert [(p.label, p.value) for p in labelled.input_pieces] == [
        ("description", "a calm voice"),
        ("text", "hello"),
    ]
    bare = _instance(input="A calm voice.\nHello there.")
    assert [p.value for p in bare.input_pieces] == ["A calm voice.", "Hello there."]
    # Text to Speech has one text, so its lines stay together.
    poem = _instance(input="One line.\nAnother.", task="text_to_speech")
    assert [p.value for p in poem.input_pieces] == ["One line.\nAnother."]
    assert _instance(task="").input_pieces == labelled.input_pieces
    assert _instance(task="somebody_elses").input_pieces == labelled.input_pieces


def test_audio_ids_are_in_order_and_once() -> None:
    both = _instance(input="<|SOA|>b<|EOA|>\n<|SOA|>a<|EOA|>", output="<|SOA|>b<|EOA|>")
    assert both.audio_ids == ("b", "a")


def test_facts_in_other() -> None:
    plain = _instance()
    assert (plain.grade, plain.licence, plain.options, plain.slots) == ("", "", (), {})
    told = _instance(
        other={"grade": "R", "licence": "CC0", "options": ["a", 2], "slots": {"beat": 3}}
    )
    assert (told.grade, told.licence) == ("R", "CC0")
    assert told.options == ("a", "2")
    assert told.slots == {"beat": "3"}
    odd = _instance(other={"options": "a", "slots": ["b"]})
    assert (odd.options, odd.slots) == ((), {})


def test_it_cannot_be_changed_but_copied_and_sent() -> None:
    instance = _instance()
    with pytest.raises(AttributeError):
        instance.output = "other"  # type: ignore[misc]
    assert instance.replace(output="other").output == "other"
    assert pickle.loads(pickle.dumps(instance)) == instance


def test_paths_of_ids() -> None:
    instance = _instance(
        input="<|SOA|>a<|EOA|> <|SOA|>b<|EOA|>", output="yes", audio_path=("x.wav", "y.wav")
    )
    assert instance.path_of("b") == "y.wav"
    assert instance.path_of("c") == ""
