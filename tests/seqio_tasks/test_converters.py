"""Loss weights of the converters against the roles that the example maker marks."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import seqio

from audioflan_tasks.config import settings
from audioflan_tasks.corpus import open_corpus
from audioflan_tasks.errors import SettingsError
from audioflan_tasks.preprocessors.loss import LossOn, loss_mask
from audioflan_tasks.seqio_tasks.converters import EncDecConverter, PrefixLMConverter
from audioflan_tasks.tokens import vocabulary_of
from tests.conftest import maker_of
from tests.kinds import first_of

pytestmark = pytest.mark.slow

LENGTHS = {"inputs": 1200, "targets": 700}
EACH = pytest.mark.parametrize("loss_on", get_args(LossOn))
TASKS = ("audioflan_text_to_speech", "audioflan_sound_event_recognition")


@EACH
@pytest.mark.parametrize("name", TASKS)
def test_prefix_lm_weights_are_those_of_the_roles(loss_on: LossOn, name: str) -> None:
    dataset = seqio.get_mixture_or_task(name).get_dataset(
        LENGTHS, split="test", shuffle=False, seed=3
    )
    converter = PrefixLMConverter(loss_on, pack=False)
    (found,) = converter(dataset.take(1), LENGTHS).as_numpy_iterator()
    corpus = open_corpus()
    made = maker_of(corpus, LENGTHS).example(corpus.instance(name, "test", 0), 3)
    assert made is not None
    ids = np.concatenate([made.inputs, made.targets])
    roles = np.concatenate([made.input_roles, made.target_roles])
    wanted = loss_mask(ids, roles, vocabulary_of(settings.example_options()), loss_on)
    assert np.array_equal(found["decoder_target_tokens"][: len(ids)], ids)
    assert np.array_equal(found["decoder_loss_weights"][: len(ids)], wanted)
    assert not found["decoder_loss_weights"][len(ids) :].any()
    assert 0 < wanted.sum() <= len(ids)


@pytest.mark.parametrize("loss_on", first_of("audio", "answer", "text", "all"))
def test_packed_and_encoder_decoder(loss_on: LossOn) -> None:
    dataset = seqio.get_mixture_or_task(TASKS[0]).get_dataset(LENGTHS, split="test", seed=3)
    soa = vocabulary_of(settings.example_options()).soa_id
    for converter in (PrefixLMConverter(loss_on, pack=True), EncDecConverter(loss_on, pack=True)):
        for batch in converter(dataset.take(4), LENGTHS).as_numpy_iterator():
            tokens, weights = batch["decoder_target_tokens"], batch["decoder_loss_weights"] > 0
            assert weights.any()
            assert not weights[tokens == 0].any()
            if loss_on in ("audio", "text"):
                assert ((tokens[weights] >= soa) == (loss_on == "audio")).all()


def test_the_four_choices_by_hand() -> None:
    v = vocabulary_of(settings.example_options())
    ids = np.array([5, v.soa_id, v.audio_base, v.eoa_id, 6, v.soa_id, v.eoa_id, 0], np.int32)
    roles = np.array([1, 2, 2, 2, 3, 3, 3, 0], np.uint8)
    assert loss_mask(ids, roles, v, "answer").tolist() == [0, 0, 0, 0, 1, 1, 1, 0]
    assert loss_mask(ids, roles, v, "all").tolist() == [1, 1, 1, 1, 1, 1, 1, 0]
    assert loss_mask(ids, roles, v, "audio").tolist() == [0, 1, 1, 1, 0, 1, 1, 0]
    assert loss_mask(ids, roles, v, "text").tolist() == [1, 0, 0, 0, 1, 0, 0, 0]


def test_another_choice_is_refused() -> None:
    with pytest.raises(SettingsError, match="loss_on='answers': expected one of answer, all"):
        PrefixLMConverter("answers", pack=False)  # type: ignore[arg-type]
