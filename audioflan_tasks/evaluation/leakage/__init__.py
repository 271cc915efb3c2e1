"""The leakage audit: which evaluation records a model may have seen in training."""

from __future__ import annotations

from audioflan_tasks.evaluation.leakage.report import KINDS, Audit, Leak, audit

__all__ = ["KINDS", "Audit", "Leak", "audit"]
