"""Measures of pools by hand, and judgements side by side."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from audioflan_tasks.errors import SettingsError
from audioflan_tasks.preprocessors.templates import Instruction
from audioflan_tasks.variation.diversity import TaskPool, mean_quality, quality, read_pools
from audioflan_tasks.variation.fidelity import agreement, read_judgements, sample_lines
from audioflan_tasks.variation.plot import scatter


def task_pool(*asks: str, language: str = "en") -> TaskPool:
    moods = ("command", "question")
    instructions = (
        Instruction.model_construct(ask=ask, mood=moods[n % 2]) for n, ask in enumerate(asks)
    )
    return TaskPool("gender_recognition", language, tuple(instructions))


def test_measures_by_hand() -> None:
    pair = quality(task_pool("a b c", "a b d"))
    assert (pair.count, pair.moods, pair.length) == (2, 2, 3)
    assert pair.distinct_1 == pytest.approx(4 / 6)
    assert pair.distinct_2 == pytest.approx(3 / 4)
    chinese = quality(task_pool("听一听。", "听一下 {x}", language="zh"))
    assert chinese.distinct_2 == pytest.approx(4 / 5)
    assert quality(task_pool("one two three four", "five six seven")).self_bleu < 15
    same = quality(task_pool(*("one two three four five",) * 2))
    assert same.self_bleu == pytest.approx(100)
    assert len(same.near_pairs) == 1


def test_more_of_the_same_kind_is_not_less_varied() -> None:
    asks = [f"word{n} and word{n + 1} or word{n + 2}" for n in range(0, 60, 3)]
    assert quality(task_pool(*asks)).distinct_1 == pytest.approx(
        quality(task_pool(*asks[:5])).distinct_1
    )


def test_means_of_pools() -> None:
    mean = mean_quality([task_pool("a b c", "a b d"), task_pool("a b", "a b")])
    assert (mean.count, mean.length) == (4, 2.5)
    assert mean.distinct_2 == pytest.approx((3 / 4 + 1 / 2) / 2)


def test_a_folder_without_pools(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no pools; expected a folder"):
        read_pools(str(tmp_path))


def judged(file: Path, *rows: tuple[str, bool]) -> Path:
    task, original = "gender_recognition", "Identify the gender of the speaker."
    lines = [
        {"task": task, "original": original, "rewrite": rewrite, "faithful": faithful}
        for rewrite, faithful in rows
    ]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return file


def test_rules_and_a_judge_side_by_side(tmp_path: Path) -> None:
    file = judged(
        tmp_path / "sample.jsonl",
        ("What is the speaker's gender?", True),
        ("Which gender does the speaker have?", True),
        ("Tell me the gender of the speaker.", False),
        ("How old is the speaker?", False),
        ("Is the speaker a man?", True),
    )
    result = agreement(read_judgements(file))
    assert (result.both_faithful, result.both_unfaithful) == (2, 1)
    assert [pair.rewrite for pair in result.refused_pairs] == ["Is the speaker a man?"]
    assert [pair.rewrite for pair in result.missed_pairs] == ["Tell me the gender of the speaker."]
    assert result.fidelity == pytest.approx(2 / 3)
    # Agreement 3/5; by chance 3/5 * 3/5 + 2/5 * 2/5 = 13/25.
    assert result.kappa == pytest.approx((3 / 5 - 13 / 25) / (12 / 25))


def test_a_sample_that_nobody_judged(tmp_path: Path) -> None:
    file = tmp_path / "sample.jsonl"
    file.write_text('{"task": "x", "original": "a", "rewrite": "b", "faithful": null}\n')
    with pytest.raises(SettingsError, match=r"sample.jsonl:1: .*faithful: true or false"):
        read_judgements(file)
    file.write_text("")
    with pytest.raises(SettingsError, match="no judgements"):
        read_judgements(file)


def test_hand_written_instructions_are_no_sample() -> None:
    assert sample_lines([task_pool("a b c")]) == []


def test_the_plot_has_a_point_for_each_pool_and_escapes_names() -> None:
    svg = scatter({"a<b": [(0.0, 1.0), (1.0, 0.0)], "c": [(0.5, 0.5)]}, ("x", "y"))
    assert svg.count("<circle") == 3 and "a&lt;b" in svg
    places = [float(x) for x in re.findall(r'cx="([\d.]+)"', svg)]
    assert places[0] < places[2] < places[1]
