"""Segments to ids with roles and spans."""

from __future__ import annotations

import numpy as np

from audioflan_tasks.preprocessors.render import Segment
from audioflan_tasks.preprocessors.splice import ROLES, splice
from audioflan_tasks.tokens import vocabulary

V = vocabulary(codebooks=4)
CODES = np.random.default_rng(0).integers(0, 1024, (200, 4))


def test_roles_and_spans_by_hand() -> None:
    text = len(V.encode_text("Compare these: "))
    segments = [
        Segment("text", "Compare these: ", "instruction"),
        Segment("audio", "2", "input"),
        Segment("audio", "3", "input"),
    ]
    result = splice(segments, V, lambda audio_id: CODES[: int(audio_id)])
    assert [(s.start, s.end, s.audio_id) for s in result.spans] == [
        (text, text + 10, "2"),
        (text + 10, text + 24, "3"),
    ]
    assert (result.roles[:text] == ROLES["instruction"]).all()
    assert (result.roles[text:] == ROLES["input"]).all()
    assert result.ids[text] == V.soa_id
    assert result.ids[text + 9] == V.eoa_id
    assert len(splice([], V, lambda _: CODES).ids) == 0
