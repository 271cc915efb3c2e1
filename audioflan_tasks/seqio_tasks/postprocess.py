"""From decoded model output to what a task's metrics compare.

seqio calls a postprocessor for references (`is_target=True`, with the example) and for
predictions. Text answers lose their lead-in; audio answers become waveforms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.config import settings
from audioflan_tasks.corpus import open_corpus
from audioflan_tasks.corpus.examples import shared_vocabulary, tokenizer_options
from audioflan_tasks.metrics import AudioAnswer
from audioflan_tasks.preprocessors.templates import strip_lead_in
from audioflan_tasks.tokens import get_tokenizer

__all__ = ["postprocessor"]


def postprocessor(row: TaskRow) -> Callable[..., Any]:
    """The `postprocess_fn` of a task."""
    return _audio_answer if row.answer == "audio" else _TextAnswer(row.id)


class _TextAnswer:
    """Strips the lead-ins of the task's own pool."""

    def __init__(self, task_id: str) -> None:
        self._task_id = task_id

    def __call__(self, output: Any, *, is_target: bool = False, **unused: Any) -> str:
        text = output.decode("utf-8") if isinstance(output, bytes) else str(output)
        return text if is_target else strip_lead_in(self._task_id, text)


def _audio_answer(
    output: Any, *, is_target: bool = False, example: Mapping[str, Any] | None = None, **unused: Any
) -> AudioAnswer | None:
    """The waveform of a reference id, or of the first span in a prediction (None: no span)."""
    tokenizer = get_tokenizer(settings.tokenizer, **tokenizer_options())
    if is_target:
        text = output.decode("utf-8") if isinstance(output, bytes) else str(output)
        return AudioAnswer(open_corpus().audio(text, tokenizer.sample_rate), tokenizer.sample_rate)
    segments = shared_vocabulary().segments_of_text(str(output))
    spans = [s.codes for s in segments if s.kind == "audio"]
    if not spans or not len(spans[0]):
        return None
    return AudioAnswer(tokenizer.decode(spans[0]), tokenizer.sample_rate)
