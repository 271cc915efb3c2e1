"""A second model has the last word on what is asked, and none on facts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.preprocessors.templates import pool
from audioflan_tasks.variation.judge import Findings, judge_rewrites
from audioflan_tasks.variation.judgement import Objection
from audioflan_tasks.variation.pools import PoolOutcome, PoolPlan, PoolUnit, key_of
from audioflan_tasks.variation.records import RecordBatch
from audioflan_tasks.variation.replies import ReplyError, read_verdicts
from audioflan_tasks.variation.run import read_report, vary_pools, vary_records
from audioflan_tasks.variation.run_files import Review, read_pool, write_lines
from tests.variation.model_server import Rewriter, asker, rewriting
from tests.variation.test_vary import ASK, GENDER, gender

# In words that no table has.
UNKNOWN = "Which gender goes with this larynx?"


def outcome_of(folder: Path, rewriter: Rewriter, judge: str = "wise") -> PoolOutcome:
    folder.mkdir(exist_ok=True)
    plan = PoolPlan(count=1, batch=1, wordings=0)
    with rewriting(rewriter) as server:
        own = asker(server, folder, attempts=1, judge=judge)
        return PoolUnit(GENDER, "en", plan, own, own).run()


def everything_as(rewrite: str) -> dict[str, list[str]]:
    words = pool(GENDER.id, GENDER.pool or None, row=GENDER)
    return {instruction.ask: [rewrite] for instruction in words.instruction}


def test_it_accepts_what_only_rules_about_the_question_refuse(tmp_path: Path) -> None:
    assert not outcome_of(tmp_path / "rules", Rewriter(everything_as(UNKNOWN)), "").instructions
    outcome = outcome_of(tmp_path / "judge", Rewriter(everything_as(UNKNOWN)))
    accepted = [i for i in outcome.instructions if i.ask == UNKNOWN]
    assert accepted and accepted[0].origin is not None
    assert (accepted[0].origin.model, accepted[0].origin.judge) == ("tiny", "wise")
    assert outcome.tally.overruled["vocabulary"] == 1


def test_it_refuses_what_the_rules_let_pass_and_the_next_request_says_why(tmp_path: Path) -> None:
    good = "What is the speaker's gender?"
    rewriter = Rewriter({ASK: [good, "Kindly name the gender of the speaker."]}, (), [good])
    with rewriting(rewriter) as server:
        own = asker(server, tmp_path, judge="wise")
        report = vary_records([RecordBatch(GENDER, [gender()], own)], tmp_path, (own,))
    (line,) = (tmp_path / "records" / f"{GENDER.id}.jsonl").read_text().splitlines()
    record = json.loads(line)
    assert record["instruction"] == "Kindly name the gender of the speaker."
    assert record["other"]["variation"]["judge"] == "wise"
    assert report.total.rules["judge"] == 1
    assert "- 1: judge: asks for another thing" in rewriter.prompts[2]
    assert set(read_report(tmp_path)["tokens"]) == {"tiny", "wise"}


def test_facts_are_not_shown_to_it(tmp_path: Path) -> None:
    rewriter = Rewriter(everything_as("Which gender is it, male, female or 7?"))
    assert not outcome_of(tmp_path, rewriter).instructions
    assert not any("verdicts" in prompt for prompt in rewriter.prompts)


def test_it_hears_what_the_rules_say(tmp_path: Path) -> None:
    rewriter = Rewriter(everything_as(UNKNOWN))
    outcome_of(tmp_path, rewriter)
    prompt = next(prompt for prompt in rewriter.prompts if '"verdicts" is' in prompt)
    assert '"suspicion": "vocabulary: ' in prompt and GENDER.definition in prompt


@pytest.mark.parametrize(
    "reply",
    [
        "I cannot say.", '{"verdicts": []}', '{"verdicts": [{"id": 2, "same": true}]}',
        '{"verdicts": [{"id": 1, "same": "true"}]}', '{"verdicts": [7]}', '{"verdicts": 1',
        '{"verdicts": [{"id": 1, "difference": 3, "same": true}]}',
    ],
)  # fmt: skip
def test_no_verdict_accepts_nothing(reply: str, tmp_path: Path) -> None:
    class Silent(Rewriter):
        def answer(self, prompt: str, sounds: object) -> object:
            said = super().answer(prompt, sounds)
            return reply if '"verdicts" is' in prompt else said

    with pytest.raises(ReplyError):
        read_verdicts(reply, [1])
    outcome = outcome_of(tmp_path, Silent(everything_as(UNKNOWN)))
    assert not outcome.instructions
    assert any("judge: no verdict" in text for item in outcome.queue for text in item.objections)


def test_a_run_that_ended_asks_no_judge_twice(tmp_path: Path) -> None:
    for expected in (True, False):
        rewriter = Rewriter(everything_as(UNKNOWN))
        with rewriting(rewriter) as server:
            own = asker(server, tmp_path, attempts=1, judge="wise")
            unit = PoolUnit(GENDER, "en", PoolPlan(count=1, batch=1, wordings=0), own, own)
            vary_pools([unit], tmp_path, (own,))
        assert bool(rewriter.prompts) is expected
        words = read_pool(tmp_path / "pools" / f"{GENDER.id}.toml")
        assert [i.ask for i in words.instruction] == [UNKNOWN]


@pytest.mark.parametrize("text", ["", "And which gender goes with this larynx?"])
def test_a_person_has_the_last_word_on_what_a_judge_accepts(text: str, tmp_path: Path) -> None:
    words = pool(GENDER.id, GENDER.pool or None, row=GENDER)
    reviews = [
        Review(key=key_of(GENDER.id, "en", i.ask, UNKNOWN), text=text, reviewer="ann", date="d")
        for i in words.instruction
    ]
    write_lines(tmp_path / "reviews.jsonl", reviews)
    with rewriting(Rewriter(everything_as(UNKNOWN))) as server:
        own = asker(server, tmp_path, attempts=1, judge="wise")
        unit = PoolUnit(GENDER, "en", PoolPlan(count=1, batch=1, wordings=0), own, own)
        vary_pools([unit], tmp_path, (own,))
    file = tmp_path / "pools" / f"{GENDER.id}.toml"
    assert file.exists() is bool(text)
    if text:
        instructions = read_pool(file).instruction
        assert {instruction.ask for instruction in instructions} == {text}
        origins = [instruction.origin for instruction in instructions]
        assert ("wise", "ann") in {(o.judge, o.reviewer) for o in origins if o is not None}


def test_a_person_may_reject_a_record_that_a_judge_accepts(tmp_path: Path) -> None:
    good = "What is the speaker's gender?"
    with rewriting(Rewriter({ASK: [good]})) as server:
        own = asker(server, tmp_path, judge="wise")
        first = RecordBatch(GENDER, [gender()], own).run()
        write_lines(
            tmp_path / "reviews.jsonl", [Review(key=first.keys[0], reviewer="ann", date="d")]
        )
        vary_records([RecordBatch(GENDER, [gender()], own)], tmp_path, (own,))
    assert (tmp_path / "records" / f"{GENDER.id}.jsonl").read_text() == ""


def test_what_was_refused_may_be_said_of_another_instruction(tmp_path: Path) -> None:
    """The first rewrite of a reply lacks a slot; the second may have the same words."""
    words = pool(GENDER.id, GENDER.pool or None, row=GENDER)
    asks = [instruction.ask for instruction in words.instruction]
    text = "Which gender has the voice that speaks?"
    rewrites = {ask: [text] for ask in asks}
    with rewriting(Rewriter(rewrites)) as server:
        own = asker(server, tmp_path, attempts=1)
        outcome = PoolUnit(GENDER, "en", PoolPlan(count=1, wordings=0), own, own).run()
    assert [instruction.ask for instruction in outcome.instructions] == [text]


def test_a_verdict_that_cannot_be_read_is_asked_for_once_more(tmp_path: Path) -> None:
    class Stumbling(Rewriter):
        def answer(self, prompt: str, sounds: object) -> object:
            said = super().answer(prompt, sounds)
            is_first = '"verdicts" is' in prompt and "could not be used" not in prompt
            return "Well..." if is_first else said

    outcome = outcome_of(tmp_path, Stumbling(everything_as(UNKNOWN)))
    assert [instruction.ask for instruction in outcome.instructions] == [UNKNOWN]


def test_without_one_the_rules_decide() -> None:
    objections = {1: [Objection("vocabulary", "cat")], 2: []}
    pairs = {1: (ASK, UNKNOWN), 2: (ASK, ASK)}
    assert judge_rewrites(None, catalogue.get("gender_recognition"), pairs, objections) == {
        1: Findings(objections[1]), 2: Findings([])
    }  # fmt: skip
