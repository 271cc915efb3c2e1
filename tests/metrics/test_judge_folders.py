"""Judges from folders, with models of random weights: that they open and run, not how well.

Needs the extra `neural`, which is too large for `dev`.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import soundfile

from audioflan_tasks import catalogue
from audioflan_tasks.metrics import AudioAnswer, score

pytestmark = pytest.mark.slow

pytest.importorskip("torch")
transformers: Any = pytest.importorskip("transformers")

SPEECH = Path(__file__).parents[1] / "data" / "librivox_0870.flac"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


@pytest.fixture
def clips() -> list[AudioAnswer]:
    samples, rate = soundfile.read(SPEECH, dtype="float32")
    return [AudioAnswer(samples[n : n + rate], rate) for n in (0, rate, 2 * rate)]


def vocabulary() -> dict[str, int]:
    from tokenizers.pre_tokenizers import ByteLevel

    return {token: n for n, token in enumerate((*SPECIAL, *sorted(ByteLevel.alphabet())))}


def ids() -> dict[str, int]:
    return {
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "vocab_size": len(vocabulary()),
    }


def test_speaker_vectors(clips: list[AudioAnswer], tmp_path: Path) -> None:
    config = transformers.WavLMConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        conv_dim=(16,) * 7, tdnn_dim=(16,) * 5, xvector_output_dim=8, num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2,
    )  # fmt: skip
    transformers.WavLMForXVector(config).save_pretrained(tmp_path)
    transformers.Wav2Vec2FeatureExtractor().save_pretrained(tmp_path)
    task, name = catalogue.get("voice_conversion"), "speaker_similarity"
    same = score(task, clips, clips, metrics=[name], weights={name: tmp_path})
    assert same[name] == pytest.approx(1.0)
    other = score(task, clips, clips[::-1], metrics=[name], weights={name: tmp_path})
    assert -1 <= other[name] < 1


def test_vectors_of_sound_and_text(clips: list[AudioAnswer], tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.BPE(vocab=vocabulary(), merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>",
        unk_token="<unk>", mask_token="<mask>", cls_token="<s>", sep_token="</s>",
    ).save_pretrained(tmp_path)  # fmt: skip
    transformers.ClapFeatureExtractor(truncation="rand_trunc").save_pretrained(tmp_path)
    text = {
        "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 16, "max_position_embeddings": 64, "projection_dim": 8, **ids(),
    }  # fmt: skip
    audio = {
        "depths": [1, 1, 1, 1], "num_attention_heads": [1, 1, 2, 2], "hidden_size": 64,
        "patch_embeds_hidden_size": 8, "projection_dim": 8,
    }  # fmt: skip
    config = transformers.ClapConfig(text_config=text, audio_config=audio, projection_dim=8)
    transformers.ClapModel(config).save_pretrained(tmp_path)
    found = score(
        catalogue.get("text_guided_audio_generation"), clips, clips, metrics=["clap_score", "fad"],
        weights={"clap_score": tmp_path, "fad": tmp_path}, texts=["a voice"] * 3,
    )  # fmt: skip
    assert -1 <= found["clap_score"] <= 1
    assert math.isfinite(found["fad"])


def test_words(clips: list[AudioAnswer], tmp_path: Path) -> None:
    config = transformers.WhisperConfig(
        d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, num_mel_bins=80,
        decoder_start_token_id=0, max_target_positions=32, suppress_tokens=None,
        begin_suppress_tokens=None, **ids(),
    )  # fmt: skip
    model = transformers.WhisperForConditionalGeneration(config)
    model.generation_config = transformers.GenerationConfig(
        decoder_start_token_id=0, bos_token_id=0, pad_token_id=1, eos_token_id=2, max_length=12
    )
    model.save_pretrained(tmp_path)
    transformers.WhisperFeatureExtractor().save_pretrained(tmp_path)
    (tmp_path / "vocab.json").write_text(json.dumps(vocabulary()))
    (tmp_path / "merges.txt").write_text("#version: 0.2\n")
    transformers.WhisperTokenizer(
        str(tmp_path / "vocab.json"), str(tmp_path / "merges.txt"), unk_token="<unk>",
        bos_token="<s>", eos_token="</s>", pad_token="<pad>",
    ).save_pretrained(tmp_path)  # fmt: skip
    found = score(
        catalogue.get("text_to_speech"), clips, clips, metrics=["asr_wer"],
        weights={"asr_wer": tmp_path}, texts=["one", "two", "three"],
    )  # fmt: skip
    assert math.isfinite(found["asr_wer"])
