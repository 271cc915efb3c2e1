"""Public benchmarks as held-out tasks: their formats, and which of our tasks their items ask."""

from __future__ import annotations

from audioflan_tasks.recipes.benchmarks.corpus import Survey, benchmark_corpus, survey_of
from audioflan_tasks.recipes.benchmarks.suites import Suite, suite, suites

__all__ = ["Suite", "Survey", "benchmark_corpus", "suite", "suites", "survey_of"]
