"""Lengths that never break a span."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.preprocessors.crop import fit
from audioflan_tasks.preprocessors.render import Segment
from audioflan_tasks.preprocessors.splice import SplicedExample, splice
from audioflan_tasks.tokens import vocabulary

V = vocabulary(codebooks=4)
CODES = np.random.default_rng(0).integers(0, 1024, (200, 4))


def made(frames: list[int]) -> SplicedExample:
    segments = [Segment("text", "Compare these: ", "instruction")]
    segments += [Segment("audio", str(n), "input") for n in frames]
    return splice(segments, V, lambda audio_id: CODES[: int(audio_id)])


@pytest.mark.slow
@given(frames=st.lists(st.integers(1, 60), min_size=1, max_size=4), limit=st.integers(1, 900))
def test_fit_keeps_spans_whole(frames: list[int], limit: int) -> None:
    whole = made(frames)
    least = len(whole.ids) - 4 * sum(n - 1 for n in frames)
    result = fit(whole, limit, V)
    if limit < least:
        assert result is None
        return
    assert result is not None
    assert len(result.ids) == len(result.roles) <= limit
    assert len(result.ids) > limit - 4 or len(result.ids) == len(whole.ids)
    segments = [s for s in V.decode_segments(result.ids) if s.kind == "audio"]
    assert len(segments) == len(frames)
    for segment, span, full in zip(segments, result.spans, frames, strict=True):
        assert segment.problem == ""
        kept = len(segment.codes)
        assert 1 <= kept <= full
        assert np.array_equal(segment.codes, CODES[:kept])
        assert result.ids[span.start] == V.soa_id
        assert result.ids[span.end - 1] == V.eoa_id


def test_the_longest_span_gives_way_first() -> None:
    whole = made([10, 50])
    result = fit(whole, len(whole.ids) - 4 * 20, V)
    assert result is not None
    kept = [len(s.codes) for s in V.decode_segments(result.ids) if s.kind == "audio"]
    assert kept == [10, 30]
    assert fit(whole, None, V) is whole
