"""The transformers adapter with a tiny Qwen2-Audio of random weights, made on the spot."""

from __future__ import annotations

import builtins
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.errors import MissingExtraError
from audioflan_tasks.evaluation import Answer, evaluate
from audioflan_tasks.evaluation.models import TransformersModel
from tests.evaluation.prompts import prompts_of

pytestmark = pytest.mark.slow

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for c in m['content'] %}"
    "{% if c['type'] == 'audio' %}<|audio_bos|><|AUDIO|><|audio_eos|>"
    "{% else %}{{ c['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|AUDIO|>", "<|audio_bos|>",
           "<|audio_eos|>"]  # fmt: skip


def tiny() -> tuple[Any, Any]:
    """A model of some 100,000 weights and its processor; nothing is fetched."""
    transformers = pytest.importorskip("transformers")
    torch = pytest.importorskip("torch")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = Tokenizer(models.BPE({c: i for i, c in enumerate(alphabet)}, []))
    tokens.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokens.decoder = decoders.ByteLevel()
    tokens.add_special_tokens(SPECIAL)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokens, pad_token="<|endoftext|>", eos_token="<|im_end|>"
    )
    hearing = transformers.WhisperFeatureExtractor(feature_size=128)
    processor = transformers.Qwen2AudioProcessor(hearing, tokenizer, chat_template=TEMPLATE)
    config = transformers.Qwen2AudioConfig(
        audio_config={
            "d_model": 32, "encoder_layers": 1, "encoder_attention_heads": 2,
            "encoder_ffn_dim": 32, "num_mel_bins": 128, "model_type": "qwen2_audio_encoder",
        },
        text_config={
            "model_type": "qwen2", "vocab_size": len(tokenizer), "hidden_size": 32,
            "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
            "num_key_value_heads": 1, "max_position_embeddings": 4096,
        },
        audio_token_index=tokenizer.convert_tokens_to_ids("<|AUDIO|>"),
    )  # fmt: skip
    torch.manual_seed(0)
    return transformers.Qwen2AudioForConditionalGeneration(config), processor


@pytest.fixture(scope="module")
def model() -> TransformersModel:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made, processor = tiny()
        return TransformersModel(model=made, processor=processor, max_new_tokens=6)


@pytest.mark.filterwarnings("ignore")
def test_batches_give_what_single_questions_give(model: TransformersModel, corpus: Corpus) -> None:
    prompts = prompts_of(corpus, catalogue.get("gender_recognition"), 3)
    prompts += prompts_of(corpus, catalogue.get("speaker_verification"), 1)
    assert model.sample_rate == 16_000
    together = model.answer(prompts)
    alone = [model.answer([p])[0] for p in prompts]
    assert together == alone
    assert all(isinstance(a, Answer) for a in alone)


@pytest.mark.filterwarnings("ignore")
def test_audio_reaches_the_model(model: TransformersModel, corpus: Corpus) -> None:
    """Random weights need not change their words with the audio, but their logits must."""
    (prompt,) = prompts_of(corpus, catalogue.get("gender_recognition"), 1)
    seen: list[Any] = []
    inner = model._model
    handle = inner.register_forward_hook(lambda m, a, out: seen.append(out.logits[0, -1].numpy()))
    try:
        model.answer([prompt])
        first = len(seen)
        model.answer([prompt.without_audio()])
    finally:
        handle.remove()
    assert not np.allclose(seen[0], seen[first])
    parts = model.conversation(prompt)[0]["content"]
    assert [p["type"] for p in parts].count("audio") == 1


@pytest.mark.filterwarnings("ignore")
def test_a_whole_run(model: TransformersModel, tmp_path: Path) -> None:
    results = evaluate(
        model, "understanding", tmp_path, tasks=["gender_recognition", "key_comparison"],
        limit=2, batch_size=2, proof_of_hearing=0,
    )  # fmt: skip
    assert not results.failed and [t.answered for t in results.tasks] == [2, 2]
    assert results.settings["class"] == "Qwen2AudioForConditionalGeneration"


def test_without_transformers_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def none(name: str, *args: Any, **kwargs: Any) -> Any:
        if name in ("torch", "transformers"):
            raise ImportError(f"no {name}", name=name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", none)
    with pytest.raises(MissingExtraError, match=r"audioflan_tasks\[transformers\]"):
        TransformersModel("weights")
