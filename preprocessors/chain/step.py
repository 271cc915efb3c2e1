"""A preprocessor that prints as the call that made it."""

from __future__ import annotations

import functools
from typing import Any

__all__ = ["Dataset", "Step"]

# A `tf.data.Dataset`, whose class is not known before TensorFlow is imported.
Dataset = Any


class Step(functools.partial[Dataset]):
    """A function of a dataset with its arguments; seqio adds its own to it when it runs."""

    @property
    def name(self) -> str:
        """The name of the function that made the step."""
        return str(self.func.__name__).lstrip("_")

    def __repr__(self) -> str:
        arguments = [f"{k}={v!r}" for k, v in self.keywords.items() if v is not None]
        return f"{self.name}({', '.join(arguments)})"
