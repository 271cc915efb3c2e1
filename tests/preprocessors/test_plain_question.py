"""Which way round an instruction asks the question of its task."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from audioflan_tasks.catalogue import TaskRow, get, tasks
from audioflan_tasks.catalogue.question import PlainQuestion, terms
from audioflan_tasks.preprocessors.phrase_rules import (
    Choice,
    Phrase,
    Repeat,
    Row,
    RuleName,
    parse_rule,
)
from audioflan_tasks.preprocessors.plain_question import (
    ASKS,
    NEITHER,
    OPPOSITE,
    question_rules,
    ways_asked,
)
from audioflan_tasks.preprocessors.wording import sentences_of


def ways_of(task: str, text: str, *, lists_options: bool = False) -> frozenset[str] | None:
    return ways_asked(get(task), sentences_of(text), lists_options=lists_options)


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("Are the speakers the same?", {ASKS}),
        ("Are the speakers different?", {OPPOSITE}),
        ("Compare the speakers.", set()),
        ("Compare the voices. Are they the same?", {ASKS}),
        ("Are they the same?", None),
        ("Are the speakers the same? Thank you!", {ASKS}),
        ("Are the speakers the same? Do they agree with us?", None),
        ("Thank you!", None),
        ("", None),
    ],
)
def test_ways_round(text: str, ways: set[str] | None) -> None:
    assert ways_of("speaker_verification", text) == ways


def test_what_is_left_of_options_is_read_where_there_are_some() -> None:
    for text in ("Identify the emotion from the following options", "Is the speaker", ""):
        assert ways_of("emotion_recognition", text, lists_options=True) == frozenset()
        assert ways_of("emotion_recognition", text) is None


def names_in(phrase: Phrase) -> Iterator[str]:
    """The rules that a phrase names."""
    match phrase:
        case RuleName(name):
            yield name
        case Row(parts):
            yield from itertools.chain.from_iterable(map(names_in, parts))
        case Choice(phrases):
            yield from itertools.chain.from_iterable(map(names_in, phrases))
        case Repeat(repeated):
            yield from names_in(repeated)


@pytest.mark.parametrize("row", tasks(), ids=lambda row: row.id)
def test_all_rules_of_a_task_are_there_and_used(row: TaskRow) -> None:
    rules = question_rules(row, NEITHER, lists_options=True)
    visited, queue = set(), ["asks", "beside"]
    while queue:
        name = queue.pop()
        if name not in visited:
            visited.add(name)
            queue += names_in(parse_rule(rules[name]))
    assert row.question is not None
    assert {name for name, _ in row.question.terms} <= visited


def test_a_users_task_may_use_the_shared_rules() -> None:
    question = PlainQuestion(asks="<attribute>", terms=terms(noun="cough+", done="heard"))
    row = get("sound_event_recognition").model_copy(
        update={"minor": "Cough Type", "question": question}
    )
    texts: dict[str, frozenset[str] | None] = {
        "Which cough is heard?": frozenset(),
        "Please name the cough in this recording.": frozenset(),
        "Which cough is the loudest?": None,
        "Count the coughs.": None,
    }
    for text, ways in texts.items():
        assert ways_asked(row, sentences_of(text), lists_options=False) == ways
