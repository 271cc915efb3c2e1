"""Whatever a model says: never an exception, never a value outside the range."""

# ruff: noqa: E501  (one row of a table, one line)

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audioflan_tasks import catalogue
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.errors import MetricInputError, UnknownNameError
from audioflan_tasks.metrics import METRICS, ParsedAnswer, Status, metric, parse, score
from audioflan_tasks.metrics.parsing.clean import MAX_CHARS
from audioflan_tasks.vocabularies import label_key

TEXT = sorted(n for n, i in METRICS.items() if i.answers == "text" and not i.needs)
SAMPLES = {
    "text": "he walks home", "caption": "he walks home now", "phones": "h i", "sequence": "a, b",
    "label": "yes", "labels": "a, b", "note": "C4", "number": "3 dB", "key": "C major",
    "intervals": "0.00-3.00 speaker 1", "chords": "0.00-3.00 C:maj", "times": "0.5, 1.0",
    "contour": "0.00 220.0; 0.10 221.5", "progression": "ii-V-I",
}  # fmt: skip
ROWS = [row for row in catalogue.tasks() if row.answer != "audio"]
# Pieces of answers as models give them, put together at random.
PIECES = st.sampled_from(
    ["0.5", "1:02.3", "-", "s", ";", ",", "[", "]", "(", ")", "{", "}", '"', "'", "C#4", "ii-V-I", "C:maj",
     "A minor", "<think>", "</think>", "yes", "no", "not", "neither", "jazz", "dB", "440 Hz", "\n", "1.", "→",
     "是", "不", "金属", "|", "\\boxed{", "```", "None", "nan", "inf", "1e999", "٣", "½", "\x00", "\ud800", "SPEAKER"]
)  # fmt: skip
ANSWERS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map(" ".join), st.lists(PIECES, max_size=25).map("".join))  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted({row.answer for row in ROWS}))
@settings(max_examples=150)
@given(said=ANSWERS)
def test_reading_never_raises(kind: str, said: str) -> None:
    for row in [r for r in ROWS if r.answer == kind][:3]:
        found = parse(
            row, said, row.labels or ("jazz", "hip-hop", "a"), prompt="Format: 0.5 jazz (A) a"
        )
        assert isinstance(found, ParsedAnswer)
        assert isinstance(found.status, Status)
        if found.status not in (Status.OK, Status.RUNAWAY, Status.OUT_OF_SET):
            assert found.value is None


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXT)
@settings(max_examples=25)
@given(said=ANSWERS)
def test_any_answer_is_scored_within_the_range(name: str, said: str) -> None:
    info = METRICS[name]
    gold = SAMPLES[info.reads]
    result = info.function()([gold, gold], [said, gold])
    value = result[name]
    assert math.isfinite(value)
    assert info.low - 1e-9 <= value <= info.high + 1e-9
    assert result[f"{name}_unparsed"] in (0.0, 0.5)


@pytest.mark.parametrize("name", TEXT)
def test_best_for_the_right_answer_and_worse_for_none(name: str) -> None:
    info = METRICS[name]
    gold = SAMPLES[info.reads]
    other = {"number": "9 dB", "label": "no", "caption": "a dog barks loudly"}
    golds = [gold, other.get(info.reads, gold)]
    right = info.function()(golds, golds)
    assert right[name] == pytest.approx(info.best, abs=0.02 if name == "meteor" else 1e-6)
    assert right[f"{name}_unparsed"] == 0.0
    none = info.function()(golds, [golds[0], ""])
    assert (none[name] < right[name]) if info.better == "higher" else (none[name] > right[name])
    assert none[f"{name}_unparsed"] == 0.5


@pytest.mark.parametrize("name", TEXT)
def test_case_and_blanks_do_not_matter(name: str) -> None:
    info = METRICS[name]
    gold = SAMPLES[info.reads]
    if info.reads in ("progression", "sequence", "phones", "chords", "key") or name in (
        "bleu",
        "chrf",
    ):
        said = f"  {gold} \n"
    else:
        said = f"  {gold.upper()} \n" if info.reads != "intervals" else f" {gold.title()}\n"
    assert info.function()([gold], [said])[name] == info.function()([gold], [gold])[name]


@pytest.mark.parametrize("name", sorted(METRICS))
def test_unequal_or_no_input_is_refused(name: str) -> None:
    with pytest.raises(MetricInputError, match=f"{name}: 1 targets but 2"):
        metric(name).function()(["a"], ["a", "b"])
    with pytest.raises(MetricInputError, match="nothing to score"):
        metric(name).function()([], [])


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("note_accuracy", "H9"),
        ("mae", "loud"),
        ("der", "someone"),
        ("beat_f1", "soon"),
        ("wer", ""),
    ],
)
def test_a_broken_reference_is_an_error(name: str, target: str) -> None:
    with pytest.raises(MetricInputError, match=name):
        metric(name).function()([target], ["x"])


def test_unknown_names_are_told_and_every_metric_has_a_task_or_an_option() -> None:
    with pytest.raises(UnknownNameError, match="did you mean wer"):
        metric("werr")
    assert {m for row in catalogue.tasks() for m in row.metrics} <= set(METRICS)


# What texts that once took minutes are made of.
UNITS = [
    "[", "(", "0.1-", "1,", "a", "not ", "<think>", "{'a':", "9", '"', "A4 ", "ii-", "0.1 0.2 x\n", "jazz or ", "*", "- ",
    "1:", "\\boxed{", "no audio ", "please ", "the lyrics are ", "the ", "a-", "a_", "不是", "not jazz, ", "if it is jazz, ",
    "1 to ", "jazz but not ", "(A) ", "1 ", "1-", " ", "x" + " " * 32, "金属;;", ",½", "→A", "I\n", "[\"'(", "1 and 2 ", "A minor third ",
    "I/", "91.", "1,000,", "1.", "the genre of ", "C4 ", "0-1 a;",
]  # fmt: skip
WORDS_OF_UNITS = [
    "0.5", "1:02.3", "-", "s", ";", ",", "[", "]", "(", ")", '"', "'", "C#4", "ii-V-I", "C:maj", "A minor", "yes", "no", "not",
    "neither", "jazz", "dB", "440 Hz", "\n", "1.", "→", "是", "不", "金属", "|", "½", "SPEAKER", " ", "a", "A", "9", ".", ":", "_",
    "**", "#", "the", "is", "answer", "to", "between", "or", "and", "but", "if", "I", "=", "/", "<", "!", "?", "instead of",
    "(A)", "because", "而是", "from", "  ",
]  # fmt: skip
SHORT, LONG = 1_000, 8_000
# Twice that of a time that grows with the text, and what a processor loses now and then.
MOST_GROWTH, PAUSE = 2 * LONG // SHORT, 0.1
MOST_SECONDS = 60


def units_of(seed: int) -> list[str]:
    """Units of two or three words, the same for a seed."""
    random = Random(seed)
    return [random.choice(["", " "]).join(random.choices(WORDS_OF_UNITS, k=random.choice([2, 3])))
            + random.choice(["", " "]) for _ in range(12)]  # fmt: skip


def _seconds_of(row: TaskRow, answer: str) -> float:
    begun = time.thread_time()
    parse(row, answer, row.labels or ("jazz", "hip-hop"), prompt="Format: 0.5 jazz (A) jazz (B) hip-hop")  # fmt: skip
    return time.thread_time() - begun


def _is_superlinear(row: TaskRow, unit: str) -> bool:
    """Whether reading a text of a unit takes much more than twice the time for twice the text."""
    short = _seconds_of(row, unit * (SHORT // len(unit)) + "x")
    answer = unit * (LONG // len(unit)) + "x"
    # The best of some: other work on the machine takes time from one.
    return all(_seconds_of(row, answer) > MOST_GROWTH * short + PAUSE for _ in range(3))


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    """Ends a test that has used so many seconds of the processor: a pattern may never end."""

    def stop(*_: object) -> None:
        raise AssertionError(f"more than {seconds} s of the processor")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer of the processor's time")
@pytest.mark.parametrize("seed", [None, *(pytest.param(n, marks=pytest.mark.full) for n in range(8))])  # fmt: skip
def test_the_time_to_read_an_answer_grows_no_faster_than_the_answer(seed: int | None) -> None:
    """No pattern tries again and again: it would take hours on some text of 100,000 characters."""
    rows = {row.answer: row for row in reversed(ROWS)} | {"key": catalogue.get("key_detection"), "chords": catalogue.get("chord_estimation")}  # fmt: skip
    units = UNITS if seed is None else units_of(seed)
    with _at_most(MOST_SECONDS):
        for row in rows.values():
            _seconds_of(row, "jazz")
        slow = [(name, unit) for unit in units for name, row in rows.items() if _is_superlinear(row, unit)]  # fmt: skip
    assert not slow


def test_an_endless_answer_is_cut_and_said_to_run_away() -> None:
    row = catalogue.get("automatic_speech_recognition")
    found = parse(row, "so on " * 100_000)
    assert found.status is Status.RUNAWAY
    assert len(found.value) <= MAX_CHARS
    scored = score(row, ["so it goes"], ["so it goes " * 200])
    assert scored.statuses == {"runaway": 1}
    assert scored["wer"] > 100
    assert scored["wer_capped"] == 1.0


WORDS = st.text(st.characters(categories=["L"]), min_size=1, max_size=8)


@pytest.mark.slow
@settings(max_examples=200)
@given(
    labels=st.lists(st.lists(WORDS, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=6)
)
def test_every_label_of_any_set_is_read_as_itself(labels: list[str]) -> None:
    row = catalogue.get("genre_classification")
    keys = [label_key(label) for label in labels]
    for label in labels:
        if keys.count(label_key(label)) == 1:
            for said in (label, f" {label}.\n", f'"{label}"'):
                found = parse(row, said, labels)
                assert (found.value, found.status) == (label, Status.OK)


@pytest.mark.slow
@settings(max_examples=60)
@given(
    left=st.lists(st.sampled_from("abc"), min_size=1),
    right=st.lists(st.sampled_from("abc"), min_size=1),
)
def test_symmetric_metrics(left: list[str], right: list[str]) -> None:
    one, two = ", ".join(left), ", ".join(right)
    for name in ("edit_similarity", "set_f1", "exact_match", "exact_set"):
        function = METRICS[name].function()
        assert function([one], [two])[name] == pytest.approx(function([two], [one])[name])
