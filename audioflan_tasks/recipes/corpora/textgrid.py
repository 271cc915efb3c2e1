"""TextGrid files of Praat, in the long form: intervals of each tier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from audioflan_tasks.errors import RecordError
from audioflan_tasks.recipes.corpora.reader import text_of
from audioflan_tasks.recipes.recording import TimedLabel

__all__ = ["tiers_of"]

# Quotation marks in a text are doubled.
_TIER = re.compile(r'^\s*name = "(?P<name>[^"]*)"', re.MULTILINE)
_INTERVAL = re.compile(
    r'xmin = (?P<start>[\d.]+)\s+xmax = (?P<end>[\d.]+)\s+text = "(?P<text>(?:[^"]|"")*)"'
)


def tiers_of(path: Path) -> Iterator[tuple[str, list[TimedLabel]]]:
    """Name and intervals of each tier; intervals that end before they begin are left out.

    Raises:
      RecordError: the file cannot be read, is no text in UTF-8 or UTF-16, or has no tier.
    """
    text = text_of(path, ("utf-8-sig", "utf-16"))
    tiers = list(_TIER.finditer(text))
    if not tiers:
        raise RecordError(f"{path}: no tier; expected a TextGrid in the long form")
    ends = [*(tier.start() for tier in tiers[1:]), len(text)]
    for tier, end in zip(tiers, ends, strict=True):
        yield tier["name"], list(_intervals(text[tier.end() : end]))


def _intervals(text: str) -> Iterator[TimedLabel]:
    for match in _INTERVAL.finditer(text):
        start, end = float(match["start"]), float(match["end"])
        if start < end:
            yield TimedLabel(start, end, match["text"].replace('""', '"'))
