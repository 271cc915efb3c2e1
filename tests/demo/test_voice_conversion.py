"""Voice conversion of the demo corpus: the reference is long enough and says something else."""

from __future__ import annotations

import pytest

from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root

pytestmark = pytest.mark.slow


def test_references_are_long_enough_and_hold_other_words() -> None:
    corpus = Corpus(demo_root())
    seen = 0
    for split in ("train", "validation", "test"):
        for number in range(corpus.size("voice_conversion", split)):
            instance = corpus.instance("voice_conversion", split, number)
            source, reference, target = instance.audio_ids
            assert len(corpus.audio(reference, 16000)) >= 16000
            said = [set(corpus.recipes[i].inputs) for i in (source, reference, target)]
            assert not said[1] & said[2]
            spoken = [{i.rpartition("_")[2] for i in inputs} for inputs in said]
            assert spoken[0] == spoken[2]
            seen += 1
    assert seen == 24
