"""What of a record decides its words: choices by number."""

from __future__ import annotations

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.preprocessors.outline import Outline, alike, choose, outlined, ways


def outline(task: str) -> Outline:
    instance = Corpus().instance(f"audioflan_{task}", "test", 0)
    found = outlined(instance, catalogue.get(task), ("en",))
    assert found is not None
    return found.outline


@pytest.mark.parametrize("task", ["audio_caption", "denoising", "automatic_speech_recognition"])
def test_draws_that_choose_alike(task: str) -> None:
    one = outline(task)
    count = ways(one)
    assert count is not None
    for draw in range(count):
        same = alike(one, draw)
        assert draw in same
        assert len(same) in (1, 2)
        assert {choose(one, other) for other in same} == {choose(one, draw)}
        assert all(alike(one, other) == same for other in same)
        assert choose(one, draw + 7 * count) == choose(one, draw)


def test_listed_options_have_no_number_of_ways() -> None:
    assert ways(outline("gender_recognition")) is None
