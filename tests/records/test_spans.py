"""Spans in every spelling, and pieces that lose nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.records.spans import (
    Markers,
    Piece,
    audio_ids,
    canonical,
    is_canonical,
    join,
    pieces,
    span,
)

ID = "13_LibriTTS-R_260_123288_000009_000000"


@pytest.mark.parametrize(
    "written",
    [
        f"|SOA|>{ID}<|EOA|>",
        f"|SOA|>{ID}<|EOA|",
        f"<|SOA|{ID}<|EOA|>",
        f"<SOA>{ID}<EOA>",
        f"<|soa|>{ID}<|eoa|>",
        f"<|SOA|> {ID}\t<|EOA|>",
        f"SOA|>{ID}<|EOA",
        f"<|SOA>{ID}<EOA|>",
        f"|SOA|{ID}|EOA|",
    ],
)
def test_every_spelling_becomes_the_canonical_one(written: str) -> None:
    text, changed = canonical(f"Before {written}, after.")
    assert text == f"Before <|SOA|>{ID}<|EOA|>, after."
    assert changed == 1
    assert audio_ids(text) == [ID]
    assert not is_canonical(written)


@pytest.mark.parametrize(
    "text",
    [
        "SOAP and LEOA are words",
        "a SOA record of DNS",
        "<|SOA|>never closed",
        "closed only<|EOA|>",
        "<|SOA|><|EOA|>",
        "<|SOA|>over\ntwo lines<|EOA|>",
    ],
)
def test_what_is_no_span_stays_untouched(text: str) -> None:
    assert canonical(text) == (text, 0)


def test_a_span_that_was_not_closed_does_not_swallow_the_next() -> None:
    text, changed = canonical("<|SOA|>a <SOA>b<EOA>")
    assert text == "<|SOA|>a <|SOA|>b<|EOA|>"
    assert changed == 1


def test_marker_names_can_be_set() -> None:
    text, changed = canonical("<audio>x</audio> <|begin|>y<|fin|>", Markers("begin", "fin"))
    assert text == "<audio>x</audio> <|SOA|>y<|EOA|>"
    assert changed == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (span("a"), [("", "audio", "a")]),
        (f"audio: {span('a')}.", [("audio", "audio", "a")]),
        (
            f"audio_sample1: {span('a')}\naudio_sample2:{span('b')}",
            [("audio_sample1", "audio", "a"), ("audio_sample2", "audio", "b")],
        ),
        (
            f"This is a piece. It follows 5/8.\n audio prompt: {span('a')}",
            [("", "text", "This is a piece. It follows 5/8."), ("audio prompt", "audio", "a")],
        ),
        (
            f"text: He said: go!\nAnd: they went.\nspeaker prompt: {span('a')}",
            [("text", "text", "He said: go!\nAnd: they went."), ("speaker prompt", "audio", "a")],
        ),
        (
            "description: calm voice\ntext: Note: the train leaves at 10:30",
            [
                ("description", "text", "calm voice"),
                ("text", "text", "Note: the train leaves at 10:30"),
            ],
        ),
        ("He said: come here", [("", "text", "He said: come here")]),
        (f"The resulting audio is: {span('a')}", [("The resulting audio is", "audio", "a")]),
        (
            f"guitar\n{span('a')}",
            [("", "text", "guitar"), ("", "audio", "a")],
        ),
        ("...", [("", "text", "...")]),
        ("  ", []),
        ("", []),
        ("text:", []),
    ],
)
def test_pieces_by_hand(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(p.label, p.kind, p.value) for p in pieces(text)] == expected


def test_bare_lines_are_pieces_when_the_task_has_that_many() -> None:
    text = "A calm old man.\nGood evening."
    assert [p.value for p in pieces(text)] == [text]
    assert [p.value for p in pieces(text, texts=2)] == ["A calm old man.", "Good evening."]
    assert [p.value for p in pieces(f"one\ntwo\nthree\n{span('a')}", texts=2)] == [
        "one\ntwo\nthree",
        "a",
    ]


def test_pieces_made_by_hand_are_joined_as_the_release_does() -> None:
    made = [Piece("text", "text", "hello"), Piece("", "audio", "x")]
    assert join(made) == f"text: hello\n{span('x')}"


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
# Random characters hardly ever make a marker; its parts in random order do.
_PARTS = [
    "<",
    "|",
    ">",
    "SOA",
    "EOA",
    "soa",
    "Eoa",
    "<|SOA|>",
    "<|EOA|>",
    "a",
    "\n",
    ": ",
    " ",
    "text",
]
broken = st.lists(st.sampled_from(_PARTS), max_size=14).map("".join)
ids = st.from_regex(r"[A-Za-z0-9_.-]{1,30}", fullmatch=True)


@pytest.mark.slow
@given(st.lists(st.one_of(words, broken, ids.map(span)), max_size=6).map("".join))
def test_pieces_lose_no_character(text: str) -> None:
    settled, _ = canonical(text)
    made = pieces(settled)
    if made:
        assert join(made) == settled
    else:
        assert re.fullmatch(r"(\s|[.,;:!?\"'()\[\]-])*|\s*[A-Za-z0-9_ -]+:\s*", settled)


@pytest.mark.slow
@given(words)
def test_a_text_without_label_is_one_piece_with_every_character(text: str) -> None:
    # "the " and a digit keep a first line from looking like a label.
    line = f"the 1 {text} x"
    first = pieces(line)[0]
    assert line.startswith(first.value) or first.label
    assert join(pieces(line)) == canonical(line)[0]


@pytest.mark.slow
@given(words, ids, ids)
def test_spans_are_found_in_any_text(text: str, first: str, second: str) -> None:
    whole = canonical(f"{text.replace('OA', '')}\naudio: {span(first)}\n{span(second)}")[0]
    assert [p.value for p in pieces(whole) if p.kind == "audio"] == [first, second]
    assert audio_ids(whole) == [first, second]


@given(broken)
def test_repairing_twice_changes_nothing_more(text: str) -> None:
    once, _ = canonical(text)
    assert canonical(once) == (once, 0)


@given(st.one_of(words, broken))
def test_a_text_that_is_called_canonical_needs_no_repair(text: str) -> None:
    for variant in (text, f"<|SOA|>{text}<|EOA|>", f"a<SOA>{text}|EOA|>"):
        if is_canonical(variant):
            assert canonical(variant) == (variant, 0)
