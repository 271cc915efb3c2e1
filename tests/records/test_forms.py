"""What an answer looks like: intervals, JSON, audio, or none of these."""

from __future__ import annotations

import pytest

from audioflan_tasks import vocabularies
from audioflan_tasks.catalogue import tasks
from audioflan_tasks.records.forms import text_form


@pytest.mark.parametrize(
    ("answer", "form"),
    [
        ("[('0.0', '1.2', 'Vibrato'), ('1.3', '2.0', 'Trill')]", "intervals"),
        ("0.00-1.52 speaker 1; 1.70-3.10 speaker 2", "intervals"),
        ("speaker1: 0.5s - 3.2s", "intervals"),
        ("(0.5, 1.2)", "intervals"),
        ("[[0, 1], [2, 3]]", "intervals"),
        ('{"action": "bring", "object": "socks"}', "json"),
        ('["rock", "pop"]', "json"),
        ("<|SOA|>b<|EOA|>", "audio"),
        ("rock", None),
        ("20-29", None),
        ("48.22", None),
        ("HUAWEI P30", None),
        ("1000103", None),
        ("DunGong (staccato)", None),
        ("[laughs] no", None),
        ("", None),
    ],
)
def test_the_form_of_an_answer(answer: str, form: str | None) -> None:
    assert text_form(answer) == form


@pytest.mark.parametrize("task", [row for row in tasks() if row.labels], ids=lambda row: row.id)
def test_no_label_of_a_task_looks_like_another_form(task) -> None:  # type: ignore[no-untyped-def]
    assert {text_form(label) for label in task.labels} == {None}


def test_no_label_of_a_vocabulary_does() -> None:
    names = [
        label.name
        for name in ("audioset", "fsc_intents", "kespeech_dialects", "mtg_jamendo")
        for label in vocabularies.get(name).labels
    ]
    assert {text_form(name) for name in names} == {None}
