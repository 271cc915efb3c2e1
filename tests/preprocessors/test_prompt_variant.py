"""Variants of a prompt by the number that draws them."""

from __future__ import annotations

import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.preprocessors.prompt_signature import PromptSignature, sign_record
from audioflan_tasks.preprocessors.prompt_variant import (
    draw_variant,
    equivalent_draws,
    variant_period,
)


def signature_of(task: str) -> PromptSignature:
    instance = Corpus().instance(f"audioflan_{task}", "test", 0)
    signed = sign_record(instance, catalogue.get(task), ("en",))
    assert signed is not None
    return signed.signature


@pytest.mark.slow
@pytest.mark.parametrize("task", ["audio_caption", "denoising", "automatic_speech_recognition"])
def test_draws_that_choose_alike(task: str) -> None:
    signature = signature_of(task)
    count = variant_period(signature)
    assert count is not None
    for draw in range(count):
        same = equivalent_draws(signature, draw)
        assert draw in same
        assert len(same) in (1, 2)
        assert {draw_variant(signature, other) for other in same} == {draw_variant(signature, draw)}
        assert all(equivalent_draws(signature, other) == same for other in same)
        assert draw_variant(signature, draw + 7 * count) == draw_variant(signature, draw)


def test_listed_options_have_no_number_of_ways() -> None:
    assert variant_period(signature_of("gender_recognition")) is None
