"""In which form a record answers, and what it says: equal values of questions."""

from __future__ import annotations

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.metrics.scoring import score
from audioflan_tasks.vocabularies import answer_form, equal_values, values_in_form

SAME = ("speaker_verification", "spoken_paragraph_recognition", "instrument_comparison",
        "key_comparison", "instrumental_technique_comparison", "emotion_comparison")  # fmt: skip


@pytest.mark.parametrize("task", SAME)
@pytest.mark.parametrize(
    ("text", "form", "value"),
    [
        ("yes", "yes/no", "yes"),
        ("No.", "yes/no", "no"),
        ("是", "yes/no", "yes"),
        ("不是", "yes/no", "no"),
        ("same", "same/different", "yes"),
        ("Different", "same/different", "no"),
        ("相同", "same/different", "yes"),
        ("不同", "same/different", "no"),
        ("True", "true/false", "yes"),
        ("FALSE", "true/false", "no"),
        ("The two recordings are identical.", "same/different", "yes"),
        ("They are not the same.", "same/different", "no"),
        ("They aren't identical", "same/different", "no"),
        ("They do not differ", "same/different", "yes"),
        ("There is no difference.", "same/different", "yes"),
        ("Yes, they are the same.", "yes/no", "yes"),
        ("No, they are not the same.", "yes/no", "no"),
    ],
)
def test_same_or_different(task: str, text: str, form: str, value: str) -> None:
    answer = answer_form(task, text)
    assert answer is not None
    assert (answer.form, answer.value) == (form, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The speakers in the given two speeches are the same.", "yes"),
        ("Both clips were spoken by one person.", "yes"),
        ("The clips have the same speaker", "yes"),
        ("These are two speakers", "no"),
        ("They come from different people.", "no"),
        ("It is not the same voice", "no"),
        ("不是同一个人", "no"),
    ],
)
def test_sentences_about_speakers(text: str, value: str) -> None:
    answer = answer_form("speaker_verification", text)
    assert answer is not None and answer.value == value


@pytest.mark.parametrize(
    ("task", "text", "form", "value"),
    [
        ("deepfake_detection", "bonafide", "bonafide/spoof", "bona fide"),
        ("deepfake_detection", "bona-fide", "bonafide/spoof", "bona fide"),
        ("deepfake_detection", "Spoof", "bonafide/spoof", "spoof"),
        ("deepfake_detection", "real", "real/fake", "bona fide"),
        ("deepfake_detection", "The speech is fake.", "real/fake", "spoof"),
        ("deepfake_detection", "It is not real.", "real/fake", "spoof"),
        ("deepfake_detection", "genuine", "genuine/fake", "bona fide"),
        ("deepfake_detection", "yes", "yes/no", ""),
        ("deepfake_audio_detection", "genuine", "genuine/fake", "real"),
        ("deepfake_audio_detection", "fake", "real/fake", "fake"),
        ("deepfake_audio_detection", "bonafide", "bonafide/spoof", "real"),
        ("tempo_comparison", "The first one is faster.", "first/second", "first"),
        ("tempo_comparison", "The second music excerpt", "first/second", "second"),
        ("tempo_comparison", "audio 1", "first/second", "first"),
        ("tempo_comparison", "2", "first/second", "second"),
        ("tempo_comparison", "The second is slower", "first/second", "first"),
        ("tempo_comparison", "The first is faster, the second is slower.", "first/second", "first"),
        ("tempo_comparison", "The first is slower and the second faster", "first/second", "second"),
        ("tempo_comparison", "Same", "first/second", "same"),
        ("tempo_comparison", "第二段", "first/second", "second"),
    ],
)
def test_real_or_fake_and_first_or_second(
    task: str, text: str, form: str | None, value: str | None
) -> None:
    answer = answer_form(task, text)
    assert (answer and answer.form, answer and answer.value) == (form, value)


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("speaker_verification", "I do not know"),
        ("speaker_verification", "same or different"),
        ("speaker_verification", ""),
        ("tempo_comparison", "faster"),
        ("tempo_comparison", "first or second"),
        ("emotion_recognition", "yes"),
        ("a_task_of_a_user", "yes"),
    ],
)
def test_what_says_no_value_has_no_form(task: str, text: str) -> None:
    assert answer_form(task, text) is None
    assert values_in_form(task, text) == ()


@pytest.mark.parametrize(
    ("task", "text", "values"),
    [
        ("speaker_verification", "yes", ("yes", "no")),
        ("speaker_verification", "No", ("Yes", "No")),
        ("speaker_verification", "Same", ("Same", "Different")),
        ("speaker_verification", "TRUE", ("TRUE", "FALSE")),
        ("speaker_verification", "相同", ("相同", "不同")),
        ("deepfake_detection", "bonafide", ("bonafide", "spoof")),
        ("deepfake_detection", "bona fide", ("bona fide", "spoof")),
        ("deepfake_detection", "Fake", ("Real", "Fake")),
        ("deepfake_audio_detection", "genuine", ("genuine", "fake")),
        ("tempo_comparison", "Second", ("First", "Second", "Same")),
        ("tempo_comparison", "A", ("A", "B", "Same")),
        ("tempo_comparison", "audio 2", ("audio 1", "audio 2", "same")),
        ("speaker_verification", "Same speaker", ("Same speaker", "Different speakers")),
        ("speaker_verification", "different speakers", ("same speaker", "different speakers")),
        ("speaker_verification", "mismatch", ("match", "mismatch")),
        ("speaker_verification", "Not the same", ("The same", "Not the same")),
        ("speaker_verification", "不一样", ("一样", "不一样")),
        ("speaker_verification", "They are the same.", ()),
    ],
)
def test_the_values_in_the_form_of_a_record(task: str, text: str, values: tuple[str, ...]) -> None:
    assert values_in_form(task, text) == values


def test_tasks_of_two_values_have_equal_ones_and_no_others() -> None:
    tasks = [row for row in catalogue.tasks() if equal_values(row.id)]
    assert {row.id for row in tasks} == {
        *SAME, "tempo_comparison", "deepfake_detection", "deepfake_audio_detection"
    }  # fmt: skip
    for row in tasks:
        values = equal_values(row.id)
        assert values is not None and values.values == row.labels
        assert all(len(form.words) >= 2 for form in values.forms)


@pytest.mark.parametrize(
    ("task", "reference", "right", "wrong"),
    [
        ("speaker_verification", "same", ["yes", "True", "the same speaker"], ["no", "different"]),
        ("speaker_verification", "True", ["Yes.", "same", "相同"], ["No", "two speakers"]),
        ("speaker_verification", "different", ["no", "not the same"], ["yes"]),
        ("speaker_verification", "The speakers in the given two speeches are the same.",
         ["yes", "same"], ["different"]),
        ("instrument_comparison", "The two excerpts share the same instrument.",
         ["Yes", "same"], ["No"]),
        ("spoken_paragraph_recognition", "No", ["different", "False"], ["same"]),
        ("tempo_comparison", "The first one is faster.", ["first", "audio 1"], ["second"]),
        ("tempo_comparison", "The second music excerpt", ["second", "2"], ["first", "same"]),
        ("deepfake_detection", "bonafide", ["real", "genuine", "bona fide"], ["fake", "spoof"]),
        ("deepfake_detection", "The speech is fake.", ["spoof", "fake"], ["real"]),
        ("deepfake_audio_detection", "genuine", ["real", "bonafide"], ["fake"]),
    ],
)  # fmt: skip
def test_equal_values_score_alike(
    task: str, reference: str, right: list[str], wrong: list[str]
) -> None:
    answers = [*right, *wrong]
    values = score(catalogue.get(task), [reference] * len(answers), answers, metrics=["accuracy"])
    assert values["accuracy"] == pytest.approx(len(right) / len(answers))
