"""Which words of a request are known, and which kinds of mistake each of the newer rules finds."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.judgement import instruction_objections
from audioflan_tasks.variation.task_wording import stem
from audioflan_tasks.variation.vocabulary import unknown_parts, unknown_words


def rewrite(task: str, original: str, text: str, language: str = "en") -> InstructionRewrite:
    return InstructionRewrite(catalogue.get(task), original, text, language)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Kindly tell me the emotion that you hear.", []),
        ("Tell me the emotion of the speaker's mother.", ["mother"]),
        ("Tell me the emotion in the chorus.", ["chorus"]),
        # What is said of oneself, or for whom it is, asks for nothing.
        ("I sort old cassettes. What is the speaker's emotion?", []),
        ("I am restoring tapes and need the speaker's emotion.", []),
        ("Name the emotion for a bassoonist.", []),
        # To mention is for the model, not for the speaker.
        ("Which emotion does the speaker mention?", ["mention"]),
    ],
)
def test_unknown_words(text: str, unknown: list[str]) -> None:
    case = rewrite("emotion_recognition", "Which emotion is it?", text)
    assert unknown_words(case) == unknown


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("请告诉我说话人的性别。", []),
        ("海鸥飞过码头，请告诉我说话人的性别。", []),
        ("请告诉我说话人妻子的性别。", ["妻子"]),
    ],
)
def test_unknown_parts(text: str, unknown: list[str]) -> None:
    case = rewrite("gender_recognition", "说话人的性别是什么？", text, "zh")
    assert unknown_parts(case) == unknown


@pytest.mark.parametrize(
    ("task", "original", "text", "rule"),
    [
        ("declipping", "Repair the flattened peaks.", "Flatten the peaks.", "head"),
        ("gender_recognition", "Name the gender.", "Make the gender clear.", "head"),
        ("denoising", "Make this noisy speech clear.", "Make this clear speech noisy.", "swapped"),
        ("denoising", "Remove the noise.", "Remove the noise from the.", "shape"),
        (
            "sound_event_detection", "When does each sound start and end?",
            "When does each sound start?", "detail",
        ),
        ("pitch_classification", "Name the note and its octave.", "Name the note.", "detail"),
        ("genre_classification", "Which genre is it?", "What is a genre?", "kind"),
        ("instrument_comparison", "Is the instrument the same?", "What is the same?", "form"),
    ],
)  # fmt: skip
def test_kinds_of_mistakes(task: str, original: str, text: str, rule: str) -> None:
    objections = instruction_objections(rewrite(task, original, text))
    assert rule in {objection.rule for objection in objections}


def test_a_word_that_changes_nothing_stands_once() -> None:
    file = resources.files("audioflan_tasks.variation") / "data" / "harmless.toml"
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    for parts in table.values():
        words = [word for entry in parts["any"].values() for word in entry.split()]
        assert len(words) == len(set(words))


def test_a_word_without_its_ending() -> None:
    forms = ("clipping", "clipped", "clips", "clip")
    assert {stem(word) for word in forms} == {"clip"}
    assert stem("singer") != stem("singing")
