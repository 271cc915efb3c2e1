"""Trees, schedules, units and caps against hand-worked numbers."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.errors import MixtureError
from audioflan_tasks.mixtures import equal, explicit, paper_sizes, schedule, size, standard_mixtures
from audioflan_tasks.mixtures.plan.plan import Plan
from audioflan_tasks.mixtures.spec.resolve import Cap, resolve
from audioflan_tasks.mixtures.spec.tree import Group, Leaf, check_tree, tags_of

SIZES = {"a": 100, "b": 300, "c": 50, "d": 150, "e": 0}


def group(name: str, keys: str, weights: object, **tags: str) -> Group:
    return Group(name, tuple(Leaf(key) for key in keys), weights, tags)  # type: ignore[arg-type]


def outer(weights: object) -> Group:
    members = (group("x", "ab", size(), kind="clean"), group("y", "cde", equal(), kind="noisy"))
    return Group("", members, weights, {"run": "1"})  # type: ignore[arg-type]


def shares(root: Group, step: int = 0, **options: object) -> list[float]:
    found = resolve(root, SIZES, **options).shares  # type: ignore[arg-type]
    return [round(float(s), 9) for s in found.at(step)]


def test_a_nested_tree_by_hand() -> None:
    assert shares(outer(explicit({"x": 3, "y": 1}))) == [0.1875, 0.5625, 0.125, 0.125]
    # Groups weigh what their tasks hold: 400 and 200.
    assert shares(outer(size())) == pytest.approx([1 / 6, 1 / 2, 1 / 6, 1 / 6], abs=1e-8)
    assert resolve(outer(size()), SIZES).left_out == ("e",)
    assert tags_of(outer(size()))["c"] == {"run": "1", "kind": "noisy"}


def test_stages_and_ramps_at_both_levels() -> None:
    points = [[0, {"x": 1, "y": 0}], [100, {"x": 1, "y": 1}], [300, {"x": 0.2, "y": 0.6}]]
    staged = outer(schedule(points))
    assert shares(staged, 99) == [0.25, 0.75, 0, 0]
    assert shares(staged, 100) == [0.125, 0.375, 0.25, 0.25]
    ramped = outer(schedule(points, "linear"))
    assert shares(ramped, 50) == pytest.approx([0.1875, 0.5625, 0.125, 0.125], abs=1e-8)
    assert shares(ramped, 10_000) == pytest.approx([0.0625, 0.1875, 0.375, 0.375], abs=1e-8)
    inner = group("x", "ab", schedule([[0, {"a": 1}], [200, {"b": 1}]], "linear"))
    both = Group("", (inner, group("y", "cd", equal())), schedule(points, "linear"))
    found = resolve(both, SIZES).shares
    for step in range(0, 400, 7):
        x = 1 - 0.5 * min(step / 100, 1) - 0.25 * min(max(step - 100, 0) / 200, 1)
        a = 1 - min(step / 200, 1)
        assert found.at(step)[0] == pytest.approx(x * a, abs=1e-4)
        assert found.at(step).sum() == pytest.approx(1)
    plan = Plan(found, SIZES, 1)
    for point in (100, 200, 300):
        assert np.abs(plan.counts(point) - found.expected(point)).max() < 1.5
        assert plan.counts(point).sum() == point


def test_a_policy_as_a_point() -> None:
    root = group("", "ab", schedule([[0, "equal"], [10, {"name": "size"}]], "linear"))
    assert shares(root, 0) == [0.5, 0.5]
    assert shares(root, 5) == [0.375, 0.625]
    assert shares(root, 10) == [0.25, 0.75]


def test_shares_hold_in_tokens_and_seconds() -> None:
    lengths = {"a": 10.0, "b": 30.0, "c": 20.0, "d": 5.0}
    root = group("", "abcd", explicit({"a": 1, "b": 1, "c": 2, "d": 1}))
    found = resolve(root, SIZES, weight_by="tokens", mean_lengths=lengths)
    tokens = found.shares.at(0) * list(lengths.values())
    assert tokens / tokens.sum() == pytest.approx([0.2, 0.2, 0.4, 0.2])
    # By size every example stays equally likely, whatever it is weighed by.
    plain = resolve(group("", "ab", size()), SIZES, weight_by="seconds", mean_lengths=lengths)
    assert plain.shares.at(0) == pytest.approx([0.25, 0.75])
    drawn = Plan(found.shares, SIZES, 3).counts(20_000) * list(lengths.values())
    assert drawn / drawn.sum() == pytest.approx([0.2, 0.2, 0.4, 0.2], abs=1e-3)
    with pytest.raises(MixtureError, match="b has no measured length"):
        resolve(root, SIZES, weight_by="tokens", mean_lengths={"a": 1.0})
    with pytest.raises(MixtureError, match="expected one of examples"):
        resolve(root, SIZES, weight_by="words")  # type: ignore[arg-type]


def test_a_ramp_weighed_by_tokens_keeps_to_its_line() -> None:
    lengths = {"a": 1.0, "b": 50.0}
    root = group("", "ab", schedule([[0, {"a": 1}], [1000, {"b": 1}]], "linear"))
    found = resolve(root, SIZES, weight_by="tokens", mean_lengths=lengths).shares
    for step in (100, 500, 900):
        tokens = found.at(step) * [1, 50]
        assert tokens[1] / tokens.sum() == pytest.approx(step / 1000, abs=0.01)


def test_a_cap_moves_what_is_over_to_the_others() -> None:
    root = group("", "abc", equal())
    found = resolve(root, {"a": 10, "b": 100, "c": 1000}, cap=Cap(2, 300))
    # a may be seen 20 times of 300; b 200 of 300, which its part of the rest does not reach.
    assert found.shares.at(0) == pytest.approx([20 / 300, 140 / 300, 140 / 300])
    assert [(m.task, round(m.capped_share - m.policy_share, 3)) for m in found.share_changes] == [
        ("a", -0.267), ("b", 0.133), ("c", 0.133),
    ]  # fmt: skip
    plan = Plan(found.shares, found.sizes, 1)
    assert plan.counts(300)[0] <= 21
    with pytest.raises(MixtureError, match="allows 2,220 draws, not 5,000"):
        resolve(root, {"a": 10, "b": 100, "c": 1000}, cap=Cap(2, 5000))


@pytest.mark.slow
@given(
    rates=st.lists(st.floats(1e-3, 1), min_size=2, max_size=8),
    sizes=st.lists(st.integers(1, 10_000), min_size=8, max_size=8),
    epochs=st.floats(0.5, 4),
)
def test_no_task_exceeds_its_cap(rates: list[float], sizes: list[int], epochs: float) -> None:
    keys = [f"t{i}" for i in range(len(rates))]
    held = dict(zip(keys, sizes, strict=False))
    root = Group("", tuple(map(Leaf, keys)), explicit(dict(zip(keys, rates, strict=True))))
    steps = int(epochs * sum(held.values()) * 0.8) + 1
    if steps > epochs * sum(held.values()):
        return
    share = resolve(root, held, cap=Cap(epochs, steps)).shares.at(0)
    assert share.sum() == pytest.approx(1)
    assert (share * steps <= epochs * np.array(list(held.values())) * (1 + 1e-9) + 1e-6).all()


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([[5, {"x": 1}]], "begin at 0 and rise"),
        ([[0, {"x": 1}], [0, {"x": 1}]], "begin at 0 and rise"),
        ([[0, {"x": -1}]], "not negative"),
        ([[0, {"x": float("nan")}]], "finite"),
        ([[0, {"x": 0}]], "not all 0"),
        ([[0.5, {"x": 1}]], "whole numbers"),
        ([], "begin at 0"),
    ],
)
def test_schedules_that_cannot_be(points: list[list[object]], words: str) -> None:
    with pytest.raises(MixtureError, match=words):
        schedule(points)


def test_trees_that_cannot_be() -> None:
    known = (Leaf("denoising"), Leaf("declipping"))
    typo = schedule([[0, {"denoising": 1, "declipping": 1, "declip": 1}]])
    with pytest.raises(MixtureError, match=r"step 0 weighs 'declip'.*did you mean declipping"):
        check_tree(Group("", known, typo))
    with pytest.raises(MixtureError, match="y has no weight at any step"):
        check_tree(outer(schedule([[0, {"x": 1}]])))
    with pytest.raises(MixtureError, match="a stands twice"):
        check_tree(Group("", (group("x", "ab", size()), group("y", "ac", size())), size()))
    with pytest.raises(MixtureError, match="two members are called 'x'"):
        check_tree(Group("", (group("x", "a", size()), group("x", "b", size())), size()))
    with pytest.raises(MixtureError, match="the group is empty"):
        check_tree(Group("", (), size()))
    with pytest.raises(MixtureError, match="no task of the mixture has examples"):
        resolve(group("", "e", size()), SIZES)


def test_every_standard_mixture_over_the_paper(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    for row in standard_mixtures():
        found = row.mix.resolve(paper_sizes())
        assert found.shares.at(0).sum() == pytest.approx(1)
        assert (found.shares.at(0) > 0).all()
        assert set(found.shares.tasks) == set(row.tasks)
    assert len({row.mix.fingerprint for row in standard_mixtures()}) > 35
