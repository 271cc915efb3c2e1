"""Hypothesis without time limits and without files of its own."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("records", deadline=None, database=None)
settings.load_profile("records")
