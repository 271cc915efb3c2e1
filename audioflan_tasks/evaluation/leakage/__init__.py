"""The leakage audit: what an evaluation shares with the training that came before it."""

from __future__ import annotations

from audioflan_tasks.evaluation.leakage.report import KINDS, Audit, Leak, audit

__all__ = ["KINDS", "Audit", "Leak", "audit"]
