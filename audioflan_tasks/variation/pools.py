"""Variations of a task's pool: new instructions, labels and lead-ins (level `pool`)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.preprocessors.templates import AnswerWords, Instruction, Origin, Pool, pool
from audioflan_tasks.seeds import seed_of
from audioflan_tasks.variation.asking import ModelReply
from audioflan_tasks.variation.attempts import Attempts, Fields, RewriteSource, Tally
from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.judge import Findings, is_open, judge_rewrites
from audioflan_tasks.variation.judgement import (
    Objection,
    instruction_objections,
    wording_objections,
)
from audioflan_tasks.variation.moods import mood_of
from audioflan_tasks.variation.replies import ReplyError, read_wordings, wordings_schema
from audioflan_tasks.variation.run_files import QueuedRewrite, Review
from audioflan_tasks.variation.wording_rules import WordingRewrite

__all__ = ["SEEDS", "PoolOutcome", "PoolPlan", "PoolUnit", "key_of", "reviewed"]

# The paper begins with five seed variations of each task.
SEEDS = 5
_EXAMPLES = 6
# Instructions of a pool that are as alike as this are near duplicates.
_NEAR_RATIO = 0.8


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """What is made: `count` instructions a task and language, `batch` in one request.

    `embeddings` is the folder of a model by which near copies in meaning are refused.
    """

    count: int = 20
    batch: int = 5
    wordings: int = 4
    seed: int = 0
    embeddings: Path | None = None


@dataclass(slots=True)
class PoolOutcome:
    """What came of a task in one language."""

    instructions: list[Instruction] = field(default_factory=list)
    labels: dict[str, list[str]] = field(default_factory=dict)
    lead_ins: list[str] = field(default_factory=list)
    wordings_origin: Origin | None = None
    queue: list[QueuedRewrite] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def pool(self, hand_written: Pool) -> Pool | None:
        """The accepted variations as a pool; None where there are none.

        It has the labels and lead-ins of the hand-written one too.
        """
        if not self.instructions:
            return None
        inputs = {
            name: (*labels, *self.labels.get(name, ()))
            for name, labels in hand_written.inputs.items()
        }
        lead_ins = (*hand_written.answer.lead_ins, *self.lead_ins)
        return Pool(
            task=hand_written.task,
            instruction=tuple(self.instructions),
            inputs=inputs,
            answer=AnswerWords(lead_ins=lead_ins),
            origin=self.wordings_origin,
        )


class PoolUnit:
    """The variation of one task's pool in one language, self-instruct style.

    `seeds` writes the first five, `asker` all others; each request shows instructions that are
    there already, hand-written and accepted.
    """

    def __init__(
        self,
        row: TaskRow,
        language: str,
        plan: PoolPlan,
        seeds: RewriteSource,
        asker: RewriteSource,
    ) -> None:
        self.row, self.language = row, language
        self.hand_written = pool(row.id, row.pool or None, row=row, language=language)
        self._plan, self._seeds, self._asker = plan, seeds, asker
        self._outcome = PoolOutcome()

    def run(self) -> PoolOutcome:
        """All variations that the plan asks for, or as many as come of thrice the requests."""
        self._add(self._seeds, self._sources(0, SEEDS))
        rounds = 3 * -(-self._plan.count // self._plan.batch)
        for number in range(1, rounds + 1):
            lacking = self._plan.count - len(self._outcome.instructions)
            if lacking <= 0:
                break
            self._add(self._asker, self._sources(number, min(self._plan.batch, lacking)))
        if self._plan.wordings:
            self._add_wordings()
        return self._outcome

    def first_prompt(self) -> str:
        """The request with which it begins."""
        sources = dict(enumerate(self._sources(0, SEEDS), 1))
        return self._prompt(self._seeds, sources)

    def _sources(self, number: int, count: int) -> list[Instruction]:
        """Instructions to rewrite: hand-written ones and the seeds, in turn."""
        instructions = [*self.hand_written.instruction, *self._outcome.instructions[:SEEDS]]
        # One group after the other: the same request again would have the same reply.
        begin = seed_of("vary", self._plan.seed, self.row.id, self.language)
        begin += number * self._plan.batch
        return [instructions[(begin + n) % len(instructions)] for n in range(count)]

    def _prompt(self, asker: RewriteSource, sources: Mapping[int, Instruction]) -> str:
        hand_written = [
            instruction.ask for instruction in self.hand_written.instruction[: _EXAMPLES // 2]
        ]
        latest_asks = [i.ask for i in self._outcome.instructions[-_EXAMPLES // 2 :]]
        items = {number: source.ask for number, source in sources.items()}
        return asker.prompts.of_pool(self.row, items, (*hand_written, *latest_asks))

    def _add(self, asker: RewriteSource, sources: Sequence[Instruction]) -> None:
        texts: dict[int, str] = {}

        def check(rewrites: Mapping[int, Fields]) -> Mapping[int, Findings]:
            objections: dict[int, Sequence[Objection]] = {}
            pairs = {
                number: (sources[number - 1].ask, fields["instruction"].strip())
                for number, fields in rewrites.items()
            }
            for number, (_, text) in pairs.items():
                case = self._case(sources[number - 1], text, list(texts.values()))
                objections[number] = instruction_objections(case)
                # Where a judge may accept it, the next ones of the reply may not repeat it.
                if is_open(objections[number], asker.judge):
                    texts[number] = text
            findings = judge_rewrites(asker.judge, self.row, pairs, objections)
            for number, found in findings.items():
                if found.objections:
                    texts.pop(number, None)
            return findings

        attempts = Attempts(
            asker,
            dict(enumerate(sources, 1)),
            ("instruction",),
            lambda items: self._prompt(asker, items),
            check,
        )
        attempts.run()
        self._outcome.tally.add(attempts.tally)
        for number, (fields, reply) in sorted(attempts.valid.items()):
            origin = _origin(asker, reply, sources[number - 1].ask)
            if asker.judge is not None:
                origin = origin.model_copy(update={"judge": asker.judge.model.name})
            self._outcome.instructions.append(
                _instruction(fields["instruction"].strip(), sources[number - 1], origin)
            )
        for number, rejections in sorted(attempts.rejections.items()):
            source, text = sources[number - 1], rejections.fields["instruction"]
            self._outcome.queue.append(self._queued(asker, source, text, rejections.objections))

    def _case(
        self, source: Instruction, text: str, other_wordings: Sequence[str]
    ) -> InstructionRewrite:
        known_asks = [i.ask for i in (*self.hand_written.instruction, *self._outcome.instructions)]
        return InstructionRewrite(
            self.row,
            source.ask,
            text,
            self.language,
            other_wordings=(*known_asks, *other_wordings),
            near_ratio=_NEAR_RATIO,
            embeddings=self._plan.embeddings,
        )

    def _queued(
        self, asker: RewriteSource, source: Instruction, text: str, objections: Sequence[Objection]
    ) -> QueuedRewrite:
        return QueuedRewrite(
            key=key_of(self.row.id, self.language, source.ask, text),
            task=self.row.id,
            language=self.language,
            original=source.ask,
            rewrite=text,
            objections=tuple(map(str, objections)),
            model=asker.model.name,
            prompt=asker.prompts.name,
        )

    def _add_wordings(self) -> None:
        prompt = self._asker.prompts.of_wordings(
            self.row, self.hand_written, self.language, self._plan.wordings
        )
        pieces = [piece.name for piece in self.row.inputs]
        reply = self._asker.reply(prompt, wordings_schema(pieces))
        try:
            wordings = read_wordings(reply.text, pieces, is_cut=reply.is_cut)
        except ReplyError as error:
            self._outcome.tally.rules[error.objection.rule] += 1
            return
        self._outcome.wordings_origin = _origin(self._asker, reply, "")
        self._add_labels(wordings["labels"])
        for text in wordings["lead_ins"]:
            other_wordings = (*self.hand_written.answer.lead_ins, *self._outcome.lead_ins)
            if self._is_valid(WordingRewrite(self.row, text, self.language, None, other_wordings)):
                self._outcome.lead_ins.append(text)

    def _add_labels(self, labels: Mapping[str, Sequence[str]]) -> None:
        """Labels of all pieces that stand at one place join together or not at all."""
        pieces = self.row.inputs
        names = [piece.name for piece in pieces]
        for texts in zip(*(labels[name] for name in names), strict=True):
            cases = [
                WordingRewrite(self.row, text, self.language, piece, self._labels_of(piece.name))
                for piece, text in zip(pieces, texts, strict=True)
            ]
            if all(self._is_valid(case) for case in cases):
                for name, text in zip(names, texts, strict=True):
                    self._outcome.labels.setdefault(name, []).append(text)

    def _labels_of(self, name: str) -> tuple[str, ...]:
        return (*self.hand_written.inputs[name], *self._outcome.labels.get(name, ()))

    def _is_valid(self, case: WordingRewrite) -> bool:
        objections = wording_objections(case)
        self._outcome.tally.rules.update({objection.rule for objection in objections})
        return not objections


def reviewed(
    outcome: PoolOutcome, row: TaskRow, language: str, reviews: Mapping[str, Review]
) -> PoolOutcome:
    """An outcome with what a person decided on a rewrite in this run or an earlier one.

    Accepted texts join, what was rejected goes, and the queue has the rest.
    """
    hand_written = pool(row.id, row.pool or None, row=row, language=language)
    sources = {instruction.ask: instruction for instruction in hand_written.instruction}
    sources |= {instruction.ask: instruction for instruction in outcome.instructions}
    instructions, queue = [], []
    for instruction in outcome.instructions:
        origin = instruction.origin
        seed = "" if origin is None else origin.seed
        review = reviews.get(key_of(row.id, language, seed, instruction.ask))
        if review is None or origin is None:
            instructions.append(instruction)
        elif review.text:
            own_origin = origin.model_copy(
                update={"date": review.date, "reviewer": review.reviewer}
            )
            instructions.append(_instruction(review.text, instruction, own_origin))
    for item in outcome.queue:
        review = reviews.get(item.key)
        if review is None:
            queue.append(item)
        elif review.text and item.original in sources:
            origin = Origin(
                seed=item.original,
                model=item.model,
                prompt=item.prompt,
                date=review.date,
                reviewer=review.reviewer,
            )
            instructions.append(_instruction(review.text, sources[item.original], origin))
    outcome.instructions, outcome.queue = instructions, queue
    return outcome


def key_of(*parts: str) -> str:
    """A short name of what was rewritten and how."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]


def _instruction(text: str, source: Instruction, origin: Origin) -> Instruction:
    return Instruction(ask=text, mood=mood_of(text), answers=source.answers, origin=origin)


def _origin(asker: RewriteSource, reply: ModelReply, seed: str) -> Origin:
    return Origin(seed=seed, model=reply.model, prompt=asker.prompts.name, date=reply.date)
