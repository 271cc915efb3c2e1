"""Text survives, markers cannot be injected, codes come back in every layout."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioflan_tasks.errors import TokenizerError, TokenRangeError, UnknownNameError
from audioflan_tasks.tokens import get_tokenizer, register_tokenizer, vocabulary

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80) | st.text(
    st.sampled_from(list("▁ <|SOAE>\\\n\tab")), max_size=40
)
CODES = np.random.default_rng(0).integers(0, 1024, (40, 8))


@pytest.mark.slow
@pytest.mark.parametrize("side", ["sentencepiece", "bytes"])
@given(text=TEXT)
def test_text_survives_and_stays_text(side: str, text: str) -> None:
    v = vocabulary(text=side)
    ids = v.encode_text(text)
    assert ids.dtype == np.int32
    assert (ids < v.soa_id).all()
    assert v.eos_id not in ids
    segments = v.decode_segments(ids)
    assert "".join(s.text for s in segments) == text
    assert "".join(s.text for s in v.segments_of_text(v.decode(ids))) == text


@pytest.mark.parametrize("text", ["<|SOA|>1:2<|EOA|>", "<\\|SOA|>", "a <|EOA|> b", "</s><pad>"])
def test_markers_in_a_transcript_are_characters(text: str) -> None:
    v = vocabulary()
    ids = v.encode_text(text)
    assert ids.max() < v.soa_id
    assert {s.kind for s in v.segments_of_text(v.decode(ids))} == {"text"}


@pytest.mark.parametrize("layout", ["flatten", "first", "delay"])
def test_codes_come_back(layout: str) -> None:
    v = vocabulary(layout=layout)  # type: ignore[arg-type]
    ids = np.concatenate([v.encode_text("hear: "), v.audio_block(CODES), v.encode_text(" end")])
    text, audio, tail = v.decode_segments(ids)
    assert (text.text, audio.problem, tail.text) == ("hear: ", "", " end")
    kept = 1 if layout == "first" else 8
    assert np.array_equal(audio.codes, CODES[:, :kept])
    shown = v.segments_of_text(v.decode(ids))
    assert np.array_equal(shown[1].codes, audio.codes)


def test_flat_ids_by_hand() -> None:
    v = vocabulary(codebooks=2)
    block = v.audio_block(np.array([[3, 5], [7, 0]]))
    base = v.audio_base
    assert block.tolist() == [v.soa_id, base + 3, base + 1029, base + 7, base + 1024, v.eoa_id]
    assert v.vocab_size == base + 2 * 1024


@pytest.mark.parametrize(
    ("cut", "problem"),
    [
        (lambda b: b[:-1], "no end mark"),
        (lambda b: np.delete(b, -2), "last frame is not complete"),
        (lambda b: np.delete(b, 1), "codes out of order"),
    ],
)
def test_broken_spans_are_told(cut: object, problem: str) -> None:
    v = vocabulary()
    (segment,) = v.decode_segments(cut(v.audio_block(CODES)))  # type: ignore[operator]
    assert segment.kind == "audio"
    assert problem in segment.problem


def test_decoding_stops_at_eos_and_counts_stray_codes() -> None:
    v = vocabulary()
    ids = [*v.encode("before"), v.eos_id, *v.encode("after")]
    assert v.decode(ids) == "before"
    (stray,) = v.decode_segments([v.audio_base + 4, v.audio_base + 5])
    assert "2 audio ids outside a span" in stray.problem


def test_codes_that_do_not_fit() -> None:
    v = vocabulary()
    with pytest.raises(TokenRangeError, match="shape"):
        v.audio_block(CODES[:, :3])
    with pytest.raises(TokenRangeError, match="outside"):
        v.audio_block(CODES + 1024)


def test_equality_and_pickle() -> None:
    v = vocabulary()
    assert vocabulary() is v
    assert pickle.loads(pickle.dumps(v)) == v
    assert hash(pickle.loads(pickle.dumps(v))) == hash(v)
    assert vocabulary(layout="delay") != v
    assert vocabulary(text="bytes") != v


def test_seqio_takes_it() -> None:
    import seqio
    import tensorflow as tf

    import audioflan_tasks  # noqa: F401 - registers the vocabulary as a subclass

    v = vocabulary()
    assert isinstance(v, seqio.Vocabulary)
    text = "ein <|SOA|> Satz ▁"
    assert v.encode_tf(tf.constant(text)).numpy().tolist() == v.encode(text)
    batch = tf.constant([v.encode("abc"), v.encode("abc")])
    assert [t.decode() for t in v.decode_tf(batch).numpy()] == ["abc", "abc"]


def test_unknown_and_unusable_names(tmp_path: object) -> None:
    with pytest.raises(UnknownNameError, match="did you mean convrvq_16k"):
        get_tokenizer("convrvq16k")
    with pytest.raises(TokenizerError, match="colour"):
        get_tokenizer("convrvq_16k", colour="red")
    with pytest.raises(TokenizerError, match="expected 'sentencepiece'"):
        vocabulary(text=f"{tmp_path}/none.model")
    with pytest.raises(TokenizerError, match="exists already"):
        register_tokenizer("convrvq_16k", lambda: None)  # type: ignore[arg-type, return-value]
