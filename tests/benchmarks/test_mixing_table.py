"""Tables of benchmarks/mixing: ratios, missing peers, share errors."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "mixing" / "table.py"


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mixing_table", PATH)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _one(rate: float, **more: float) -> dict[str, float]:
    return {"rate": rate, "cpu": rate / 2, "ids": 10.0, "first": 0.5, "peak": 30.0, **more}


FOUND = {
    ("limit", "B", 0): _one(4000.0),
    ("limit", "B", 2): _one(8000.0),
    ("ours", "B", 0): _one(3000.0, share=0.001, drawn=20_000),
    ("ours", "B", 2): {"error": "over 150 s"},
    ("grain", "B", 0): _one(500.0, share=0.02, drawn=4_000),
    ("grain", "B", 2): _one(900.0),
    ("lhotse", "B", 0): {"error": "not installed (lhotse)"},
    ("lhotse", "B", 2): {"error": "not installed (lhotse)"},
    ("ours_codes", "B", 0): _one(3500.0),
}


def test_total_variation_by_hand(tables: ModuleType) -> None:
    drawn = np.array([0, 0, 0, 2])
    assert tables.total_variation(drawn, np.array([0.5, 0.25, 0.25])) == pytest.approx(0.25)
    assert tables.total_variation(drawn, np.array([0.75, 0.0, 0.25])) == 0


def test_ratios_are_to_the_best_peer_and_to_the_limit(tables: ModuleType) -> None:
    assert tables.best_peer(FOUND, "B") == "grain"
    rows = [line.strip("| ").split(" | ") for line in tables.table(FOUND, "B", 2).splitlines()]
    assert rows[0][3:5] == ["to grain", "to limit"]
    ours, grain = rows[3], rows[4]
    assert ours[3:7] == ["6.00 (6.00)", "0.75 (0.75)", "over 150 s", ""]
    assert grain[5:7] == ["900", "1.80"]
    assert ours[9] == "0.10" and grain[9] == "2.00 at 4,000"
    assert {len(line.split("|")) for line in tables.table(FOUND, "B", 2).splitlines()} == {13}


def test_a_peer_that_is_missing_is_a_row(tables: ModuleType) -> None:
    assert "| lhotse | not installed (lhotse) |" in tables.table(FOUND, "B", 2)
    only = {("lhotse", "A", 0): {"error": "not installed (lhotse)"}}
    assert tables.best_peer(only, "A") is None
    assert "not installed" in tables.table(only, "A", 2)


def test_goals_name_what_was_measured(tables: ModuleType) -> None:
    assert tables.goals(FOUND, 2) == [
        "B ours_codes to best peer (grain): 7.00 (7.00), wanted 3",
        "B ours_codes to limit: 0.88 (0.88), wanted 0.5",
        "B ours (whole examples) to best peer (grain): 6.00 (6.00)",
    ]
