"""From records to what a model reads: simulation, templates, splicing, lengths."""

from __future__ import annotations

if __name__ == "preprocessors":
    raise ImportError("import audioflan_tasks.preprocessors, not preprocessors")
