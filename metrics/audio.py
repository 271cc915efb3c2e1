"""Audio answers: from a model's output to a waveform."""

from __future__ import annotations

from audioflan_tasks.metrics.values import AudioAnswer, ParsedAnswer, Status
from audioflan_tasks.tokens import AudioTextVocabulary, AudioTokenizer

__all__ = ["audio_answer"]


def audio_answer(
    text: str, vocabulary: AudioTextVocabulary, tokenizer: AudioTokenizer
) -> ParsedAnswer:
    """The waveform of the first span of a decoded text.

    No span is empty; a span without end mark, with codes out of order or outside their
    codebooks is malformed: without an end mark the length of the answer is unknown.
    """
    spans = [s for s in vocabulary.segments_of_text(text) if s.kind == "audio"]
    if not spans:
        return ParsedAnswer(None, Status.EMPTY)
    codes = spans[0].codes
    if spans[0].problem or codes is None:
        return ParsedAnswer(None, Status.MALFORMED)
    if not len(codes):
        return ParsedAnswer(None, Status.EMPTY)
    return ParsedAnswer(AudioAnswer(tokenizer.decode(codes), tokenizer.sample_rate), Status.OK)
