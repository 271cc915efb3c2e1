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
from audioflan_tasks.seqio_tasks.converters import EncDecConverter, LMConverter, PrefixLMConverter
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


def sides(count: int) -> list[tuple[list[int], list[int]]]:
    """Inputs and targets of the first test records of a task, made without seqio."""
    corpus, name = open_corpus(), TASKS[1]
    maker = maker_of(corpus, LENGTHS)
    examples = [maker.example(corpus.instance(name, "test", row), 3) for row in range(count)]
    return [(e.inputs.tolist(), e.targets.tolist()) for e in examples if e is not None]


def packed_by_hand(parts: list[list[int]], length: int) -> dict[str, list[int]]:
    """Sequences one behind the other, and what a decoder gets: each begins with 0."""
    rows = [
        (token, [0, *part][position], position, segment)
        for segment, part in enumerate(parts, 1)
        for position, token in enumerate(part)
    ]
    rows += [(0, 0, 0, 0)] * (length - len(rows))
    names = ("target_tokens", "input_tokens", "positions", "segment_ids")
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def first_batch(converter: seqio.FeatureConverter, lengths: dict[str, int]) -> dict[str, list[int]]:
    dataset = seqio.get_mixture_or_task(TASKS[1]).get_dataset(
        LENGTHS, split="test", shuffle=False, seed=3
    )
    batches = converter(dataset.take(2), lengths).as_numpy_iterator()
    return {name: values.tolist() for name, values in next(batches).items()}


LONG = {"inputs": 2400, "targets": 1400}


def test_the_converters_of_seqio_give_these_arrays() -> None:
    pairs, length = sides(2), sum(LONG.values())
    both = packed_by_hand([inputs + targets for inputs, targets in pairs], length)
    is_target = [0] * length
    begin = 0
    for inputs, targets in pairs:
        end = begin + len(inputs) + len(targets)
        is_target[begin + len(inputs) : end] = [1] * len(targets)
        begin = end
    for stock in (seqio.PrefixLMFeatureConverter(pack=True), PrefixLMConverter(pack=True)):
        batch = first_batch(stock, LONG)
        for name, values in both.items():
            assert batch[f"decoder_{name}"] == values, name
        assert batch["decoder_loss_weights"] == is_target
    batch = first_batch(LMConverter(pack=True), LONG)
    for name, values in both.items():
        assert batch[f"decoder_{name}"] == values, name
    assert batch["decoder_loss_weights"] == [int(n > 0) for n in both["segment_ids"]]
    for stock in (seqio.EncDecFeatureConverter(pack=True), EncDecConverter(pack=True)):
        batch = first_batch(stock, LONG)
        encoder = packed_by_hand([inputs for inputs, _ in pairs], LONG["inputs"])
        decoder = packed_by_hand([targets for _, targets in pairs], LONG["targets"])
        assert batch["encoder_input_tokens"] == encoder["target_tokens"]
        for name in ("positions", "segment_ids"):
            assert batch[f"encoder_{name}"] == encoder[name]
        for name, values in decoder.items():
            assert batch[f"decoder_{name}"] == values, name
        assert batch["decoder_loss_weights"] == [int(n > 0) for n in decoder["segment_ids"]]


def test_a_language_model_needs_targets_alone() -> None:
    # The stock converter refuses tasks with two sides: LMConverter joins them.
    with pytest.raises(ValueError, match="inputs"):
        first_batch(seqio.LMFeatureConverter(pack=True), LONG)
