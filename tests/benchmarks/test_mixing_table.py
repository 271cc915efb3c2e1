"""Tables of benchmarks/mixing: ratios, missing peers, share errors, aims."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

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


def _two(rate: float, **more: float) -> list[dict[str, float]]:
    """As the allocator is, and twice as fast with memory kept; two ways to count are apart."""
    plain = {"rate": rate / 2, "cpu": rate, "free": rate, "first": 0.5, "peak": 30.0, **more}
    return [plain, plain | {"cpu": 2 * rate, "peak": 40.0}]


MISSING = [{"error": "not installed (lhotse)"}]
RESULTS: dict[tuple[str, str, int], Any] = {
    ("limit", "B", 0): _two(4000.0),
    ("pretok", "B", 0): _two(6000.0),
    ("pretok", "B", 2): [{"error": "over 150 s"}],
    ("af.batches", "B", 0): _two(3000.0, share=0.001, drawn=20_000),
    ("af.batches-packed", "B", 0): _two(2000.0),
    ("TorchBatches", "B", 0): _two(2500.0, early=0.9),
    ("TorchLoader", "B", 0): _two(2500.0),
    ("TorchLoader", "B", 2): _two(4500.0),
    ("grain", "B", 0): _two(500.0, share=0.02, drawn=4_000),
    ("grain", "B", 2): _two(900.0),
    ("lhotse", "B", 0): MISSING,
    ("lhotse", "B", 2): MISSING,
}


def test_total_variation_by_hand(tables: ModuleType) -> None:
    drawn = np.array([0, 0, 0, 2])
    assert tables.total_variation(drawn, np.array([0.5, 0.25, 0.25])) == pytest.approx(0.25)
    assert tables.total_variation(drawn, np.array([0.75, 0.0, 0.25])) == 0


def test_the_best_peer_is_neither_ours_nor_a_ceiling(tables: ModuleType) -> None:
    assert tables.best_peer(RESULTS, "B") == "grain"
    assert tables.best_peer(RESULTS, "B", 2, "rate") == "grain"
    assert tables.best_peer({("lhotse", "A", 0): MISSING}, "A") == ""


def test_ratios_are_to_the_best_peer_and_to_ready_ids(tables: ModuleType) -> None:
    lines = tables.table(RESULTS, "B", 2).splitlines()
    header, _, *rows = [line.strip("|").split("|") for line in lines]
    cells = {row[0].strip(): [cell.strip() for cell in row] for row in rows}
    assert [name.strip() for name in header[2:4]] == ["to grain", "to pretok"]
    assert cells["af.batches"][1:4] == ["3,000 / 6,000", "6.00 / 6.00", "0.50 / 0.50"]
    assert cells["af.batches"][8:] == ["0.500", "0.10", "30 / 40"]
    assert cells["grain"][4:7] == ["450 / 450", "900 / 1,800", "1.80 / 1.80"]
    assert cells["grain"][9:] == ["2.00 at 4,000", "30 / 40, 30 / 40"]
    assert cells["pretok"][4] == "over 150 s" and cells["TorchBatches"][7] == "0.90"
    assert cells["TorchLoader"][4:6] == ["2,250 / 2,250", "4,500 / 9,000"]
    assert {len(row) for row in rows} == {len(header)}


def test_a_peer_that_is_missing_is_a_row(tables: ModuleType) -> None:
    assert "| lhotse | not installed (lhotse) |" in tables.table(RESULTS, "B", 2)
    assert "not installed" in tables.table({("lhotse", "A", 0): MISSING}, "A", 2)


def test_goals_name_what_was_measured(tables: ModuleType) -> None:
    assert tables.goals(RESULTS, "B", 2) == [
        "af.batches to pretok (CPU): 0.50 / 0.50, aim 0.5",
        "TorchBatches to pretok (CPU): 0.42 / 0.42, aim 0.5",
        "TorchLoader to pretok (CPU): 0.42 / 0.42, aim 0.5",
        "af.batches to grain (CPU): 6.00 / 6.00, aim 2.5",
        "padded to packed (CPU): 1.50 / 1.50, aim at most 1.3",
        "TorchLoader, 2 workers to one process (wall): 1.80 / 1.80, aim 1.6",
        "TorchLoader to grain, 2 workers (wall): 5.00 / 5.00, aim 1",
        "TorchLoader, 2 workers to one process (with free cores): 1.80 / 1.80, aim 1.6",
        "TorchLoader to grain, 2 workers (with free cores): 5.00 / 5.00, aim 1",
    ]
