"""Every task that a corpus can serve, written and checked: nothing has to be repaired or noted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.audio.check import check
from audioflan_tasks.audio.write import write
from audioflan_tasks.recipes import SourceCorpus
from audioflan_tasks.recipes.corpus_writer import CorpusCounts
from tests.kinds import first_of
from tests.recipes.makers.test_makers import recordings


def written(root: Path, count: int) -> CorpusCounts:
    """Writes all tasks of recordings with every fact."""
    draw = np.random.default_rng(1)
    write(root / "x.wav", draw.normal(0, 0.1, 4 * 8000).astype(np.float32), 8000)
    clips = [replace(clip, audio="x.wav") for clip in recordings(count)]
    source = SourceCorpus(folder="90_Mine", audio_root=root, recordings=lambda: clips)
    return source.write(root / "out", [row.id for row in catalogue.tasks()], audio="link")


@pytest.mark.slow
@pytest.mark.parametrize("count", first_of(72, 240))
def test_what_is_written_needs_no_repair(count: int, tmp_path: Path) -> None:
    counts = written(tmp_path, count)
    assert not (counts.skip_count or counts.lost_questions or counts.empty_tasks)
    report = check(tmp_path / "out")
    assert report.ok and report.records == counts.records.total()
    assert not report.ledger.repairs
