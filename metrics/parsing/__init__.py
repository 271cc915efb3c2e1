"""Reading the answers of models: tolerant, without `eval`, and never raising on text."""

from __future__ import annotations

from audioflan_tasks.metrics.parsing.answers import Kind, kind_of, parse, read

__all__ = ["Kind", "kind_of", "parse", "read"]
