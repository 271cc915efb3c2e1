"""Tables of the mixing benchmark: plain functions of what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Found", "best_peer", "goals", "table", "total_variation"]

# (loader, work, worker processes) to what was measured, or {"error": what went wrong}.
Found = Mapping[tuple[str, str, int], Mapping[str, Any]]
NOT_PEERS = ("limit", "ours", "ours_codes", "ours_tf")


def total_variation(drawn: NDArray[np.int64], wanted: NDArray[np.float64]) -> float:
    """Half the summed distance of the shares drawn from those wanted, 0 to 1."""
    shares = np.bincount(drawn, minlength=len(wanted)) / len(drawn)
    return float(np.abs(shares - wanted).sum() / 2)


def best_peer(found: Found, work: str) -> str | None:
    """The fastest peer of a work in one process."""
    rated = {
        name: one["rate"]
        for (name, w, workers), one in found.items()
        if w == work and not workers and "rate" in one and name not in NOT_PEERS
    }
    return max(rated, key=rated.__getitem__, default=None)


def table(found: Found, work: str, workers: int) -> str:
    """One row a loader. Ratios are of examples a second, in brackets of those a CPU second."""
    best = best_peer(found, work)
    lines = [
        f"| loader | ex/s | ex per CPU s | to {best or 'best peer'} | to limit | {workers} workers "
        "ex/s | scaling | ids/s | first batch s | share error % | peak private MB, with workers |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    names = dict.fromkeys(name for name, w, _ in found if w == work)
    for name in names:
        one = found.get((name, work, 0), {})
        more = found.get((name, work, workers), {})
        cells = [
            name, _number(one, "rate"), _number(one, "cpu"),
            _ratio(one, found.get((best or "", work, 0))),
            _ratio(one, found.get(("limit", work, 0))), _number(more, "rate"),
            f"{more['rate'] / one['rate']:.2f}" if "rate" in one and "rate" in more else "",
            _number(one, "ids"), f"{one['first']:.3f}" if "first" in one else "", _share(one),
            f"{_number(one, 'peak')}, {_number(more, 'peak')}",
        ]  # fmt: skip
        if "error" in one and one == more:
            cells = [name, str(one["error"]), *[""] * 9]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def goals(found: Found, workers: int) -> list[str]:
    """What the project aims at, as far as it was measured in this run."""
    a, b = best_peer(found, "A"), best_peer(found, "B")
    pairs: list[tuple[str, tuple[str, str, int], tuple[str | None, str, int], str]] = [
        ("A ours to best peer", ("ours", "A", 0), (a, "A", 0), "2.5"),
        ("B ours_codes to best peer", ("ours_codes", "B", 0), (b, "B", 0), "3"),
        ("B ours_codes to limit", ("ours_codes", "B", 0), ("limit", "B", 0), "0.5"),
        ("B ours (whole examples) to best peer", ("ours", "B", 0), (b, "B", 0), ""),
        ("B ours_tf to stock seqio", ("ours_tf", "B", 0), ("seqio", "B", 0), "3"),
        ("C ours to limit", ("ours", "C", 0), ("limit", "C", 0), "0.97"),
        (f"C ours, {workers} workers to one process", ("ours", "C", workers), ("ours", "C", 0), ""),
        (f"C limit, {workers} workers to one", ("limit", "C", workers), ("limit", "C", 0), ""),
    ]
    lines = []
    for what, own, (peer, work, number), goal in pairs:
        ratio = _ratio(found.get(own, {}), found.get((peer, work, number)) if peer else None)
        if ratio:
            beside = f" ({peer})" if "best" in what else ""
            lines.append(f"{what}{beside}: {ratio}" + (f", wanted {goal}" if goal else ""))
    return lines


def _number(one: Mapping[str, Any], key: str) -> str:
    if key in one:
        return f"{one[key]:,.0f}"
    return str(one.get("error", "")) if key == "rate" else ""


def _ratio(one: Mapping[str, Any], other: Mapping[str, Any] | None) -> str:
    if not other or "rate" not in one or "rate" not in other:
        return ""
    shown = f"{one['rate'] / other['rate']:.2f}"
    if "cpu" in one and "cpu" in other:
        shown += f" ({one['cpu'] / other['cpu']:.2f})"
    return shown


def _share(one: Mapping[str, Any]) -> str:
    if "share" not in one:
        return ""
    at = "" if one["drawn"] == 20_000 else f" at {one['drawn']:,}"
    return f"{100 * one['share']:.2f}{at}"
