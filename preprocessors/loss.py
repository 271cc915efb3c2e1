"""Which ids of an example a model is trained on."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import SettingsError
from audioflan_tasks.preprocessors.splice import ROLES
from audioflan_tasks.tokens import AudioTextVocabulary

__all__ = ["LOSS_ON", "LossOn", "check_loss_on", "loss_mask"]

LossOn = Literal["answer", "all", "audio", "text"]

LOSS_ON: tuple[str, ...] = get_args(LossOn)


def loss_mask(
    ids: NDArray[np.int32],
    roles: NDArray[np.uint8],
    vocabulary: AudioTextVocabulary,
    loss_on: LossOn = "answer",
) -> NDArray[np.uint8]:
    """1 where an id counts in the loss, else 0; shape as `ids`.

    Args:
      ids: of one example or of a padded batch.
      roles: of the ids (1 instruction, 2 input, 3 answer), 0 at padding.
      vocabulary: tells the ids of audio from those of text.
      loss_on: `answer` (fine-tuning), `all` (pre-training), or only the ids of `audio` spans,
        marks included, or only those of `text`, whichever part they stand in.

    Raises:
      SettingsError: no such choice.
    """
    check_loss_on(loss_on)
    if loss_on == "answer":
        in_loss = roles == ROLES["answer"]
    elif loss_on == "all":
        in_loss = roles > 0
    else:
        in_loss = (roles > 0) & ((ids >= vocabulary.soa_id) == (loss_on == "audio"))
    mask: NDArray[np.uint8] = in_loss.view(np.uint8)
    return mask


def check_loss_on(loss_on: str) -> None:
    """Raises SettingsError unless it is one of `LOSS_ON`."""
    if loss_on not in LOSS_ON:
        raise SettingsError(f"loss_on={loss_on!r}: expected one of {', '.join(LOSS_ON)}")
