"""The protocol that a model must satisfy to be evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from audioflan_tasks.evaluation.answers import Reply
from audioflan_tasks.evaluation.prompt import Prompt

__all__ = ["Model"]


class Model(Protocol):
    """A model under test.

    `settings` are stored with the results: weights, decoding, prompt format. `hears` is False
    if the model cannot answer a changed question (finished answers, baselines); such models
    are not asked for a proof of hearing.
    """

    @property
    def name(self) -> str: ...

    @property
    def settings(self) -> Mapping[str, Any]: ...

    @property
    def hears(self) -> bool: ...

    def answer(self, prompts: Sequence[Prompt]) -> Sequence[Reply]:
        """One reply per prompt, in the same order. May be called from several threads."""
        ...
