"""What of an instruction asks, and on which words its meaning turns."""

from __future__ import annotations

import pytest

from audioflan_tasks.variation.clauses import request_of
from audioflan_tasks.variation.focus import focal_words, object_noun, swapped_parts
from audioflan_tasks.variation.lexicon import lexicon

WORDS = lexicon("en")


@pytest.mark.parametrize(
    ("instruction", "request_text"),
    [
        ("You are a dialect coach. What accent is it?", "What accent is it?"),
        ("The call was taped in a street. Remove the noise.", "Remove the noise."),
        ("As a critic, name the genre.", "name the genre."),
        ("Listen to the clip and name the genre.", "name the genre."),
        ("Imagine you are blind. Where are you? {options}", "Where are you? {options}"),
        # All of it, where nothing else asks.
        ("Imagine what comes next.", "Imagine what comes next."),
        ("The accent of this speaker?", "The accent of this speaker?"),
    ],
)
def test_what_sets_a_scene_is_no_request(instruction: str, request_text: str) -> None:
    assert request_of(instruction, "en") == request_text


@pytest.mark.parametrize(
    "instruction",
    [
        "Name the genre. The answer must be one word.",
        "This is only about the first speaker. Who is it?",
        "Listen only to the drums and name the tempo.",
        "It should sound like {emotion}. Say it again.",
    ],
)
def test_what_limits_a_request_is_part_of_it(instruction: str) -> None:
    assert request_of(instruction, "en") == instruction


def test_a_scene_in_mandarin() -> None:
    assert request_of("您是方言学教授，请判断口音。", "zh") == "请判断口音。"
    assert request_of("您是否听到人声？", "zh") == "您是否听到人声？"


def test_the_object_of_an_order() -> None:
    orders = {
        "name the main emotion of the singer": "emotion",
        "identify every sound that is heard": "sound",
        "tell me which key it is": "",
        "kindly listen": "listen",
    }
    assert {order: object_noun(order.split(), WORDS) for order in orders} == orders


def test_a_purpose_is_not_in_focus() -> None:
    known = {"name", "the", "key", "a", "friend", "and", "it"}
    sentence = ["name", "the", "key", "for", "a", "bassoonist", "and", "transpose", "it"]
    assert list(focal_words(sentence, known, WORDS)) == ["transpose"]


@pytest.mark.parametrize(
    ("original", "rewrite", "parts"),
    [
        ("make this noisy speech clear", "make this clear speech noisy", ("noisy", "clear")),
        ("sing a as b would", "sing b as a would", ("a", "b")),
        # Neither says another thing.
        ("is it male or female", "is it female or male", ()),
        ("name the key", "name the key", ()),
        ("name the key", "please name the key", ()),
    ],
)
def test_parts_that_changed_places(original: str, rewrite: str, parts: tuple[str, ...]) -> None:
    swapped = swapped_parts(original.split(), rewrite.split())
    assert tuple(" ".join(part) for part in swapped) == parts
