"""Near copies in meaning, with a small model that is made here."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audioflan_tasks import catalogue
from audioflan_tasks.errors import MissingExtraError, SettingsError
from audioflan_tasks.variation import meaning
from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.judgement import instruction_objections
from audioflan_tasks.variation.meaning import NEAR_COSINE, near_meaning, near_meanings

ORIGINAL = "Name the gender of the speaker."
# Words that mean the same have one vector, all others are at right angles.
MEANINGS = (
    ("name", "state", "tell"), ("gender", "sex"), ("speaker", "talker", "person"),
    ("who", "which"), ("accent",), ("music",), ("tempo",),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of model2vec of a dozen words."""
    model2vec = pytest.importorskip("model2vec")
    tokenizers = pytest.importorskip("tokenizers")
    words = ["[UNK]", *(word for group in MEANINGS for word in group)]
    vectors = np.zeros((len(words), len(MEANINGS)), np.float32)
    for number, group in enumerate(MEANINGS):
        for word in group:
            vectors[words.index(word), number] = 1
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = tokenizers.normalizers.Lowercase()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    home = tmp_path_factory.mktemp("model")
    model2vec.StaticModel(vectors, tokenizer, config={}).save_pretrained(home)
    return home


def test_the_nearest_in_meaning(folder: Path) -> None:
    others = ("Name the tempo.", ORIGINAL)
    assert near_meaning("State the sex of the talker.", others, folder) == ORIGINAL
    # Two of three words are shared: a cosine of 2/3.
    assert NEAR_COSINE > 2 / 3
    assert near_meaning("State the accent of the talker.", others, folder) == ""
    assert near_meaning("", others, folder) == ""
    assert near_meaning(ORIGINAL, (), folder) == ""


def test_pairs_of_a_pool(folder: Path) -> None:
    asks = (ORIGINAL, "Name the tempo.", "Tell the sex of the person.")
    assert near_meanings(asks, folder) == [(ORIGINAL, "Tell the sex of the person.")]


def test_a_rewrite_in_other_words_of_the_same_meaning_is_a_copy(folder: Path) -> None:
    row = catalogue.get("gender_recognition")

    def rules(rewrite: str, embeddings: Path | None) -> set[str]:
        case = InstructionRewrite(row, ORIGINAL, rewrite, embeddings=embeddings)
        return {objection.rule for objection in instruction_objections(case)}

    assert rules("State the sex of the talker.", folder) == {"meaning"}
    assert rules("State the sex of the talker.", None) == set()
    assert "meaning" not in rules("Which gender is it?", folder)


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    pytest.importorskip("model2vec")
    with pytest.raises(SettingsError, match=r"no model\.safetensors; expected a folder"):
        near_meaning("a", ("b",), tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(SettingsError, match="no model of model2vec"):
        near_meaning("a", ("b",), tmp_path)


def test_without_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plain_import = builtins.__import__

    def importing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "model2vec":
            raise ImportError(name)
        return plain_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", importing)
    with pytest.raises(MissingExtraError, match=r"model2vec.*audioflan_tasks\[embeddings\]"):
        meaning.check_embeddings(tmp_path / "new")
