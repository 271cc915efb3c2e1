"""Near copies by meaning, by the cosine of sentence embeddings.

The embeddings are those of a static model (model2vec: a table of vectors of word pieces, averaged
over a sentence) in a folder that the user gives; nothing is downloaded.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from audioflan_tasks.errors import MissingExtraError, SettingsError, reason_of

__all__ = ["NEAR_COSINE", "check_embeddings", "near_meaning", "near_meanings"]

# Instructions of one task are alike in any case. Of such a pool by a static model of words, what
# is above this has the same words in another order or in another form.
NEAR_COSINE = 0.95


def check_embeddings(folder: Path) -> None:
    """Loads a model, so that a run does not begin with a folder that has none.

    Raises:
      SettingsError: the folder holds no model of model2vec.
      MissingExtraError: the extra `embeddings` is not installed.
    """
    _model(folder)


def near_meaning(text: str, others: Sequence[str], folder: Path) -> str:
    """The one of `others` that means most nearly the same; "" where none is near."""
    if not others:
        return ""
    cosines = np.stack([_vector(other, folder) for other in others]) @ _vector(text, folder)
    nearest = int(cosines.argmax())
    return others[nearest] if cosines[nearest] >= NEAR_COSINE else ""


def near_meanings(texts: Sequence[str], folder: Path) -> list[tuple[str, str]]:
    """All pairs of texts that mean nearly the same."""
    pairs = itertools.combinations(texts, 2)
    return [pair for pair in pairs if near_meaning(pair[0], pair[1:], folder)]


@lru_cache(maxsize=65_536)
def _vector(text: str, folder: Path) -> npt.NDArray[np.float32]:
    """A vector of length 1; zeros for a text without any known word piece."""
    (vector,) = _model(folder).encode([text])
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length else vector, np.float32)


@cache
def _model(folder: Path) -> Any:
    try:
        from model2vec import StaticModel
    except ImportError as error:
        raise MissingExtraError("model2vec", "embeddings", "a comparison of meanings") from error
    if not (folder / "model.safetensors").is_file():
        # The package takes the name of a folder that is absent for one of a server.
        raise SettingsError(f"{folder}: no model.safetensors; expected a folder of model2vec")
    try:
        return StaticModel.from_pretrained(folder)
    except Exception as error:
        raise SettingsError(f"{folder}: no model of model2vec ({reason_of(error)})") from error
