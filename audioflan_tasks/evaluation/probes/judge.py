"""LLM as a judge: verdicts on open answers by an OpenAI-compatible text model.

The verdicts are never the primary score. They are reported separately, with the version of
the judge's prompt and the agreement with the task's metric: a judge may be wrong, may change
over time, and may not be available to others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from audioflan_tasks.evaluation.answers import Answer, AnswerFile, Failure, Reply
from audioflan_tasks.evaluation.prompt import Prompt, reference_of
from audioflan_tasks.evaluation.scoring.task import TaskScore

__all__ = ["PROMPT", "PROMPT_VERSION", "Judge", "judge_answers"]

PROMPT_VERSION = "1"
PROMPT = (
    "You compare an answer with the reference answer to a question about audio that you cannot "
    "hear. Judge the meaning only, not wording, case or punctuation. Further claims that the "
    "reference does not support make an answer wrong.\n\n"
    "Question: {question}\nReference: {reference}\nAnswer: {answer}\n\n"
    "Reply with one word: correct or wrong."
)
_VERDICT = re.compile(r"\b(in)?correct\b|\bwrong\b", re.IGNORECASE)


class _TextModel(Protocol):
    @property
    def name(self) -> str: ...

    def complete(self, text: str) -> Reply: ...


@dataclass(frozen=True, slots=True)
class Judge:
    """A model that completes text, such as `models.EndpointModel`, with its prompt."""

    model: _TextModel
    prompt: str = PROMPT
    version: str = PROMPT_VERSION


def judge_answers(
    judge: Judge, prompts: Sequence[Prompt], replies: Sequence[Reply | None], score: TaskScore,
    folder: Path,
) -> dict[str, Any]:  # fmt: skip
    """The share of answers that the judge calls correct, and its agreement with the metric.

    Agreement is over the examples whose primary metric is exactly 0 or 1; it is None if
    there are none. Audio answers are not judged.
    """
    if prompts[0].writes_audio:
        return {}
    with AnswerFile(folder, prompts[0].row.id) as file:
        verdicts = [
            None if not isinstance(reply, Answer) else _verdict(judge, prompt, reply, file)
            for prompt, reply in zip(prompts, replies, strict=True)
        ]
    valid_verdicts = [v for v in verdicts if v is not None]
    comparisons = [
        (v, score.singles[p.key] == 1.0)
        for p, v in zip(prompts, verdicts, strict=True)
        if v is not None and score.singles.get(p.key) in (0.0, 1.0)
    ]
    agreement = sum(a == b for a, b in comparisons) / len(comparisons) if comparisons else None
    return {
        "model": judge.model.name,
        "prompt_version": judge.version,
        "judged": len(valid_verdicts),
        "correct": sum(valid_verdicts) / len(valid_verdicts) if valid_verdicts else None,
        "agreement_with_parser": agreement,
        "compared": len(comparisons),
    }


def _verdict(judge: Judge, prompt: Prompt, answer: Answer, file: AnswerFile) -> bool | None:
    text = judge.prompt.format(
        question=prompt.text("[audio]"),
        reference=reference_of(prompt.instance, prompt.row),
        answer=answer.text,
    )
    import hashlib

    digest = hashlib.sha256(f"{judge.version}{text}".encode()).hexdigest()[:16]
    if not file.has_answer(prompt.key, digest):
        file.add(prompt.key, prompt.instance.uuid, digest, judge.model.complete(text), 0.0)
    reply = file.reply(prompt.key)
    if reply is None or isinstance(reply, Failure):
        return None
    match = _VERDICT.search(reply.text)
    return None if match is None else match[0].casefold() == "correct"
