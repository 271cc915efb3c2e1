"""What is in a corpus, a store or a mixture, as section 3 of the Audio-FLAN paper counts it."""

from __future__ import annotations

from audioflan_tasks.statistics.counts import InstanceCounts, count_corpus
from audioflan_tasks.statistics.tables import Statistics, statistics_of

__all__ = ["InstanceCounts", "Statistics", "count_corpus", "statistics_of"]
