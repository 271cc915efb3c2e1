"""Answers as models write them become what a careful reader makes of them, kind by kind."""

from __future__ import annotations

import pytest

from tests.answer_cases import FOLDER, AnswerCase, cases_in

FILES = sorted(path.stem for path in FOLDER.glob("*.txt"))
FEWEST_TWO_LABELS = 200


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_answers_become_what_a_careful_reader_makes_of_them(name: str) -> None:
    wrong = [f"{case.answer!r}: {case.result}, expected {case.value}" for case in cases_in(name)
             if not case.is_right and not _is_open(case)]  # fmt: skip
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_no_answer_is_read_as_the_opposite() -> None:
    cases = [case for case in cases_in("two_labels") if not _is_open(case)]
    assert len(cases) >= FEWEST_TWO_LABELS
    flips = [case for case in cases if not case.result.startswith("!") and not case.is_right]
    assert not flips


@pytest.mark.slow
def test_most_answers_of_two_labels_are_read() -> None:
    cases = [case for case in cases_in("two_labels") if not _is_open(case)]
    # Some say that a value is possible, and no more.
    assert sum(case.result.startswith("!") for case in cases) <= len(cases) // 16


def _is_open(case: AnswerCase) -> bool:
    """Whether several readings of an answer to a question of two values are fair."""
    return case.file == "two_labels" and case.value == "!"
