"""The interface of models that compute a metric."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.errors import MetricInputError
from audioflan_tasks.metrics.values import AudioAnswer

__all__ = ["JudgeModel"]


class JudgeModel:
    """A model that hears, or gives vectors; a subclass has the methods its metric calls."""

    def text_of(self, answer: AudioAnswer) -> str:
        """The words heard in an answer."""
        raise MetricInputError(f"{type(self).__name__} does not recognise words")

    def quality_of(self, answer: AudioAnswer) -> NDArray[np.floating]:
        """Overall, signal and background quality of an answer, 1 to 5 each."""
        raise MetricInputError(f"{type(self).__name__} does not judge quality")

    def vector_of(self, answer: AudioAnswer) -> NDArray[np.floating]:
        """The embedding [dimensions] of an answer."""
        raise MetricInputError(f"{type(self).__name__} gives no vectors of audio")

    def vector_of_text(self, text: str) -> NDArray[np.floating]:
        """The embedding [dimensions] of a text in the same space."""
        raise MetricInputError(f"{type(self).__name__} gives no vectors of text")
