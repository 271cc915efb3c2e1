"""A language model over discrete tokens, from ids to ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.config import options_or_settings
from audioflan_tasks.corpus.examples import ExampleMaker
from audioflan_tasks.evaluation.answers import Answer, Reply
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.metrics import AudioAnswer
from audioflan_tasks.options import ExampleOptions
from audioflan_tasks.tokens import tokenizer_of, vocabulary_of

__all__ = ["TokenModel"]

Ids = NDArray[np.int32]


class TokenModel:
    """A function `generate(inputs)` from ids [n] int32 of each prompt to the ids of its answer.

    Ids are those of the vocabulary of `options`, the same as in training examples; None takes
    the options of the settings at the time of the call. An answer ends at the first EOS;
    negative ids are padding. Codes of clips come from the cache, except for prompts with
    shuffled or changed audio, which are encoded again.
    """

    hears = True

    def __init__(
        self,
        generate: Callable[[Sequence[Ids]], Sequence[Any]],
        name: str = "tokens",
        *,
        decoding: Mapping[str, Any] | None = None,
        options: ExampleOptions | None = None,
    ) -> None:
        self._generate, self.name = generate, name
        self._options = options_or_settings(options)
        self._tokenizer = tokenizer_of(self._options)
        self._maker: ExampleMaker | None = None
        vocabulary_options = {"tokenizer", "codebooks", "layout", "text"}
        self.settings = {
            **self._options.model_dump(mode="json", include=vocabulary_options),
            **(decoding or {}),
        }

    def answer(self, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        """The answers to the prompts, decoded to text or audio."""
        answers = self._generate([self.ids(prompt) for prompt in prompts])
        return [self.reply(ids) for ids in answers]

    def ids(self, prompt: Prompt) -> Ids:
        """The ids [n] of a prompt, the same as in a training example."""
        if self._maker is None:
            self._maker = ExampleMaker(prompt.corpus, self._options)
        maker, parts = self._maker, []
        if not prompt.replacements and prompt.treat is None:
            records = (*prompt.shots, prompt.instance)
            owners = {audio_id: record for record in records for audio_id in record.audio_ids}
            return maker.splice(prompt.segments, owners).ids
        for segment in prompt.segments:
            if segment.kind == "text":
                parts.append(maker.vocabulary.encode_text(segment.value))
            else:
                samples = prompt.sound(segment.value, self._tokenizer.sample_rate)
                parts.append(maker.vocabulary.audio_block(self._tokenizer.encode(samples)))
        return np.concatenate(parts).astype(np.int32)

    def reply(self, ids: Any) -> Answer:
        """The answer of the ids: their text, and their first audio span as audio."""
        vocabulary = vocabulary_of(self._options)
        array = np.asarray(ids, np.int64).reshape(-1)
        array = array[(array >= 0) & (array < vocabulary.vocab_size)]
        ends = np.flatnonzero(array == vocabulary.eos_id)
        segments = vocabulary.decode_segments(array[: ends[0]] if len(ends) else array)
        text = "".join(s.text for s in segments if s.kind == "text")
        spans = [s.codes for s in segments if s.kind == "audio" and len(s.codes)]
        note = {"ids": len(array)}
        if not spans:
            return Answer(text.strip(), note=note)
        sound = AudioAnswer(self._tokenizer.decode(spans[0]), self._tokenizer.sample_rate)
        return Answer(text.strip(), sound, note)
