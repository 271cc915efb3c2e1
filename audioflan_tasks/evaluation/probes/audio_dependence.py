"""Proof of hearing: a check that the answers of a model depend on the audio.

With a wrong path, a processor that ignores unreadable audio, or a prompt without its audio
marker a model still gives fluent answers. So a few questions are asked three times:
unchanged, without the audio, and with the audio of another record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from audioflan_tasks.evaluation.answers import Answer, Reply
from audioflan_tasks.evaluation.baselines import BlindModel, ShuffledModel
from audioflan_tasks.evaluation.models.protocol import Model
from audioflan_tasks.evaluation.prompt import Prompt
from audioflan_tasks.evaluation.results import Hearing

__all__ = ["prove_hearing"]


def prove_hearing(model: Model, prompts: Sequence[Prompt], batch_size: int = 1) -> Hearing:
    """Asks each prompt that reads audio and writes text three times.

    A model that refuses to answer without audio is right to do so, and its answer differs.
    So hearing is disproved only if all answers are the same without audio and with other audio.
    """
    fit = [p for p in prompts if p.audio_ids and not p.writes_audio]
    if not model.hears or not fit:
        note = "the model cannot be asked again" if not model.hears else "no question with audio"
        return Hearing(asked=0, same_without=0, same_shuffled=0, note=note)
    plain = _answers(model, fit, batch_size)
    blind = _answers(BlindModel(model), fit, batch_size)
    other = _answers(ShuffledModel(model), fit, batch_size)
    triples = [
        (a, b, c)
        for a, b, c in zip(plain, blind, other, strict=True)
        if isinstance(a, Answer) and isinstance(b, Answer) and isinstance(c, Answer)
    ]
    return Hearing(
        asked=len(triples),
        same_without=sum(_text(a) == _text(b) for a, b, _ in triples),
        same_shuffled=sum(_text(a) == _text(c) for a, _, c in triples),
    )


def _answers(model: Any, prompts: Sequence[Prompt], batch_size: int) -> list[Reply]:
    replies: list[Reply] = []
    for start in range(0, len(prompts), batch_size):
        replies += model.answer(prompts[start : start + batch_size])
    return replies


def _text(answer: Answer) -> str:
    return " ".join(answer.text.casefold().split())
