"""Tables of the mixing benchmark: plain functions of what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["CEILINGS", "Results", "best_peer", "goals", "table", "total_variation"]

Result = Mapping[str, Any]
# (loader, work, worker processes) to what was measured, or {"error": what went wrong}: first with
# the allocator as it is, then with the settings that keep memory, if both were run.
Results = Mapping[tuple[str, str, int], Sequence[Result]]

# What no loader of records can be: rows without a plan, and ids that were made before.
CEILINGS = ("limit", "pretok", "pretok-packed")
OURS = ("af.batches", "TorchBatches", "TorchLoader", "get_dataset", "codes", "audio")


def total_variation(drawn: NDArray[np.int64], wanted: NDArray[np.float64]) -> float:
    """Half the summed distance of the shares drawn from those wanted, 0 to 1."""
    shares = np.bincount(drawn, minlength=len(wanted)) / len(drawn)
    return float(np.abs(shares - wanted).sum() / 2)


def best_peer(results: Results, work: str, workers: int = 0, measure: str = "cpu") -> str:
    """The fastest peer of a work; empty where none was measured."""
    rates = {
        name: modes[0][measure]
        for (name, w, count), modes in results.items()
        if w == work and count == workers and measure in modes[0]
        and name not in CEILINGS and not name.startswith(OURS)
    }  # fmt: skip
    return max(rates, key=rates.__getitem__, default="")


def table(results: Results, work: str, workers: int) -> str:
    """One row a loader; two figures are without and with settings of the allocator."""
    best = best_peer(results, work)
    columns = [
        "loader", "ex per CPU s", f"to {best or 'best peer'}", "to pretok",
        f"{workers} workers: ex/s", "ex per CPU s", "with free cores, to one process",
        "second half second", "first batch s", "share error %", "peak private MB, with workers",
    ]  # fmt: skip
    lines = [_line(columns), "|---" * len(columns) + "|"]
    for name in dict.fromkeys(name for name, w, _ in results if w == work):
        alone = results.get((name, work, 0), ())
        loaded = results.get((name, work, workers), ())
        one = alone[0] if alone else {}
        if "error" in one:
            lines.append(_line([name, str(one["error"]), *[""] * (len(columns) - 2)]))
            continue
        lines.append(_line([
            name, _figures(alone, "cpu"),
            _ratios(alone, results.get((best, work, 0), ()), "cpu"),
            _ratios(alone, results.get((_ceiling(name), work, 0), ()), "cpu"),
            _figures(loaded, "rate"), _figures(loaded, "cpu"), _ratios(loaded, alone, "free"),
            f"{one['early']:.2f}" if "early" in one else "",
            f"{one['first']:.3f}" if "first" in one else "", _share(one),
            ", ".join(filter(None, [_figures(alone, "peak"), _figures(loaded, "peak")])),
        ]))  # fmt: skip
    return "\n".join(lines)


def _ceiling(name: str) -> str:
    return "pretok-packed" if name.endswith("-packed") else "pretok"


class _Goal(NamedTuple):
    """What is divided by what, (loader, work, workers) each, and what the project aims at."""

    label: str
    own: tuple[str, str, int]
    other: tuple[str, str, int]
    measure: str
    aim: str


def goals(results: Results, work: str, workers: int) -> list[str]:
    """What the project aims at in a work, as far as it was measured in this run."""
    lines = []
    for goal in _goals(results, work, workers):
        ratios = _ratios(results.get(goal.own, ()), results.get(goal.other, ()), goal.measure)
        if ratios:
            unit = {"cpu": "CPU", "rate": "wall", "free": "with free cores"}[goal.measure]
            lines.append(f"{goal.label} ({unit}): {ratios}, aim {goal.aim}")
    return lines


def _goals(results: Results, work: str, workers: int) -> list[_Goal]:
    best = best_peer(results, work)
    own, one, loaded = ("af.batches", work, 0), ("TorchBatches", work, 0), ("TorchLoader", work, 0)
    tf, limit = ("get_dataset", work, 0), ("limit", work, 0)
    goals = [
        _Goal("af.batches to pretok", own, ("pretok", work, 0), "cpu", "0.5"),
        _Goal("TorchBatches to pretok", one, ("pretok", work, 0), "cpu", "0.5"),
        _Goal("TorchLoader to pretok", loaded, ("pretok", work, 0), "cpu", "0.5"),
        _Goal(f"af.batches to {best}", own, (best, work, 0), "cpu", "2.5"),
        _Goal("padded to packed", own, ("af.batches-packed", work, 0), "cpu", "at most 1.3"),
        _Goal("get_dataset to that with task alone", tf, ("get_dataset-task", work, 0), "cpu",
              "0.7"),
        _Goal("get_dataset to stock seqio", tf, ("seqio", work, 0), "cpu", "8"),
        _Goal("codes alone to limit", ("codes", work, 0), limit, "cpu", "0.5"),
        _Goal("audio to limit", ("audio", work, 0), limit, "cpu", "0.97"),
    ]  # fmt: skip
    with_workers = ("TorchLoader", work, workers)
    for measure in ("rate", "free"):
        peer = best_peer(results, work, workers, measure)
        goals += [
            _Goal(f"TorchLoader, {workers} workers to one process", with_workers, loaded, measure,
                  "1.6"),
            _Goal(f"TorchLoader to {peer}, {workers} workers", with_workers, (peer, work, workers),
                  measure, "1"),
        ]  # fmt: skip
    return goals


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _figures(modes: Sequence[Result], measure: str) -> str:
    figures = [f"{result[measure]:,.0f}" for result in modes if measure in result]
    if figures or measure != "rate":
        return " / ".join(figures)
    return str(modes[0].get("error", "")) if modes else ""


def _ratios(modes: Sequence[Result], others: Sequence[Result], measure: str) -> str:
    pairs = zip(modes, others, strict=False)
    return " / ".join(
        f"{one[measure] / other[measure]:.2f}"
        for one, other in pairs
        if measure in one and measure in other
    )


def _share(result: Result) -> str:
    if "share" not in result:
        return ""
    at = "" if result["drawn"] == 20_000 else f" at {result['drawn']:,}"
    return f"{100 * result['share']:.2f}{at}"
