"""Asking until all rewrites are valid, with the reasons why the last ones were not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from audioflan_tasks.variation.asking import JsonModel, ModelReply, ReplyLog, Schema
from audioflan_tasks.variation.judge import Findings, RewriteJudge
from audioflan_tasks.variation.judgement import Objection
from audioflan_tasks.variation.prompts import PromptFile
from audioflan_tasks.variation.replies import ReplyError, read_reply, reply_schema

__all__ = ["Attempts", "Fields", "RewriteSource", "Tally"]

Item = TypeVar("Item")
Fields = Mapping[str, str]


@dataclass(slots=True)
class Tally:
    """How many rewrites were asked for and what became of them.

    `rules` counts the rules that they broke, `overruled` those that a judge overruled.
    """

    attempts: int = 0
    accepted_count: int = 0
    queued_count: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    overruled: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Counts another tally with this one."""
        self.attempts += other.attempts
        self.accepted_count += other.accepted_count
        self.queued_count += other.queued_count
        self.rules += other.rules
        self.overruled += other.overruled


@dataclass(frozen=True, slots=True)
class RewriteSource:
    """A model with its log, the prompts, how often it is asked for the same, and who judges it."""

    model: JsonModel
    log: ReplyLog
    prompts: PromptFile
    attempts: int = 3
    judge: RewriteJudge | None = None

    def reply(self, prompt: str, schema: Schema) -> ModelReply:
        """The reply to a prompt."""
        return self.log.reply(self.model, prompt, schema)


@dataclass(frozen=True, slots=True)
class _RejectedRewrite:
    """What the last attempt gave, and what is wrong with it."""

    fields: Fields
    objections: Sequence[Objection]


class Attempts(Generic[Item]):
    """The rewrites of some items.

    `prompt_of` makes a request for items by number, `check` says what is wrong with the rewrites
    of a reply.
    Afterwards `valid` and `rejections` have the last rewrite of each, by its number.
    """

    def __init__(
        self,
        source: RewriteSource,
        items: Mapping[int, Item],
        names: Sequence[str],
        prompt_of: Callable[[Mapping[int, Item]], str],
        check: Callable[[Mapping[int, Fields]], Mapping[int, Findings]],
    ) -> None:
        self.tally = Tally()
        self.valid: dict[int, tuple[Fields, ModelReply]] = {}
        self.rejections: dict[int, _RejectedRewrite] = {}
        self._source, self._items, self._names = source, items, names
        self._prompt_of, self._check = prompt_of, check

    def run(self) -> None:
        """Asks until all are valid, or as often as the source allows."""
        reasons: Mapping[int, Sequence[Objection]] = {}
        for _ in range(self._source.attempts):
            open_items = {n: item for n, item in self._items.items() if n not in self.valid}
            if not open_items:
                break
            prompt = self._prompt_of(open_items)
            if reasons:
                prompt = self._source.prompts.with_reasons(prompt, reasons)
            reasons = self._attempt(prompt, list(open_items))
        self.tally.accepted_count += len(self.valid)
        self.tally.queued_count += len(self.rejections)

    def _attempt(self, prompt: str, numbers: Sequence[int]) -> Mapping[int, Sequence[Objection]]:
        self.tally.attempts += len(numbers)
        reply = self._source.reply(prompt, reply_schema(numbers, self._names))
        try:
            rewrites = read_reply(reply.text, numbers, self._names, is_cut=reply.is_cut)
        except ReplyError as error:
            self.tally.rules[error.objection.rule] += len(numbers)
            for number in numbers:
                unread_rewrite = _RejectedRewrite(dict.fromkeys(self._names, ""), [error.objection])
                self.rejections.setdefault(number, unread_rewrite)
            return {number: [error.objection] for number in numbers}
        findings = self._check(rewrites)
        return {
            n: reasons
            for n, fields in rewrites.items()
            if (reasons := self._keep(n, fields, findings[n], reply))
        }

    def _keep(
        self, number: int, fields: Fields, findings: Findings, reply: ModelReply
    ) -> Sequence[Objection]:
        self.tally.overruled.update({objection.rule for objection in findings.overruled})
        if findings.objections:
            self.tally.rules.update({objection.rule for objection in findings.objections})
            self.rejections[number] = _RejectedRewrite(fields, findings.objections)
        else:
            self.valid[number] = (fields, reply)
            self.rejections.pop(number, None)
        return findings.objections
