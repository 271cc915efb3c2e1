"""From decoded model output to what a task's metrics compare.

seqio calls a postprocessor for references (`is_target=True`, with the example) and for
predictions. Text answers stay as they are: the metrics read them. Audio answers become
waveforms; a reference carries the unprocessed input where the task has one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import open_corpus
from audioflan_tasks.corpus.examples import shared_vocabulary, tokenizer_options
from audioflan_tasks.metrics import AudioAnswer, Parsed, audio_answer
from audioflan_tasks.tokens import get_tokenizer

__all__ = ["postprocessor"]


def postprocessor(row: TaskRow) -> Callable[..., Any]:
    """The `postprocess_fn` of a task."""
    return _AudioAnswers(row) if row.answer == "audio" else _text_answer


# The piece of the input that an audio answer is a better version of.
_SOURCES = ("audio", "mixture")


def _text_answer(output: Any, **unused: Any) -> str:
    return output.decode("utf-8") if isinstance(output, bytes) else str(output)


class _AudioAnswers:
    """Waveforms of the audio answers of one task."""

    def __init__(self, row: TaskRow) -> None:
        heard = [piece.name for piece in row.inputs if piece.kind == "audio"]
        at = [n for n, name in enumerate(heard) if name in _SOURCES]
        self._source_at = at[0] if at else None

    def __call__(
        self,
        output: Any,
        *,
        is_target: bool = False,
        example: Mapping[str, Any] | None = None,
        **unused: Any,
    ) -> AudioAnswer | Parsed:
        """The waveform of a reference id, or of the first span in a prediction.

        A missing or malformed span is a `Parsed` without value, which the metrics count.
        """
        tokenizer = get_tokenizer(settings.tokenizer, **tokenizer_options())
        if is_target:
            rate = tokenizer.sample_rate
            source = self._source(example, rate)
            return AudioAnswer(open_corpus().audio(_text_answer(output), rate), rate, source)
        found = audio_answer(str(output), shared_vocabulary(), tokenizer)
        return found if found.value is None else found.value

    def _source(
        self, example: Mapping[str, Any] | None, sample_rate: int
    ) -> NDArray[np.float32] | None:
        """The unprocessed input; ids of an example stand in the order of its pieces."""
        ids = [] if example is None else list(example.get("audio_ids", ()))
        if self._source_at is None or self._source_at >= len(ids):
            return None
        return open_corpus().audio(_text_answer(ids[self._source_at]), sample_rate)
