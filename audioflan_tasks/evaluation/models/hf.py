"""Audio-language models of Hugging Face transformers.

Written for the interface of Qwen2-Audio: an `AutoProcessor` with a chat template whose
content parts are `{"type": "audio"}` and `{"type": "text"}`. Other models with that
interface work too. Weights come from a local folder or from the hub.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from audioflan_tasks.errors import MissingExtraError
from audioflan_tasks.evaluation.answers import Answer, Reply
from audioflan_tasks.evaluation.prompt import Prompt

__all__ = ["TransformersModel"]


class TransformersModel:
    """A model that reads audio and text and writes text.

    Args:
      weights: local folder or hub name.
      model, processor: a loaded model and processor, instead of `weights`.
      system: a system message; empty for none.
      max_new_tokens: maximum length of an answer in tokens.
      device: a torch device such as "cuda"; by default the model stays where it is.
      generate: further arguments of `generate`; without them decoding is greedy.

    Raises:
      MissingExtraError: transformers or torch is not installed.
    """

    hears = True

    def __init__(
        self,
        weights: str = "",
        *,
        model: Any = None,
        processor: Any = None,
        system: str = "",
        max_new_tokens: int = 256,
        device: str = "",
        generate: Mapping[str, Any] | None = None,
    ) -> None:
        torch, transformers = _libraries()
        if processor is None:
            processor = transformers.AutoProcessor.from_pretrained(weights)
        if model is None:
            kind = getattr(transformers, "AutoModelForMultimodalLM", None)
            kind = kind or transformers.AutoModelForSeq2SeqLM
            model = kind.from_pretrained(weights, dtype="auto")
        self._torch, self._processor = torch, processor
        self._model = model.to(device).eval() if device else model.eval()
        self._system = system
        self._decoding = {"max_new_tokens": max_new_tokens, "do_sample": False, **(generate or {})}
        self.name = weights or type(model).__name__
        self.settings: Mapping[str, Any] = {
            "weights": weights, "class": type(model).__name__, "system": system,
            "dtype": str(getattr(model, "dtype", "")), **self._decoding,
        }  # fmt: skip
        # Generation continues the last token, so a batch must be padded on the left.
        tokenizer = getattr(processor, "tokenizer", None)
        if tokenizer is not None:
            tokenizer.padding_side = "left"

    @property
    def sample_rate(self) -> int:
        """Sample rate in Hz that the processor expects."""
        return int(self._processor.feature_extractor.sampling_rate)

    def conversation(self, prompt: Prompt) -> list[dict[str, Any]]:
        """The prompt as chat messages."""
        parts: list[dict[str, Any]] = []
        for segment in prompt.segments:
            if segment.kind == "audio":
                parts.append({"type": "audio", "audio_url": segment.value})
            else:
                parts.append({"type": "text", "text": segment.value})
        system = [{"role": "system", "content": self._system}] if self._system else []
        return [*system, {"role": "user", "content": parts}]

    def answer(self, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        """The answers to one batch of prompts."""
        texts = [
            self._processor.apply_chat_template(
                self.conversation(p), add_generation_prompt=True, tokenize=False
            )
            for p in prompts
        ]
        sounds = [sound for p in prompts for sound in p.sounds(self.sample_rate)]
        audio_inputs = {"audio": sounds, "sampling_rate": self.sample_rate} if sounds else {}
        inputs = self._processor(text=texts, return_tensors="pt", padding=True, **audio_inputs)
        inputs = inputs.to(self._model.device)
        with self._torch.inference_mode():
            ids = self._model.generate(**inputs, **self._decoding)
        new_ids = ids[:, inputs["input_ids"].shape[1] :]
        answers = self._processor.batch_decode(new_ids, skip_special_tokens=True)
        return [Answer(text.strip()) for text in answers]


def _libraries() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as error:
        name = error.name or "transformers"
        raise MissingExtraError(name, "transformers", "a transformers model") from error
    return torch, transformers
