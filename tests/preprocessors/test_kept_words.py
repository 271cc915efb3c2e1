"""The counts of records that keep their own words."""

from __future__ import annotations

from audioflan_tasks.preprocessors.kept_words import KeptWords
from audioflan_tasks.records import Instance


def instance_of(instruction: str, output: str, task: str = "language_identification") -> Instance:
    return Instance(instruction=instruction, input="<|SOA|>a<|EOA|>", output=output, task=task)


def test_counts_by_task_and_reason() -> None:
    kept_words = KeptWords()
    for instruction, output in (
        ("Which language is spoken?", "Thai"),
        ("Is it Thai?", "yes"),
        ("Which language is not spoken?", "Thai"),
        ("Which language family?", "Romance"),
    ):
        kept_words.count(instance_of(instruction, output))
    kept_words.count(instance_of("Denoise.", "<|SOA|>b<|EOA|>", "denoising"))
    kept_words.count(instance_of("Nobody knows.", "x", ""))
    assert kept_words.as_dict() == {
        "language_identification": {
            "records": 4, "kept": 3, "reasons": {"words": 2, "answer": 1},
        }
    }  # fmt: skip
    lines = list(kept_words.lines())
    assert lines[:2] == [
        "own words kept: 3 of 5 records",
        "  language_identification: 3 of 4 (words 2, answer 1)",
    ]
    assert [line.split(":")[0].strip() for line in lines[2:]] == ["words", "answer"]


def test_nothing_is_kept() -> None:
    assert list(KeptWords().lines()) == ["own words kept: 0 of 0 records"]
