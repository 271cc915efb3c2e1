"""A user's own metric: by decorator, by entry point, and the contract that all metrics keep."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MetricInputError, UnknownNameError
from audioflan_tasks.evaluation import evaluate
from audioflan_tasks.metrics import (
    METRICS,
    Batch,
    MetricInfo,
    metric,
    metric_names,
    register_metric,
    registry,
    score,
)
from audioflan_tasks.metrics.contract import RULES, check_metric

GENDER = catalogue.get("gender_recognition")
SHEET: dict[str, Any] = {
    "unit": "fraction", "better": "higher", "best": 1.0, "worst": 0.0, "reads": "label",
    "library": "mine", "reference": "Share of answers with the first letter of the reference",
}  # fmt: skip


def first_letter(batch: Batch) -> Mapping[str, float]:
    pairs = list(zip(batch.references, batch.answers, strict=True))
    return {"first_letter": sum(a is not None and a[0] == r[0] for r, a in pairs) / len(pairs)}


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    before = dict(registry._user_metrics)
    yield
    registry._user_metrics.clear()
    registry._user_metrics.update(before)


def test_a_decorated_function_is_a_metric(tmp_path: Path) -> None:
    assert register_metric("first_letter", **SHEET)(first_letter) is first_letter
    assert "first_letter" in metric_names()
    found = score(GENDER, ["male", "male"], ["female", "male"], metrics=["first_letter"])
    assert found["first_letter"] == 0.5 and found["first_letter_unparsed"] == 0.0
    assert "mine" in found.facts["libraries"]
    check_metric("first_letter")
    # seqio's form, and a task that names it.
    assert metric("first_letter").function(GENDER)(["male"], ["It is male."])["first_letter"] == 1
    row = GENDER.model_copy(update={"metrics": ("accuracy", "first_letter")})
    assert score(row, ["male"], ["male"])["first_letter"] == 1.0
    results = evaluate(
        lambda prompt: "male", "gender_recognition", tmp_path, metrics=["first_letter", "wer"],
        proof_of_hearing=0, baselines=[], limit=4,
    )  # fmt: skip
    (task,) = results.tasks
    # Of a label nobody counts the word errors.
    assert [m.name for m in task.metrics] == [*GENDER.metrics, "first_letter"]
    by_name = {m.name: m.value for m in task.metrics}
    assert by_name["first_letter"] == by_name["accuracy"]


def test_names_are_taken_once() -> None:
    register_metric("first_letter", **SHEET)(first_letter)
    register_metric("first_letter", **SHEET)(first_letter)  # a module may be imported again
    with pytest.raises(MetricInputError, match="'first_letter' exists already; choose another"):
        register_metric("first_letter", **SHEET)(lambda batch: {})
    with pytest.raises(MetricInputError, match="'wer' exists already"):
        register_metric("wer", **SHEET)(first_letter)
    with pytest.raises(UnknownNameError, match=r"first_leter.*first_letter"):
        metric("first_leter")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"better": "lower"}, "worst 0.0, best 1.0, but lower is better"),
        ({"best": 2.0}, r"best 2\.0 is out of its bounds"),
        ({"reads": "lables"}, "no reader 'lables'"),
        ({"home": "text:wer"}, "one of home and call"),
        ({"colour": "red"}, "colour.*see MetricInfo"),
    ],
)
def test_sheets_that_contradict_themselves(change: dict[str, Any], match: str) -> None:
    with pytest.raises(MetricInputError, match=match):
        register_metric("first_letter", **{**SHEET, **change})(first_letter)
    assert "first_letter" not in metric_names()


def test_fact_sheets_are_written_by_keyword() -> None:
    with pytest.raises(TypeError):
        MetricInfo("x", "text:wer")  # type: ignore[call-arg]


SHEET_OBJECT = MetricInfo(name="packaged", call=first_letter, **SHEET)


@pytest.mark.parametrize("name", ["SHEET_OBJECT", "first_letter"])
def test_entry_points(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("packaged", f"{__name__}:{name}", registry.ENTRY_POINTS)
    monkeypatch.setattr(registry, "entry_points", lambda group: (entry,))
    assert metric_names()[-1] == "packaged"
    if name == "SHEET_OBJECT":
        assert metric("packaged") is SHEET_OBJECT
    else:  # nothing there registers the name
        with pytest.raises(MetricInputError, match="expected a MetricInfo of that name"):
            metric("packaged")


COMPUTED = [n for n, info in METRICS.items() if not info.needs]
# The best of PESQ's scale is reached by no signal of ours.
NEVER_BEST = ("pesq",)


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in COMPUTED if n not in NEVER_BEST])
def test_the_metrics_of_this_package_keep_the_contract(name: str) -> None:
    if not metric(name).installed:
        pytest.skip("not installed")
    check_metric(name)


BROKEN: dict[str, Any] = {
    "values_have_names_and_are_finite": lambda b: {"other": 1.0},
    "right_answers_score_best": lambda b: {"m": 0.9 * sum(a is not None for a in b.answers)},
    "unread_answers_score_worse": lambda b: {"m": 1.0},
    "the_order_of_examples_does_not_count": lambda b: {
        "m": float(b.answers[0] is not None and b.answers[0] == b.references[0])
    },
    "values_are_repeatable": lambda b: {"m": float(b.references.append("x") or 1)},
}


@pytest.mark.parametrize("rule", [rule.__name__ for rule in RULES])
def test_the_contract_names_the_rules_that_are_broken(rule: str) -> None:
    info = MetricInfo(name="m", call=BROKEN[rule], **SHEET)
    with pytest.raises(MetricInputError, match=rf"(?s)metric m breaks .*\n{rule}: "):
        check_metric(info)


def test_what_raises_is_a_finding() -> None:
    info = MetricInfo(name="m", call=lambda batch: {"m": 1 / 0}, **SHEET)
    with pytest.raises(MetricInputError, match="ZeroDivisionError"):
        check_metric(info)
    assert math.isinf(METRICS["wer"].worst)
