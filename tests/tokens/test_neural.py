"""EnCodec, DAC, Mimi and X-Codec through transformers, with small models of random weights.

No pretrained weights can be had here: what is tested is loading, shapes, ranges, the contract,
and that codes and samples are those of transformers itself. Skipped where the extra `neural`
is not installed.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audioflan_tasks.config import settings
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import MissingExtraError, TokenizerError
from audioflan_tasks.tokens import get_tokenizer, registry
from audioflan_tasks.tokens.contract import RULES, Rule
from audioflan_tasks.tokens.neural import FAMILIES, Neural
from tests.conftest import maker_of

pytestmark = pytest.mark.slow

torch = pytest.importorskip("torch", reason="the extra neural is not installed")
transformers = pytest.importorskip("transformers", reason="the extra neural is not installed")

torch.set_num_threads(1)
SPEECH, RATE = soundfile.read(
    Path(__file__).parents[1] / "data" / "librivox_0870.flac", dtype="float32"
)
EACH = pytest.mark.parametrize("family", FAMILIES)


def config_of(family: str) -> Any:
    """The family's configuration, a thousandth of its size."""
    if family == "encodec":
        return transformers.EncodecConfig(
            num_filters=4, upsampling_ratios=[8, 5, 4, 2], codebook_size=64, codebook_dim=16,
            hidden_size=16, num_lstm_layers=1, target_bandwidths=[0.9, 1.8, 3.6],
        )  # fmt: skip
    if family == "dac":
        return transformers.DacConfig(
            encoder_hidden_size=4, decoder_hidden_size=16, downsampling_ratios=[4, 4, 4],
            n_codebooks=6, codebook_size=32, codebook_dim=4, sampling_rate=16000,
        )  # fmt: skip
    if family == "mimi":
        return transformers.MimiConfig(
            num_filters=4, hidden_size=32, codebook_size=32, codebook_dim=16, num_quantizers=6,
            vector_quantization_hidden_dimension=16, num_hidden_layers=1, intermediate_size=32,
            num_attention_heads=2, num_key_value_heads=2, head_dim=16, upsample_groups=32,
        )  # fmt: skip
    hubert = transformers.HubertConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        conv_dim=[8] * 7, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4,
    )  # fmt: skip
    acoustic = transformers.DacConfig(
        encoder_hidden_size=4, downsampling_ratios=[8, 5, 4, 2], decoder_hidden_size=32,
        upsampling_ratios=[8, 5, 4, 2], hidden_size=32, codebook_dim=16, sampling_rate=16000,
    )  # fmt: skip
    return transformers.XcodecConfig(
        target_bandwidths=[0.5, 1, 2], codebook_size=64, codebook_dim=64,
        acoustic_model_config=acoustic, semantic_model_config=hubert,
    )  # fmt: skip


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder with a small model of each family."""
    home = tmp_path_factory.mktemp("weights")
    for family, told in FAMILIES.items():
        torch.manual_seed(7)
        model = getattr(transformers, told.model)(config_of(family)).eval()
        _spread(model)
        model.save_pretrained(home / family)
    return {family: home / family for family in FAMILIES}


def _spread(model: Any) -> None:
    """Codebooks start as zeros in some families; then every code would be 0."""
    for name, buffer in model.state_dict().items():
        if name.endswith(("codebook.embed", "embed_sum")):
            buffer.copy_(0.05 * torch.randn_like(buffer))
        elif name.endswith("cluster_usage"):
            buffer.fill_(1.0)


def made(family: str, weights: dict[str, Path], **options: Any) -> Neural:
    tokenizer = get_tokenizer(family, weights=str(weights[family]), **options)
    assert isinstance(tokenizer, Neural)
    return tokenizer


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@EACH
def test_keeps_the_contract(family: str, rule: Rule, weights: dict[str, Path]) -> None:
    rule(made(family, weights))


@EACH
def test_describes_the_model(family: str, weights: dict[str, Path]) -> None:
    tokenizer = made(family, weights)
    told = {
        "encodec": (24000, 75.0, (64,) * tokenizer.codebooks),
        "dac": (16000, 250.0, (32,) * 6),
        "mimi": (24000, 12.5, (32,) * 6),
        "xcodec": (16000, 50.0, (64,) * tokenizer.codebooks),
    }[family]
    assert (tokenizer.sample_rate, tokenizer.frame_rate, tokenizer.codebook_sizes) == told
    assert tokenizer.name == family


@EACH
def test_codes_and_samples_are_those_of_transformers(family: str, weights: dict[str, Path]) -> None:
    tokenizer = made(family, weights)
    hop = round(tokenizer.sample_rate / tokenizer.frame_rate)
    wave = SPEECH[: 12 * hop]
    model = getattr(transformers, FAMILIES[family].model).from_pretrained(weights[family]).eval()
    given = torch.from_numpy(wave)[None, None]
    with torch.inference_mode():
        if family == "encodec":
            codes = model.encode(given, bandwidth=3.6).audio_codes
            samples = model.decode(codes, [None]).audio_values
            codes = codes[0]
        else:
            codes = model.encode(given).audio_codes
            samples = model.decode(audio_codes=codes).audio_values
    ours = tokenizer.encode(wave)
    wanted = codes[0].numpy().T
    assert np.array_equal(ours, wanted[:, : tokenizer.codebooks])
    assert len(np.unique(ours)) > 8
    heard = samples.reshape(-1).numpy()
    both = min(len(heard), len(wave))
    assert np.allclose(tokenizer.decode(ours)[:both], heard[:both], atol=1e-5)


@EACH
def test_fewer_codebooks_are_a_prefix(family: str, weights: dict[str, Path]) -> None:
    whole, two = made(family, weights), made(family, weights, codebooks=2)
    codes = two.encode(SPEECH[:9000])
    assert codes.shape[1] == 2 < whole.codebooks
    assert np.array_equal(codes, whole.encode(SPEECH[:9000])[:, :2])
    assert len(two.decode(codes)) == len(whole.decode(whole.encode(SPEECH[:9000])))
    assert two.fingerprint != whole.fingerprint
    with pytest.raises(TokenizerError, match=rf"has 1 to {whole.codebooks} codebooks, not 99"):
        made(family, weights, codebooks=99)


@EACH
def test_examples_are_made_with_it(
    family: str, weights: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "tokenizer", family)
    monkeypatch.setattr(settings, "tokenizer_weights", str(weights[family]))
    monkeypatch.setattr(settings, "codebooks", 2)
    monkeypatch.setattr(settings, "cache_dir", tmp_path)
    corpus = Corpus(demo_root())
    maker = maker_of(corpus)
    example = maker.example(corpus.instance("denoising", "train", 0), seed=0)
    assert example is not None
    spans = [s for s in maker.vocabulary.decode_segments(example.targets) if s.kind == "audio"]
    assert [span.problem for span in spans] == [""]
    tokenizer = made(family, weights, codebooks=2)
    _, clean = example.audio_ids
    wanted = tokenizer.encode(corpus.audio(clean, tokenizer.sample_rate))
    assert np.array_equal(spans[0].codes, wanted)


def test_the_fingerprint_follows_the_weights(weights: dict[str, Path], tmp_path: Path) -> None:
    first = made("dac", weights).fingerprint
    copy = shutil.copytree(weights["dac"], tmp_path / "copy")
    assert Neural("dac", str(copy)).fingerprint == first
    model = transformers.DacModel.from_pretrained(copy)
    with torch.no_grad():
        next(model.parameters()).add_(0.01)
    model.save_pretrained(copy)
    assert Neural("dac", str(copy)).fingerprint != first


def test_what_cannot_be_loaded_is_told(weights: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match=r"dac: cannot load '.*nowhere'"):
        get_tokenizer("dac", weights=str(tmp_path / "nowhere"))
    torn = shutil.copytree(weights["dac"], tmp_path / "torn")
    (torn / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(TokenizerError, match="dac: cannot load"):
        get_tokenizer("dac", weights=str(torn))


def test_a_model_of_another_kind_is_not_filled_with_random_weights(
    weights: dict[str, Path], tmp_path: Path
) -> None:
    wrong = shutil.copytree(weights["mimi"], tmp_path / "wrong")
    (wrong / "config.json").write_text((weights["dac"] / "config.json").read_text())
    with pytest.raises(TokenizerError, match=r"lacks \d+ weights of the model, such as"):
        get_tokenizer("dac", weights=str(wrong))


def test_stereo_models_are_refused(weights: dict[str, Path], tmp_path: Path) -> None:
    stereo = shutil.copytree(weights["encodec"], tmp_path / "stereo")
    config = json.loads((stereo / "config.json").read_text())
    (stereo / "config.json").write_text(json.dumps(config | {"chunk_length_s": 1.0}))
    with pytest.raises(TokenizerError, match="a model for stereo or for chunks"):
        get_tokenizer("encodec", weights=str(stereo))


@pytest.mark.parametrize("package", ["transformers", "torch"])
def test_without_the_extra_it_is_told(
    package: str, monkeypatch: pytest.MonkeyPatch, weights: dict[str, Path]
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    registry._cached_tokenizer.cache_clear()
    with pytest.raises(MissingExtraError, match=r"pip install 'audioflan_tasks\[neural\]'"):
        get_tokenizer("encodec", weights=str(weights["encodec"]))
