"""What of a record decides its words: choices by number."""

from __future__ import annotations

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.preprocessors.prompt_signature import (
    PromptSignature,
    draw_variant,
    equivalent_draws,
    sign_record,
    variant_period,
)


def outline(task: str) -> PromptSignature:
    instance = Corpus().instance(f"audioflan_{task}", "test", 0)
    found = sign_record(instance, catalogue.get(task), ("en",))
    assert found is not None
    return found.outline


@pytest.mark.parametrize("task", ["audio_caption", "denoising", "automatic_speech_recognition"])
def test_draws_that_choose_alike(task: str) -> None:
    one = outline(task)
    count = variant_period(one)
    assert count is not None
    for draw in range(count):
        same = equivalent_draws(one, draw)
        assert draw in same
        assert len(same) in (1, 2)
        assert {draw_variant(one, other) for other in same} == {draw_variant(one, draw)}
        assert all(equivalent_draws(one, other) == same for other in same)
        assert draw_variant(one, draw + 7 * count) == draw_variant(one, draw)


def test_listed_options_have_no_number_of_ways() -> None:
    assert variant_period(outline("gender_recognition")) is None
