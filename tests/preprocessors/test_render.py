"""Rendering changes the words around an instance, never its values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audioflan_tasks.catalogue import TaskRow, get, tasks
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.preprocessors import render as module
from audioflan_tasks.preprocessors.options import (
    block_styles,
    inline_styles,
    lists,
    permuted,
    written_parts,
)
from audioflan_tasks.preprocessors.render import KEEP, RenderedExample, render
from audioflan_tasks.preprocessors.templates import pool
from audioflan_tasks.records import Instance
from audioflan_tasks.seeds import mixed
from audioflan_tasks.tokens.text import text_side

ROWS = tasks()[:80]
EACH = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)

SLOTS = {
    "phone_set": "ARPAbet",
    "target_language": "Portuguese",
    "emotion": "surprise",
    "target_rate": "24 kHz",
    "beat": "7",
    "gap": "1.20-1.60 s",
}
ANSWERS = {
    "transcript": "well the 3 quick foxes left at 10.45",
    "phones": "HH AH0 L OW1",
    "label": "zeta",
    "labels": "alpha, zeta",
    "number": "12.5 dB",
    "times": "0.52, 1.04, 1.56",
    "intervals": "0.00-2.00 C:maj; 2.00-4.00 A:min",
    "sequence": "dog bark, car horn, rain",
    "note": "C#4",
    "progression": "ii-V-I",
    "contour": "0.00 220.0; 0.10 0.0",
    "caption": "A dog barks twice before the rain begins.",
    "audio": "<|SOA|>out_1<|EOA|>",
}


def instance_of(row: TaskRow, uuid: str = "u0", **changes: object) -> Instance:
    """An instance with unlabelled pieces, as short as the release writes them."""
    values = [
        f"<|SOA|>in_{n}.a-b<|EOA|>" if piece.kind == "audio" else f"words {n} of 0.5 seconds"
        for n, piece in enumerate(row.inputs)
    ]
    other: dict[str, object] = {"slots": {slot: SLOTS[slot] for slot in row.slots}}
    answer = row.labels[-1] if row.labels else ANSWERS[row.answer]
    if row.answer in ("label", "labels") and not row.labels:
        other["options"] = ["alpha", "zeta", "eta"]
    fields: dict[str, object] = {
        "instruction": "",
        "input": "\n".join(values),
        "output": answer,
        "uuid": uuid,
        "task": row.id,
        "other": other,
    }
    return Instance(**(fields | changes))  # type: ignore[arg-type]


def text_of(segments: Sequence[module.Segment]) -> str:
    return "".join(s.value if s.kind == "text" else f"[{s.value}]" for s in segments)


def number_of(rendered: RenderedExample) -> int:
    return int(re.split(r"[/+]", rendered.template)[1])


def ask_of(rendered: RenderedExample) -> str:
    (ask,) = (s.value for s in rendered.inputs if s.role == "instruction")
    return ask


def given_of(rendered: RenderedExample) -> list[tuple[str, str, str]]:
    """Label, kind and value of each piece, wherever it stands."""
    label = ""
    found: list[tuple[str, str, str]] = []
    asked = rendered.inputs[0].role == "instruction"
    pieces = rendered.inputs[1:] if asked else rendered.inputs[:-2]
    if not asked:
        assert rendered.inputs[-2] == module.Segment("text", "\n", "input")
    for at, s in enumerate(pieces):
        assert s.role == "input"
        # A label stands before each piece, but for a bare one at the very beginning.
        if (at + (not asked and len(pieces) % 2)) % 2 == 0:
            assert s.value.startswith("\n") == (asked or at > 0)
            label = s.value.removeprefix("\n")
        else:
            found.append((label, s.kind, s.value))
    return found


def values_of(segments: Sequence[module.Segment], role: str) -> list[tuple[str, str]]:
    return [(s.kind, s.value) for s in segments if s.role == role]


# An answer in each form that instructions name; other forms are those of `ANSWERS`.
FORMS = {
    "yes/no": "no",
    "same/different": "different",
    "true/false": "True",
    "real/fake": "fake",
    "genuine/fake": "genuine",
    "bonafide/spoof": "bonafide",
    "several": "alpha, zeta",
    "group": "adult",
    "intervals": "0.00-2.00",
}


def outputs_of(row: TaskRow) -> list[str]:
    """Answers in all forms that the instructions of a task ask for."""
    forms = {form for ask in pool(row.id).instruction for form in ask.answers}
    default = row.labels[-1] if row.labels else ANSWERS[row.answer]
    outputs = FORMS | ({"several": ", ".join(row.labels[:2])} if row.labels else {})
    return [default, *(outputs[form] for form in sorted(forms & outputs.keys()))]


@pytest.mark.slow
@EACH
def test_every_template_renders_cleanly(row: TaskRow) -> None:
    seen = set()
    outputs = outputs_of(row)
    for uuid in range(400 * len(outputs)):
        instance = instance_of(row, f"u{uuid}", output=outputs[uuid % len(outputs)])
        rendered = render(instance, row, seed=1)
        if rendered.template == KEEP:
            continue
        ask = ask_of(rendered)
        seen.add(number_of(rendered))
        assert not set(ask) & set("{}")
        assert "  " not in text_of(rendered.inputs)
        assert not re.search(r"[.?!:]\w?$", ask) or ask[-1] in ".?!"
        assert len(given_of(rendered)) == len(row.inputs)
        assert text_of(rendered.inputs).strip() == text_of(rendered.inputs)
        assert {s.role for s in rendered.targets} == {"answer"}
    assert seen == set(range(len(pool(row.id).instruction)))


WORDS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters=":"
    ),
    min_size=1,
    max_size=40,
).map(str.strip)
# Blanks at the ends are trimmed by the reader and punctuation alone is no piece (such a record
# keeps its own words); markers are tested on their own.
TEXT = WORDS.filter(lambda t: any(c.isalnum() for c in t) and "OA" not in t.upper())
ID = st.from_regex(r"[A-Za-z0-9_]{1,8}-[a-z0-9.]{1,12}[a-z]", fullmatch=True)


@pytest.mark.slow
@settings(max_examples=400)
@given(
    data=st.data(), row=st.sampled_from(ROWS), seed=st.integers(0, 2**40), epoch=st.integers(0, 9)
)
def test_values_appear_unchanged_and_once(
    data: st.DataObject, row: TaskRow, seed: int, epoch: int
) -> None:
    values = [data.draw(ID if piece.kind == "audio" else TEXT) for piece in row.inputs]
    written_values = [
        f"{piece.name.replace('_', ' ')}: " * (row.reads.count(piece.kind) > 1)
        + (f"<|SOA|>{value}<|EOA|>" if piece.kind == "audio" else value)
        for piece, value in zip(row.inputs, values, strict=True)
    ]
    if row.id == "descriptive_speech_synthesis":
        written_values = [f"description: {values[0]}", f"text: {values[1]}"]
    audio = row.writes == ("audio",)
    # Words of any kind are an answer where it is prose; elsewhere it has a form.
    default = row.labels[-1] if row.labels else ANSWERS[row.answer]
    gold = data.draw(ID if audio else TEXT if row.answer_kind.is_prose else st.just(default))
    slots = {slot: data.draw(TEXT) for slot in row.slots}
    instance = instance_of(
        row,
        uuid=data.draw(st.uuids().map(str)),
        input="\n".join(written_values),
        output=f"<|SOA|>{gold}<|EOA|>" if audio else gold,
        other={"slots": slots, "options": data.draw(st.sampled_from([[], [gold, "x", "y"]]))},
    )
    rendered = render(instance, row, seed, epoch=epoch)
    assert rendered.template.startswith(f"{row.id}/")
    inputs = given_of(rendered)
    assert [i[1:] for i in inputs] == [(p.kind, v) for p, v in zip(row.inputs, values, strict=True)]
    labels = [label for label, _, _ in inputs]
    for piece, label in zip(row.inputs, labels, strict=True):
        assert label in pool(row.id).inputs[piece.name]
    *lead_in, answer = values_of(rendered.targets, "answer")
    assert answer == ("audio" if audio else "text", gold)
    assert [t for _, t in lead_in] in [[t] if t else [] for t in pool(row.id).answer.lead_ins]
    for slot in slots.values():
        assert slot in ask_of(rendered)
    assert all(s.kind == "text" for s in rendered.inputs if s.role == "instruction")


PAIRS = [row for row in ROWS if len(set(row.reads)) < len(row.reads)]


@pytest.mark.parametrize("row", PAIRS, ids=lambda row: row.id)
def test_labels_of_a_pair_belong_together(row: TaskRow) -> None:
    labels = pool(row.id).inputs
    known = set(zip(*(labels[piece.name] for piece in row.inputs), strict=True))
    made = [render(instance_of(row, f"u{n}"), row, 3) for n in range(200)]
    assert {tuple(label for label, _, _ in given_of(one)) for one in made} == known


@pytest.mark.slow
@EACH
def test_the_input_stands_before_or_after_as_the_words_allow(row: TaskRow) -> None:
    first = set()
    for n in range(300):
        one = render(instance_of(row, f"u{n}"), row, 5)
        before = one.inputs[0].role == "input"
        first.add(before)
        ask = ask_of(one).lower()
        assert not before or not re.search(r"\b(below|following)\b", ask)
        # Text without a label would run into the instruction.
        assert not before or all(label or kind == "audio" for label, kind, _ in given_of(one))
    assert first == {True, False}


@pytest.mark.slow
def test_a_third_of_the_inputs_stand_first() -> None:
    row = get("speaker_verification")
    made = [render(instance_of(row, f"u{n}"), row, 0) for n in range(3000)]
    assert sum(one.inputs[0].role == "input" for one in made) == pytest.approx(1000, abs=80)


@pytest.mark.slow
@EACH
def test_parts_of_an_instruction_are_the_whole(row: TaskRow) -> None:
    side = text_side("sentencepiece")
    listed = 0
    for n in range(200):
        for s in render(instance_of(row, f"u{n}"), row, 2).inputs:
            if s.parts:
                listed += 1
                assert "".join(s.parts) == s.value
                # With the text side that ships even the ids are those of the whole.
                assert [i for part in s.parts for i in side.encode(part)] == side.encode(s.value)
    assert bool(listed) == any("options" in i.placeholders for i in pool(row.id).instruction)


def test_numbers_times_and_labels_by_hand() -> None:
    row = get("speaker_diarization")
    gold = "0.00-1.52 speaker 1; 1.70-3.10 speaker 2"
    rendered = render(instance_of(row, output=gold), row, 0)
    assert text_of(rendered.targets).endswith(gold)
    assert text_of(rendered.targets).count(gold) == 1


def test_the_same_call_gives_the_same_everywhere(tmp_path: Path) -> None:
    asks = "".join(
        f"[[instruction]]\nask = 'Way {n:02d}: {{options}}'\nmood = 'command'\n" for n in range(9)
    )
    ends = "[inputs]\naudio = ['', 'a: ']\n[answer]\nlead_ins = ['', 'b: ']\n"
    (tmp_path / "mood.toml").write_text(f"task = 'mood'\n{asks}{ends}", encoding="utf-8")
    row = get("gender_recognition").model_copy(
        update={"minor": "Mood", "pool": str(tmp_path / "mood.toml")}
    )
    made = [render(instance_of(row, "u0"), row, 42, epoch=epoch) for epoch in range(3)]
    assert made == [render(instance_of(row, "u0"), row, 42, epoch=epoch) for epoch in range(3)]
    # Written down once: other values mean that no example of old can be made again.
    shown = [f"{r.template}: {text_of(r.inputs)} -> {text_of(r.targets)}" for r in made]
    assert shown == [
        "mood/3+lettered_lines: a: [in_0.a-b]\nWay 03:\n(A) male\n(B) female -> male",
        "mood/5+comma: Way 05: female, male\n[in_0.a-b] -> male",
        "mood/3+dashes: Way 03:\n- male\n- female\n[in_0.a-b] -> b: male",
    ]


class TestOptions:
    def test_the_records_list_is_used(self) -> None:
        row = get("accent_recognition")
        made = [render(instance_of(row, f"u{n}"), row, 0) for n in range(200)]
        listing = [r for r in made if "+" in r.template]
        assert 40 < len(listing) < 160
        for rendered in listing:
            ask = ask_of(rendered)
            assert all(ask.count(option) >= 1 for option in ("alpha", "zeta"))
        styles = {r.template.split("+")[1] for r in listing}
        assert styles == {"comma", "or", "letters", "dashes", "lettered_lines"}

    def test_the_tasks_labels_stand_in(self) -> None:
        row = get("gender_recognition")
        made = [render(instance_of(row, f"u{n}"), row, 0) for n in range(50)]
        listing = [ask_of(r) for r in made if "+" in r.template]
        assert listing
        assert all("female" in ask and re.search(r"\bmale", ask) for ask in listing)

    def test_no_list_without_the_gold_answer(self) -> None:
        row = get("gender_recognition")
        made = [render(instance_of(row, f"u{n}", output="unclear"), row, 0) for n in range(200)]
        assert not any("+" in r.template for r in made)
        assert all(text_of(r.targets) == "unclear" for r in made)

    def test_orders_vary_and_do_not_depend_on_the_records_own(self) -> None:
        row = get("accent_recognition")
        ways = [["alpha", "zeta", "eta"], ["eta", "alpha", "zeta", "eta"]]
        one, other = (
            [render(instance_of(row, f"u{n}", other={"options": w}), row, 0) for n in range(100)]
            for w in ways
        )
        assert one == other
        assert len({ask_of(r) for r in one if r.template.endswith("+comma")}) > 3

    @pytest.mark.slow
    def test_every_order_is_as_likely(self) -> None:
        draws = [mixed(n) for n in range(24_000)]
        counts = Counter(permuted(4, draw) for draw in draws)
        assert len(counts) == 24
        assert max(abs(n - 1000) for n in counts.values()) < 150
        # Places of many options, which one draw does not have the bits for.
        first = Counter(permuted(40, draw)[0] for draw in draws)
        last = Counter(permuted(40, draw)[-1] for draw in draws)
        assert all(max(abs(c[n] - 600) for n in range(40)) < 120 for c in (first, last))

    def test_styles_by_hand(self) -> None:
        three = ["a", "b", "c"]
        assert "".join(written_parts(three, "comma")) == "a, b, c"
        assert "".join(written_parts(three, "or")) == "a, b or c"
        assert "".join(written_parts(three, "dashes")) == "\n- a\n- b\n- c"
        assert "".join(written_parts(three, "letters")) == "(A) a (B) b (C) c"
        assert "".join(written_parts(three, "lettered_lines")) == "\n(A) a\n(B) b\n(C) c"
        many = [str(n) for n in range(28)]
        assert "".join(written_parts(many, "letters")).endswith("(Z) 25 (AA) 26 (AB) 27")

    def test_labels_with_commas_are_never_comma_separated(self) -> None:
        assert inline_styles(["dog, barking", "rain"]) == ("letters",)
        assert len(inline_styles(["dog", "rain"])) == 3

    def test_labels_that_are_letters_are_not_lettered(self) -> None:
        for options in (["A", "B", "same"], ["a", "Low, Therapy?"]):
            styles = inline_styles(options) + block_styles(options)
            assert styles == ("comma", "or", "dashes")
        assert block_styles(["1", "2"]) == ("dashes", "lettered_lines")

    def test_several_labels_must_all_be_listed(self) -> None:
        assert lists(["a", "b", "c"], "a, c", several=True)
        assert not lists(["a", "b", "c"], "a, d", several=True)
        assert not lists(["a", "b", "c"], "a, c")
        assert not lists(["a"], "a")


class TestKeep:
    def test_verbatim(self) -> None:
        row = get("text_guided_music_continuation")
        instance = instance_of(
            row,
            instruction="Please continue the audio music prompt",
            input="Atana raga.\n audio prompt: <|SOA|>m1<|EOA|>",
            output="audio: <|SOA|>m2<|EOA|>",
        )
        rendered = render(instance, row, 0, mode="keep")
        assert rendered.template == KEEP
        assert text_of(rendered.inputs) == (
            "Please continue the audio music prompt\nAtana raga.\n audio prompt: [m1]"
        )
        assert text_of(rendered.targets) == "audio: [m2]"

    def test_a_lead_in_of_the_record_is_no_part_of_the_answer(self) -> None:
        row = get("automatic_speech_recognition")
        instance = instance_of(row, lead_in="Transcription: ", output="come in")
        rendered = render(instance, row, 0, mode="keep")
        assert [s.value for s in rendered.targets] == ["Transcription: ", "come in"]

    @pytest.mark.parametrize(
        ("task", "changes"),
        [
            ("emotional_text_to_speech", {"other": {}}),
            ("emotional_text_to_speech", {"other": {"slots": {"emotion": ""}}}),
            ("denoising", {"input": "<|SOA|>a<|EOA|> and <|SOA|>b<|EOA|>"}),
            ("denoising", {"input": "no audio here"}),
            ("denoising", {"output": "a text"}),
            ("denoising", {"input": "", "instruction": ""}),
            ("speaker_verification", {"input": "<|SOA|>a<|EOA|>"}),
        ],
    )
    def test_what_does_not_fit_is_kept(self, task: str, changes: dict[str, object]) -> None:
        instance = instance_of(get(task)).replace(**changes)
        rendered = render(instance, get(task), 0)
        assert rendered.template == KEEP
        assert rendered == render(instance, get(task), 0, mode="keep")

    def test_unknown_mode(self) -> None:
        row = get("denoising")
        with pytest.raises(SettingsError, match="expected 'pool' or 'keep'"):
            render(instance_of(row), row, 0, mode="own")  # type: ignore[arg-type]


class TestMarkersInText:
    MARKED = "say <|SOA|>secret_file<|EOA|> twice"

    @pytest.mark.parametrize("mode", ["pool", "keep"])
    def test_a_transcript_never_becomes_audio(self, mode: module.Mode) -> None:
        row = get("automatic_speech_recognition")
        for marked in (self.MARKED, "<|SOA|>secret_file<|EOA|>", "<|SOA|> open"):
            for uuid in range(20):
                rendered = render(instance_of(row, f"u{uuid}", output=marked), row, 0, mode=mode)
                assert rendered.targets[-1] == module.Segment("text", marked, "answer")
                assert {s.kind for s in rendered.targets} == {"text"}

    @pytest.mark.parametrize("mode", ["pool", "keep"])
    def test_nor_does_a_text_to_read(self, mode: module.Mode) -> None:
        row = get("text_to_speech")
        rendered = render(instance_of(row, input=self.MARKED), row, 0, mode=mode)
        assert {s.kind for s in rendered.inputs} == {"text"}
        assert self.MARKED in text_of(rendered.inputs)


class TestPieces:
    def test_labels_decide_between_pieces_of_one_kind(self) -> None:
        row = get("speaker_extraction")
        swapped = "target speaker: <|SOA|>who<|EOA|>\nmixture: <|SOA|>all<|EOA|>"
        rendered = render(instance_of(row, input=swapped), row, 0)
        assert values_of(rendered.inputs, "input")[1::2] == [("audio", "all"), ("audio", "who")]

    def test_without_labels_the_order_counts(self) -> None:
        row = get("speaker_extraction")
        bare = "<|SOA|>all<|EOA|>\n<|SOA|>who<|EOA|>"
        rendered = render(instance_of(row, input=bare), row, 0)
        assert values_of(rendered.inputs, "input")[1::2] == [("audio", "all"), ("audio", "who")]

    def test_different_kinds_find_their_places(self) -> None:
        row = get("zero_shot_text_to_speech")
        swapped = "prompt: <|SOA|>who<|EOA|>\ntext: come in"
        rendered = render(instance_of(row, input=swapped), row, 0)
        assert values_of(rendered.inputs, "input")[1::2] == [("text", "come in"), ("audio", "who")]

    def test_an_empty_answer_is_an_answer(self) -> None:
        row = get("voice_activity_detection")
        rendered = render(instance_of(row, output=""), row, 0)
        assert rendered.targets[-1] == module.Segment("text", "", "answer")
        assert rendered.template != KEEP


class TestOwnTask:
    POOL = (
        "task = 'cough_counting'\n[[instruction]]\nask = 'Count {{all}} coughs.'\n"
        "mood = 'command'\n[inputs]\naudio = ['']\n[answer]\nlead_ins = ['']\n"
    )

    def row(self, pool: str = "") -> TaskRow:
        return get("audio_caption").model_copy(
            update={"minor": "Cough Counting", "answer": "number", "pool": pool}
        )

    def test_with_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "cough_counting.toml").write_text(self.POOL, encoding="utf-8")
        row = self.row(str(tmp_path))
        rendered = render(instance_of(row), row, 0)
        lines = text_of(rendered.inputs).splitlines()
        assert sorted(lines) == ["Count {all} coughs.", "[in_0.a-b]"]
        assert rendered.template == "cough_counting/0"

    def test_without_a_pool_the_record_is_kept(self) -> None:
        row = self.row()
        assert render(instance_of(row), row, 0).template == KEEP
