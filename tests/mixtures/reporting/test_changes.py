"""What differs between two reports."""

from __future__ import annotations

import pytest

from audioflan_tasks.mixtures import mixture
from audioflan_tasks.mixtures.reporting.changes import changes

SIZES = {"audioflan_denoising": 300, "audioflan_key_detection": 100}


def test_shares_of_tasks_and_groups() -> None:
    by_size = mixture("denoising", "key_detection", policy="size").report(SIZES, steps=1000)
    weighed = mixture(weights={"denoising": 1, "key_detection": 1}).report(SIZES, steps=1000)
    shares = {(c.level, c.name): c.shares for c in changes(by_size, weighed)}
    assert shares[("task", "denoising")] == pytest.approx((0.75, 0.5))
    assert shares[("task", "key_detection")] == pytest.approx((0.25, 0.5))
    assert shares[("domain", "music")] == pytest.approx((0.25, 0.5))
    # Denoising makes audio, naming a key is understanding.
    assert shares[("category", "generation")] == pytest.approx((0.75, 0.5))
    assert len(shares) == 2 + 2 + 2 + 2


def test_a_task_that_one_of_them_lacks() -> None:
    both = mixture(weights={"denoising": 1, "key_detection": 3}).report(SIZES, steps=1000)
    alone = mixture("denoising").report(SIZES, steps=1000)
    change = next(c for c in changes(both, alone) if c.name == "key_detection")
    assert change.shares == (0.75, 0.0)
    assert change.first is not None
    assert change.second is None


def test_the_same_mixture_has_no_changes() -> None:
    report = mixture("music").report({"audioflan_key_detection": 10})
    assert changes(report, report) == []
