"""Transcripts, captions and phones in the answers of models."""

from __future__ import annotations

from typing import Any

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.metrics import parse


def read(task: str, text: str, **more: Any) -> tuple[object, str]:
    found = parse(catalogue.get(task), text, **more)
    return found.value, str(found.status)


@pytest.mark.parametrize(
    "text",
    [
        "Hello, my friend.", '"Hello, my friend."', "“Hello, my friend.”", "  Hello, my friend.\n",
        "The transcription is: Hello, my friend.", "Transcript: “Hello, my friend.”",
        "Sure! Here is the transcription of the audio:\n\nHello, my friend.",
        "The speaker says: 'Hello, my friend.'", "The spoken text is 'Hello, my friend.'.",
        '{"text": "Hello, my friend."}', "<think>a greeting</think>Hello, my friend.",
        "```\nHello, my friend.\n```", "**Hello, my friend.**", "<s>Hello, my friend.</s>",
    ],
)  # fmt: skip
def test_what_stands_around_a_transcript_is_left_off(text: str) -> None:
    value, status = read("automatic_speech_recognition", text)
    assert (str(value).strip(" .'"), status) == ("Hello, my friend", "ok")


@pytest.mark.parametrize(
    "text",
    [
        "Please note: the pin is invalid.", "I'm sorry, that is not a valid extension.",
        "He said 'no' and left.", "[laughs] well", "It's 5:30, isn't it?", "Press 1, or press 2.",
        "The text of the law is clear.", "I can't do that.",
    ],
)  # fmt: skip
def test_a_transcript_that_looks_like_something_else_stays(text: str) -> None:
    assert read("automatic_speech_recognition", text) == (text, "ok")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("I'm sorry, but I cannot process audio files.", "refusal"),
        ("I am unable to transcribe the recording.", "refusal"),
        ("As an AI language model I have no ears.", "refusal"),
        ("抱歉，我无法处理音频。", "refusal"),
        ("", "empty"), ("...", "empty"), ("<think>…</think>", "empty"),
    ],
)  # fmt: skip
def test_failures(text: str, status: str) -> None:
    assert read("automatic_speech_recognition", text) == (None, status)


def test_a_model_that_repeats_the_instruction() -> None:
    prompt = "Please write down the words that are spoken in this recording."
    said = "Write down the words that are spoken in this recording"
    assert read("automatic_speech_recognition", said, prompt=prompt) == (None, "prompt_echo")


def test_a_text_that_goes_round_in_circles() -> None:
    assert read("audio_caption", "a dog barks and " * 30)[1] == "runaway"
    assert read("audio_caption", "a dog barks and a cat sleeps while rain falls")[1] == "ok"


@pytest.mark.parametrize(
    "text", ["h ə l oʊ", "/h ə l oʊ/", "[h ə l oʊ]", "Phones: h ə l oʊ", " h  ə l oʊ\n"]
)
def test_phones(text: str) -> None:
    assert read("phonetic_recognition", text) == (("h", "ə", "l", "oʊ"), "ok")


def test_phones_without_blanks_are_cut_up() -> None:
    assert read("phonetic_recognition", "həlːo")[0] == ("h", "ə", "lː", "o")
