"""Demo corpus: no recording in training and test, none under two labels, no silent target."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.evaluation.leakage import report

pytestmark = pytest.mark.slow

# Rendered notes and synthetic voices repeat the same sounds: that is inherent (docs/demo).
RENDERED = ("09_Synthetic_Speech", "32_Rendered_Notes", "33_Synthetic_Singing")


def test_no_two_clips_are_the_same_file() -> None:
    seen: dict[str, Path] = {}
    for path in sorted((demo_root() / "audio_files").rglob("*")):
        if path.suffix in (".flac", ".opus"):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            assert digest not in seen, f"{path.name} is {seen[digest]}"
            seen[digest] = path
    assert len(seen) > 500


@pytest.mark.full
def test_training_and_test_share_no_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_MAX_EXAMPLES", 1000)
    found = report.audit(f"{demo_root()}@train", f"{demo_root()}@test")
    leaks = {leak.kind: leak for leak in found.leaks}
    assert not leaks["audio id"].keys and not leaks["audio content"].keys
    pairs = [line.split(" ~ ") for line in leaks["recording"].examples]
    assert len(pairs) == leaks["recording"].keys
    assert [pair for pair in pairs if not all(side.startswith(RENDERED) for side in pair)] == []


def test_every_part_to_separate_sounds() -> None:
    corpus = Corpus(demo_root())
    instances = list(corpus.instances("text_guided_source_separation"))
    assert len(instances) == 48
    for instance in instances:
        for audio_id in instance.audio_ids:
            samples = corpus.audio(audio_id, 16000, instance)
            # Six parts of half a second, each above -60 dB of full scale.
            peaks = [np.abs(part).max() for part in np.array_split(samples, 6)]
            assert min(peaks) > 0.001, audio_id
