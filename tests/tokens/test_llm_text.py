"""A user's own LLM: its ids stay its own, audio follows, nothing in a text is special."""

from __future__ import annotations

import importlib
import json
import pickle
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from audioflan_tasks.errors import TokenizerError
from audioflan_tasks.preprocessors.chat import chat_segments, turns
from audioflan_tasks.preprocessors.render import RenderedExample, Segment
from audioflan_tasks.preprocessors.splice import splice
from audioflan_tasks.tokens import vocabulary

LICENCE = Path(__file__).parents[2] / "LICENSE"
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A byte-level BPE as GPT-2's and its successors', trained on the spot."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=SPECIALS, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train_from_iterator(LICENCE.read_text().splitlines(), trainer)
    home = tmp_path_factory.mktemp("llm")
    tokenizer.save(str(home / "tokenizer.json"))
    config = {"eos_token": {"content": "<|im_end|>"}, "pad_token": "<|endoftext|>"}
    (home / "tokenizer_config.json").write_text(json.dumps(config))
    (home / "config.json").write_text(json.dumps({"vocab_size": 640}))
    return home


def test_ids_of_text_are_the_llms_and_audio_follows(folder: Path) -> None:
    own = Tokenizer.from_file(str(folder / "tokenizer.json"))
    v = vocabulary(text=str(folder), codebooks=2)
    text = "You may reproduce and distribute copies of the Work."
    assert v.encode(text) == own.encode(text).ids
    assert v.text_size == v.soa_id == 640  # the embedding table, not the tokenizer
    assert v.vocab_size == 640 + 8 + 2 * 1024
    assert (v.eos_id, v.pad_id) == (own.token_to_id("<|im_end|>"), 0)
    block = v.audio_block(np.array([[3, 5]]))
    assert block.tolist() == [640, 648 + 3, 648 + 1024 + 5, 641]
    ids = [*v.encode("hear "), *block, v.eos_id, *v.encode("no more")]
    assert v.decode(ids) == "hear <|SOA|>3:5<|EOA|>"


@pytest.mark.slow
@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(SPECIALS)
)
def test_every_text_survives_and_none_is_special(folder: Path, text: str) -> None:
    v = vocabulary(text=str(folder))
    ids = v.encode_text(f"{text}<|im_end|>")
    assert not set(range(3)) & set(ids.tolist())
    assert "".join(s.text for s in v.decode_segments(ids)) == f"{text}<|im_end|>"
    assert "".join(s.text for s in v.segments_of_text(v.decode(ids))) == f"{text}<|im_end|>"


@pytest.mark.parametrize("side", ["sentencepiece", "bytes", "llm"])
@given(
    before=st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    marker=st.sampled_from(["<|SOA|>", "<|EOA|>", "<\\|SOA|>", "<|SOA|>1:2<|EOA|>", "<|im_end|>"]),
)
def test_a_literal_marker_is_text_on_every_side(
    side: str, before: str, marker: str, folder: Path
) -> None:
    v = vocabulary(text=str(folder) if side == "llm" else side)
    text = f"{before}{marker} {before}"
    ids = np.concatenate([v.encode_text(text), v.audio_block(np.zeros((1, 8), np.int64))])
    assert (ids[:-10] < v.soa_id).all()
    *words, span = v.segments_of_text(v.decode(ids))
    assert "".join(s.text for s in words) == text
    assert (span.kind, span.problem, len(span.codes)) == ("audio", "", 1)


def test_the_size_to_resize_to_is_told(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    importlib.import_module("audioflan_tasks.tokens.vocabulary")._cached_vocabulary.cache_clear()
    with caplog.at_level("INFO", logger="audioflan_tasks"):
        v = vocabulary(text=str(folder), codebooks=3)
        vocabulary(codebooks=3)
    assert caplog.messages == [f"{folder}: resize the embeddings from 640 to {v.vocab_size}"]


def test_only_markup_has_special_tokens(folder: Path) -> None:
    from audioflan_tasks.tokens.llm_text import LLMText

    side = LLMText(folder / "tokenizer.json")
    assert side.encode_markup("<|im_start|>user\n")[0] == 1
    assert side.encode("<|im_start|>user\n")[0] > 2
    assert side.decode([1, *side.encode("user"), 2]) == "user"


def test_equal_and_sent_to_workers(folder: Path) -> None:
    v = vocabulary(text=str(folder))
    assert vocabulary(text=str(folder / "tokenizer.json")) == v
    assert pickle.loads(pickle.dumps(v)).encode("copy") == v.encode("copy")
    assert v != vocabulary()


def _rewrite(home: Path, **config: object) -> str:
    (home / "tokenizer_config.json").write_text(json.dumps(config))
    return str(home)


def test_what_cannot_be_used_is_told(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "x")
    with pytest.raises(TokenizerError, match=r"eos_token '</end>' of tokenizer_config.json"):
        vocabulary(text=_rewrite(tmp_path / "x", eos_token="</end>"))
    (tmp_path / "x" / "tokenizer_config.json").write_text("[]")
    with pytest.raises(TokenizerError, match="expected a JSON object"):
        vocabulary(text=str(tmp_path / "x" / "tokenizer.json"))
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(TokenizerError, match="not a Hugging Face tokenizer"):
        vocabulary(text=str(tmp_path))


def test_an_end_token_must_be_known(tmp_path: Path) -> None:
    words: Sequence[str] = ("a", "b")
    model = models.WordLevel({w: n for n, w in enumerate(words)}, unk_token="a")
    Tokenizer(model).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(TokenizerError, match="which token ends a text"):
        vocabulary(text=str(tmp_path))


CHATML = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"


@pytest.mark.parametrize("home", ["tokenizer_config.json", "chat_template.jinja"])
def test_its_chat_template_writes_its_own_markers(folder: Path, tmp_path: Path, home: str) -> None:
    shutil.copytree(folder, tmp_path / "x")
    config = {"eos_token": "<|im_end|>", "bos_token": {"content": "<|endoftext|>"}}
    if home == "chat_template.jinja":
        (tmp_path / "x" / home).write_text(CHATML)
    else:
        config["chat_template"] = CHATML
    v = vocabulary(text=_rewrite(tmp_path / "x", **config))
    assert v.chat.values == {"eos_token": "<|im_end|>", "bos_token": "<|endoftext|>"}
    rendered = RenderedExample(
        (Segment("text", "Say <|im_end|>", "instruction"),),
        (Segment("text", "yes", "answer"),),
        "x/0",
    )
    made = splice(chat_segments(turns([rendered]), v.chat), v, lambda i: np.zeros((1, 8), int))
    start, end = 1, v.eos_id
    assert [i for i in made.ids.tolist() if i < 3] == [start, end, start, end]
    answer = made.ids[made.roles == 3].tolist()
    assert answer == [*v.encode("yes"), end]
