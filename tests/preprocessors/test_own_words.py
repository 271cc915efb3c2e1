"""A record's own words: verbatim, cut at its audio, values in the order that a store has."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.catalogue import get
from audioflan_tasks.preprocessors.own_words import (
    INSTRUCTION,
    OwnLayout,
    OwnValue,
    OwnWords,
    own_answer,
    own_words,
)
from audioflan_tasks.preprocessors.render import render
from audioflan_tasks.records import Instance
from audioflan_tasks.records.spans import canonical, span

TASKS = ("automatic_speech_recognition", "text_to_speech", "denoising", "voice_conversion",
         "speaker_verification", "sound_event_detection", "singing_voice_synthesis")  # fmt: skip

# What records are made of, and what only looks like it.
BITS = st.sampled_from(
    (span("a1"), span("b-2"), "audio: ", "text: ", "Transcription: ", "speaker1: 0.5-3.2s; ",
     "hello", "你好，世界", " ", "\n", ".", "The accent is ", "<|SOA|>", "<|EOA|>", "label:", "é|>")
)  # fmt: skip
FIELDS = st.lists(BITS, max_size=6).map(lambda bits: canonical("".join(bits))[0])


def own_of(task: str, instruction: str, source: str, output: str, lead_in: str = "") -> OwnWords:
    record = Instance(
        task=task, instruction=instruction, input=source, output=output, lead_in=lead_in, uuid="u"
    )
    return own_words(record, get(task), record.input_pieces, record.output_pieces)


def text(place: int) -> OwnValue:
    return OwnValue("text", place)


def audio(place: int) -> OwnValue:
    return OwnValue("audio", place)


def test_labels_of_spans_are_words_and_texts_are_values() -> None:
    own = own_of(
        "voice_conversion", "Change the voice.", f"source: {span('a')}\ntarget: {span('b')}",
        span("c"),
    )  # fmt: skip
    assert own == OwnWords(
        OwnLayout((INSTRUCTION, "\nsource: ", audio(0), "\ntarget: ", audio(1)), (audio(2),)),
        ("Change the voice.",),
        input_texts=0,
        output_texts=0,
        audio_ids=("a", "b", "c"),
    )


def test_a_text_input_is_one_value_with_its_label() -> None:
    own = own_of("text_to_speech", "Say it.", "text: Hello there", f"audio: {span('c')}")
    assert own.layout == OwnLayout((INSTRUCTION, text(2)), ("audio: ", audio(0)))
    assert own.texts == ("Say it.", "Hello there", "\ntext: Hello there")


def test_text_beside_spans_is_a_value() -> None:
    own = own_of("denoising", "", f"Hear {span('a')}hum", f"{span('b')} done")
    assert own.layout == OwnLayout((text(4), audio(0), text(2)), (audio(1), text(5)))
    assert own.texts == ("", "Hear", "hum", "done", "Hear ", " done")
    assert (own.input_texts, own.output_texts) == (2, 1)


def test_an_answer_is_the_piece_that_a_store_has_already() -> None:
    own = own_of("automatic_speech_recognition", "Write.", span("a"), "hello", "Transcription: ")
    assert own.layout.targets == ("Transcription: ", text(1))
    assert own.texts == ("Write.", "hello")
    assert own_answer("hello", get("automatic_speech_recognition")) == "hello"


def test_several_lines_are_one_answer() -> None:
    lines = "speaker 1: 0.5-3.2s\nspeaker 2: 3.2-4s"
    own = own_of("automatic_speech_recognition", "Write.", span("a"), lines)
    assert own.layout.targets == (text(1),)
    assert own.texts == ("Write.", lines)
    stripped = own_of("automatic_speech_recognition", "Write.", span("a"), f"{lines}\n")
    assert stripped.layout.targets == (text(2),)
    assert stripped.texts == ("Write.", lines, f"{lines}\n")


def test_audio_of_the_output_is_counted_after_all_of_the_input() -> None:
    # The task reads no audio, so the span in its input is a part of the text.
    own = own_of("text_to_speech", "Say it.", f"like {span('a')}", span("b"))
    assert own.layout == OwnLayout((INSTRUCTION, text(2)), (audio(1),))
    assert own.audio_ids == ("a", "b")
    assert own.texts == ("Say it.", f"like {span('a')}", f"\nlike {span('a')}")


@pytest.mark.parametrize(
    ("instruction", "has_instruction"), [("Write.", True), (" ", True), ("", False)]
)
def test_a_layout_says_whether_there_is_an_instruction(
    instruction: str, has_instruction: bool
) -> None:
    own = own_of("automatic_speech_recognition", instruction, span("a"), "hi")
    assert own.layout.has_instruction is has_instruction


def test_values_do_not_change_the_layout() -> None:
    layouts = {
        own_of("text_to_speech", f"Say {word}.", f"text: {word} it", span(word)).layout
        for word in ("a", "b", "你好")
    }
    assert len(layouts) == 1


def verbatim(field: str, lead: str, may_hold_audio: bool) -> list[tuple[str, str]]:
    """Text and spans of a canonical field in turn, by a regular expression."""
    parts = [lead + field]
    if may_hold_audio:
        parts = re.split(r"<\|SOA\|>((?:(?!<\|SOA\|>)[^\n])+?)<\|EOA\|>", lead + field)
    kinds = ["audio" if number % 2 else "text" for number in range(len(parts))]
    return [(kind, part) for kind, part in zip(kinds, parts, strict=True) if part]


@given(st.sampled_from(TASKS), st.sampled_from(["", " ", "Do it.", span("a1")]), FIELDS, FIELDS)
def test_nothing_is_lost_or_moved(task: str, instruction: str, source: str, output: str) -> None:
    record = Instance(task=task, instruction=instruction, input=source, output=output, uuid="u")
    row = get(task)
    rendered = render(record, row, 0, mode="keep")
    inputs = [(part.kind, part.value) for part in rendered.inputs]
    expected = verbatim(source, "\n" if instruction else "", "audio" in row.reads) if source else []
    assert inputs == ([("text", instruction)] if instruction else []) + expected
    roles = [part.role for part in rendered.inputs]
    assert roles == ["instruction"] * bool(instruction) + ["input"] * len(expected)
    assert {part.role for part in rendered.targets} <= {"answer"}
    targets = [(part.kind, part.value) for part in rendered.targets]
    expected = verbatim(output, "", "audio" in row.writes)
    assert [target for target in targets if target[1]] == expected


@given(st.sampled_from(TASKS), FIELDS)
def test_the_answer_of_an_output_is_that_of_its_segments(task: str, output: str) -> None:
    record = Instance(task=task, instruction="Do it.", input="", output=output)
    targets = render(record, get(task), 0, mode="keep").targets
    spans = [part.value for part in targets if part.kind == "audio"]
    assert own_answer(output, get(task)) == (spans or [part.value for part in targets])[-1]
