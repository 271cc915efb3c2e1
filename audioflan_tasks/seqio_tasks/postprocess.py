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
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import MissingAudioError
from audioflan_tasks.metrics import AudioAnswer, ParsedAnswer, audio_answer, source_piece
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.tokens import tokenizer_of, vocabulary_of

__all__ = ["postprocessor"]


def postprocessor(
    row: TaskRow, corpus: Callable[[], Corpus], options: Callable[[], ExampleOptions]
) -> Callable[..., Any]:
    """The `postprocess_fn` of a task over a corpus."""
    if not row.answer_kind.is_audio:
        return _text_answer
    return _AudioAnswers(row, corpus, options).answer


def _text_answer(output: Any, **unused: Any) -> str:
    return output.decode("utf-8") if isinstance(output, bytes) else str(output)


class _AudioAnswers:
    """Waveforms of the audio answers of one task."""

    def __init__(
        self, row: TaskRow, corpus: Callable[[], Corpus], options: Callable[[], ExampleOptions]
    ) -> None:
        self._task, self._corpus, self._options = row.id, corpus, options
        names = [piece.name for piece in row.inputs if piece.kind == "audio"]
        source = source_piece(row)
        self._source_place = names.index(source) if source else None

    def answer(
        self,
        output: Any,
        *,
        is_target: bool = False,
        example: Mapping[str, Any] | None = None,
        **unused: Any,
    ) -> AudioAnswer | ParsedAnswer:
        """The waveform of a reference id, or of the first span in a prediction.

        A missing or malformed span is a `ParsedAnswer` without value, which the metrics count.
        """
        options = self._options()
        tokenizer = tokenizer_of(options)
        if is_target:
            rate = tokenizer.sample_rate
            samples = self._audio(_text_answer(output), rate, example)
            return AudioAnswer(samples, rate, self._source(rate, example))
        parsed_answer = audio_answer(str(output), vocabulary_of(options), tokenizer)
        return parsed_answer if parsed_answer.value is None else parsed_answer.value

    def _source(
        self, sample_rate: int, example: Mapping[str, Any] | None
    ) -> NDArray[np.float32] | None:
        """The unprocessed input; ids of an example stand in the order of its pieces."""
        ids = [] if example is None else list(example.get("audio_ids", ()))
        if self._source_place is None or self._source_place >= len(ids):
            return None
        return self._audio(_text_answer(ids[self._source_place]), sample_rate, example)

    def _audio(
        self, audio_id: str, sample_rate: int, example: Mapping[str, Any] | None
    ) -> NDArray[np.float32]:
        """Samples of an id; where only the record says the path, that record is looked for."""
        corpus = self._corpus()
        try:
            return corpus.audio(audio_id, sample_rate)
        except MissingAudioError:
            uuid = "" if example is None else _text_answer(example.get("uuid", ""))
            owner = corpus.owner(audio_id, self._task, uuid)
            if owner is None:
                raise
        return corpus.audio(audio_id, sample_rate, owner)
