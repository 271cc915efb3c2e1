"""Labels and values are read out of sentences that say nothing else, and out of no others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks import catalogue, vocabularies
from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.records.answer_sentences import SentenceGrammar
from audioflan_tasks.records.lead_ins import ANSWER, grammar_of, split_answer, with_lead_in
from tests.records.test_lead_ins import FREE_FORMS, parsed

CASES = Path(__file__).parents[1] / "data" / "answer_cases.txt"

# Around a label of any task: no noun of a task stands in them.
CARRIERS = (
    "It is {}.", "This is {}", "I think it is {}.", "It's {}!", "You can hear {}.",
    "The recording contains {}.", "Most likely {}.", "This seems to be {}.", '"{}"', "**{}**",
    "The audio features {} in this clip.", "{} is heard.", "{} can be heard in the recording.",
    "Based on the audio, it is {}.", "I hear {}.", "The sound: {}", "录音中是{}。",
)  # fmt: skip
# With one of these a sentence says something else, or more.
OTHER_WORDS = ("not", "or", "but", "zorp", "louder", "no", "except", "twice", "maybe", "before")


def cases() -> list[tuple[str, str, str]]:
    """Task, output and right answer; "=" stands for the whole output."""
    lines = CASES.read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    return [(task, output, output if right == "=" else right) for task, output, right in rows]


@pytest.mark.parametrize(("task", "output", "right"), cases())
def test_answers_are_read_as_a_careful_reader_reads_them(
    task: str, output: str, right: str
) -> None:
    parts = split_answer(catalogue.get(task), output)
    assert parts.answer == right
    if right != output:
        assert grammar_of(catalogue.get(task)).may_lead(output)


def labelled_rows() -> list[tuple[TaskRow, str]]:
    """Tasks that choose one of many labels, with some of their labels."""
    return [
        (row, name)
        for row in catalogue.tasks()
        if row.answer_kind.choices == "one" and vocabularies.equal_values(row.id) is None
        for vocabulary in vocabularies.vocabularies_of(row.id)
        if not vocabulary.case_matters
        for name in vocabulary.names[:6]
        if len(name) > 3 and "," not in name and not SentenceGrammar(row, ()).carries(name)
    ]


@given(st.sampled_from(labelled_rows()), st.sampled_from(CARRIERS))
def test_a_label_of_a_list_is_read_in_its_own_spelling(
    label: tuple[TaskRow, str], carrier: str
) -> None:
    row, name = label
    output = carrier.format(name)
    parts = split_answer(row, output)
    assert parts.answer == name
    whole = with_lead_in(parts.lead_in, parts.answer)
    assert output.removeprefix(whole).strip() in ("", ".", "!", "。")


@pytest.mark.slow
@given(
    st.sampled_from(labelled_rows()), st.sampled_from(CARRIERS), st.sampled_from(OTHER_WORDS),
    st.booleans(),
)  # fmt: skip
def test_one_other_word_and_the_sentence_stays(
    label: tuple[TaskRow, str], carrier: str, word: str, is_first: bool
) -> None:
    row, name = label
    output = carrier.format(f"{word} {name}" if is_first else f"{name} {word}")
    assert SentenceGrammar(row, row.answer_nouns).split(output) is None


@given(
    st.sampled_from([row for row in catalogue.tasks() if row.answer in FREE_FORMS]),
    st.sampled_from(labelled_rows()),
    st.sampled_from([c for c in CARRIERS if ":" not in c]),
)
def test_prose_intervals_and_sequences_are_never_cut(
    row: TaskRow, label: tuple[TaskRow, str], carrier: str
) -> None:
    output = carrier.format(label[1])
    instance = parsed(row, output)
    assert (instance.lead_in, instance.output) == ("", output)


def test_options_of_the_record_are_labels() -> None:
    grammar = grammar_of(catalogue.get("artist_identification"))
    sentence = "You can hear Low in this recording."
    assert grammar.split(sentence).answer == sentence
    assert grammar.split(sentence, ("Low", "Wham!")).answer == "Low"


def test_a_sentence_around_an_answer_is_kept_and_read_again() -> None:
    instance = parsed(catalogue.get("instrument_classification"), "A violin is playing.")
    assert (instance.output, instance.lead_in) == ("violin", f"A {ANSWER} is playing.")
    assert instance.record()["output"] == "A violin is playing."
