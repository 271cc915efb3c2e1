"""A second model's word on whether a rewrite asks the same.

Rules read words. They refuse many a good rewrite in words that they do not know, and let pass what
is wrong in words that they do. Where there is a model that judges, it has the last word on what is
asked; facts (slots, numbers, spans, answers) stay with the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.variation.asking import JsonModel, ReplyLog
from audioflan_tasks.variation.judgement import Objection
from audioflan_tasks.variation.prompts import PromptFile
from audioflan_tasks.variation.question_rules import QUESTION_RULES
from audioflan_tasks.variation.replies import ReplyError, read_verdicts, verdicts_schema

__all__ = ["Findings", "RewriteJudge", "is_open", "judge_rewrites"]

_RULE = "judge"
Objections = Mapping[int, Sequence[Objection]]
# An instruction and its rewrite, by number.
Pairs = Mapping[int, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Findings:
    """What speaks against a rewrite, and what spoke against it until a judge overruled it."""

    objections: Sequence[Objection] = ()
    overruled: Sequence[Objection] = ()


@dataclass(frozen=True, slots=True)
class RewriteJudge:
    """A model that says whether rewrites ask the same, with its log and prompts."""

    model: JsonModel
    log: ReplyLog
    prompts: PromptFile

    def findings(self, row: TaskRow, pairs: Pairs, objections: Objections) -> dict[int, Findings]:
        """Its word on pairs, which hears what the rules say.

        Where a reply of it cannot be read it is asked once more; then no rewrite is accepted.

        Raises:
          VariationError: the model gives no reply.
        """
        prompt = self.prompts.of_judge(row, pairs, objections)
        try:
            verdicts = self._verdicts(prompt, list(pairs))
        except ReplyError as error:
            unread = Objection(_RULE, f"no verdict ({error.objection})")
            return {number: Findings([*objections[number], unread]) for number in pairs}
        return {
            number: Findings(overruled=objections[number])
            if is_same
            else Findings([*objections[number], Objection(_RULE, difference)])
            for number, (is_same, difference) in verdicts.items()
        }

    def _verdicts(self, prompt: str, numbers: Sequence[int]) -> dict[int, tuple[bool, str]]:
        try:
            return self._read_verdicts(prompt, numbers)
        except ReplyError as error:
            again = self.prompts.judge_again.replace("<<REASON>>", str(error.objection))
            return self._read_verdicts(f"{prompt.rstrip()}\n{again.strip()}\n", numbers)

    def _read_verdicts(self, prompt: str, numbers: Sequence[int]) -> dict[int, tuple[bool, str]]:
        reply = self.log.reply(self.model, prompt, verdicts_schema(numbers))
        return read_verdicts(reply.text, numbers, is_cut=reply.is_cut)


def is_open(objections: Sequence[Objection], judge: RewriteJudge | None) -> bool:
    """Whether a rewrite is accepted, or may be by the judge: it keeps all facts."""
    if judge is None:
        return not objections
    return all(objection.rule in QUESTION_RULES for objection in objections)


def judge_rewrites(
    judge: RewriteJudge | None, row: TaskRow, pairs: Pairs, objections: Objections
) -> dict[int, Findings]:
    """What speaks against rewrites by the rules, and by the judge where there is one.

    A rewrite that breaks a rule about anything else than what is asked is not shown to it.

    Raises:
      VariationError: the judge gives no reply.
    """
    findings = {number: Findings(reasons) for number, reasons in objections.items()}
    if judge is not None:
        open_pairs = {n: pair for n, pair in pairs.items() if is_open(objections[n], judge)}
        findings |= judge.findings(row, open_pairs, objections) if open_pairs else {}
    return findings
