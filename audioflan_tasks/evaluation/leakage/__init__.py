"""The leakage audit: which evaluation records a model may have seen in training."""

from __future__ import annotations

from audioflan_tasks.evaluation.leakage.report import KINDS, NOT_FOUND, Audit, Leak, audit

__all__ = ["KINDS", "NOT_FOUND", "Audit", "Leak", "audit"]
