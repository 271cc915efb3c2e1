"""What an evaluation needs of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from audioflan_tasks.evaluation.answers import Reply
from audioflan_tasks.evaluation.prompt import Prompt

__all__ = ["Model"]


class Model(Protocol):
    """A model under test.

    `settings` are kept with the results: weights, decoding, prompt format. `hears` is False
    for what gives no answer of its own to a changed question (finished answers, baselines);
    such models are not asked for a proof of hearing.
    """

    @property
    def name(self) -> str: ...

    @property
    def settings(self) -> Mapping[str, Any]: ...

    @property
    def hears(self) -> bool: ...

    def answer(self, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        """One reply per prompt, in their order. May be called from several threads."""
        ...
