"""docs/format.md lists every kind with the meaning that the reader gives it."""

from __future__ import annotations

import itertools
from pathlib import Path

from audioflan_tasks.records.repairs import MEANINGS, PROBLEMS

TEXT = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")


def test_every_kind_is_documented() -> None:
    for kind, meaning in itertools.chain(MEANINGS.items(), PROBLEMS.items()):
        escaped = meaning.replace("|", "\\|")
        assert f"| `{kind}` | {escaped} |" in TEXT, kind
