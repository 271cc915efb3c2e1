"""Facts that a rewrite may not change."""

from __future__ import annotations

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.judgement import instruction_objections


def rules(task: str, original: str, rewrite: str, language: str = "en") -> set[str]:
    case = InstructionRewrite(catalogue.get(task), original, rewrite, language)
    return {objection.rule for objection in instruction_objections(case)}


@pytest.mark.parametrize("task", ["age_recognition", "emotion_classification"])
def test_an_option_beside_all_labels_is_a_new_one(task: str) -> None:
    labels = ", ".join(catalogue.get(task).labels)
    original = f"Choose one of the following: {labels}."
    assert "options" in rules(task, original, f"Pick one of the following: {labels}, other.")
    assert "options" not in rules(task, original, f"Pick one of the following: {labels}.")


@pytest.mark.parametrize(
    ("rewrite", "is_cut"),
    [
        ("把噪声去掉，让声音听起来柔和。", False),
        ("请去除这段录音里的噪声和。", True),
        ("请把。", True),
    ],
)
def test_a_sentence_that_stops_in_its_middle(rewrite: str, is_cut: bool) -> None:
    original = "请去除这段录音里的噪声。"
    assert ("shape" in rules("denoising", original, rewrite, "zh")) is is_cut
