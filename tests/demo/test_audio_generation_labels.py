"""The audio domain of the demo corpus: inputs and targets of generation tasks."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from tests.demo.audio_corpus import (
    at_rate,
    cases,
    decibels,
    facts,
    heard,
    piece,
    played,
    recipes,
    share_above,
    sources,
    spans,
)

pytestmark = pytest.mark.slow


def test_gaps_are_empty_and_the_rest_is_untouched() -> None:
    for record in cases("audio_inpainting"):
        broken = heard(piece(record, "audio")).audio
        whole = heard(spans(record["output"])[0])
        start, end = map(float, re.findall(r"[\d.]+", record["other"]["slots"]["gap"]))
        assert record["other"]["slots"]["gap"] in record["instruction"]
        rate = whole.sample_rate
        gap = slice(round(start * rate), round(end * rate))
        assert not broken[gap].any()
        # Something was lost: the gap is within 25 dB of the whole.
        assert decibels(whole.audio[gap]) > decibels(whole.audio) - 25
        kept = np.ones(len(broken), bool)
        kept[gap] = False
        assert np.array_equal(broken[kept], whole.audio[kept])


def test_low_rates_lack_what_the_answer_has() -> None:
    for record in cases("audio_super_resolution"):
        low, full = heard(piece(record, "audio")), heard(spans(record["output"])[0])
        assert low.sample_rate == record["other"]["label"]["input_rate_hz"] in (8000, 12000)
        assert f"{full.sample_rate / 1000:g} kHz" == record["other"]["slots"]["target_rate"]
        assert record["other"]["slots"]["target_rate"] in record["instruction"]
        assert sources()[spans(record["output"])[0]]["file"].endswith(".flac")
        # The clip was chosen for 2 % above 4 kHz; the window and 16 bits take a little.
        assert share_above(full.audio, full.sample_rate, 4000) > 0.005
        assert len(low.audio) / low.sample_rate == pytest.approx(
            len(full.audio) / full.sample_rate, abs=2e-3
        )


def test_a_continuation_joins_its_prompt() -> None:
    for record in cases("audio_continuation"):
        first, second = piece(record, "audio"), spans(record["output"])[0]
        assert recipes()[first]["inputs"] == recipes()[second]["inputs"]
        (base,) = recipes()[first]["inputs"]
        rate = heard(first).sample_rate
        joined = np.concatenate([heard(first).audio, heard(second).audio])
        assert np.array_equal(joined, at_rate(base, rate))
        # Not silence after a sound.
        assert decibels(heard(second).audio) > decibels(heard(first).audio) - 20


@pytest.mark.parametrize(
    ("task", "text"),
    [("text_guided_audio_source_separation", "description"),
     ("label_querying_sound_extraction", "label"), ("audio_querying_sound_extraction", "")],
)  # fmt: skip
def test_extracted_parts_sum_to_the_mixture(task: str, text: str) -> None:
    captions = {spans(r["input"])[0]: r["output"] for r in cases("audio_caption")}
    targets: Counter[int] = Counter()
    for record in cases(task):
        mixture, answer = piece(record, "mixture"), spans(record["output"])[0]
        recipe = recipes()[answer]
        target = recipe["params"]["part"]
        wanted, other = recipe["inputs"][target], recipe["inputs"][1 - target]
        rest = played(recipe, part=1 - target).audio
        assert np.abs(heard(mixture).audio - heard(answer).audio - rest).max() < 1e-5
        clip = at_rate(wanted, 16000)
        assert np.corrcoef(heard(answer).audio[: len(clip)], clip)[0, 1] > 0.999
        assert facts(wanted)["label"] != facts(other)["label"]
        levels = [
            decibels(played(recipe, part=k).audio[: len(at_rate(recipe["inputs"][k], 16000))])
            for k in (0, 1)
        ]
        assert abs(levels[0] - levels[1]) < 4.1, "one sound drowns the other"
        if text == "description":
            assert piece(record, text) == captions[wanted]
        elif text == "label":
            assert piece(record, text) == facts(wanted)["label"]
        else:
            query = piece(record, "query")
            assert query != wanted and facts(query)["label"] == facts(wanted)["label"]
        targets[target] += 1
    assert min(targets[0], targets[1]) >= 0.4 * sum(targets.values())


def test_timed_descriptions_hold_the_times_and_captions_of_the_sound() -> None:
    captions = {spans(r["input"])[0]: r["output"] for r in cases("audio_caption")}
    for record in cases("time_grounded_text_to_audio_generation"):
        audio_id = spans(record["output"])[0]
        recipe = recipes()[audio_id]
        description = piece(record, "description")
        x = heard(audio_id).audio
        said = re.findall(r"from (\d+\.\d\d) to (\d+\.\d\d) s", description)
        assert len(said) == len(recipe["inputs"])
        loud = np.ones(len(x), bool)
        for event, (start, end) in zip(recipe["inputs"], said, strict=True):
            assert captions[event].rstrip(".") in description
            inside = slice(round(float(start) * 16000), round(float(end) * 16000))
            # Events are 30 dB over a background at -55 dB of full scale.
            assert decibels(x[inside]) == pytest.approx(-25, abs=1.0)
            loud[round((float(start) - 0.01) * 16000) : round((float(end) + 0.01) * 16000)] = False
        assert decibels(x[loud]) == pytest.approx(-55, abs=1.5)
        assert len(x) == 6 * 16000 and description.startswith("6 seconds.")
