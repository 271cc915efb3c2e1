"""Variations of single records (level `records`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from audioflan_tasks.catalogue import TaskRow
from audioflan_tasks.records import Instance
from audioflan_tasks.variation.asking import ModelReply
from audioflan_tasks.variation.attempts import Attempts, Fields, RewriteSource, Tally
from audioflan_tasks.variation.judge import Findings, judge_rewrites
from audioflan_tasks.variation.judgement import Objection, record_objections
from audioflan_tasks.variation.pools import key_of
from audioflan_tasks.variation.reading import language_of
from audioflan_tasks.variation.record_rules import RecordRewrite, output_of
from audioflan_tasks.variation.run_files import QueuedRewrite, Review

__all__ = ["FIELDS", "RecordBatch", "RecordOutcome", "reviewed_record", "reviewed_records"]

FIELDS = ("instruction", "input", "output")


@dataclass(slots=True)
class RecordOutcome:
    """What came of some records: release records with new words, and what a person must see.

    `keys` are those of the rewrites in `records`, as the queue would have them, until a person's
    decisions on them were taken in.
    """

    records: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    queue: list[QueuedRewrite] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """Records of one task that are asked for in one request."""

    row: TaskRow
    instances: Sequence[Instance]
    asker: RewriteSource

    def run(self) -> RecordOutcome:
        """The rewrites of all, each valid or in the queue."""
        attempts = Attempts(self.asker, self._items(), FIELDS, self.prompt, self._check)
        attempts.run()
        outcome = RecordOutcome(tally=attempts.tally)
        for number, (fields, reply) in sorted(attempts.valid.items()):
            instance = self.instances[number - 1]
            outcome.records.append(self._record(instance, fields, reply))
            outcome.keys.append(self._key(instance, *_texts(instance, fields)))
        for number, rejections in sorted(attempts.rejections.items()):
            instance = self.instances[number - 1]
            outcome.queue.append(self._queued(instance, rejections.fields, rejections.objections))
        return outcome

    def prompt(self, items: Mapping[int, Instance] | None = None) -> str:
        """The request for some of the records, by their numbers; without, for all."""
        chosen_items = self._items() if items is None else items
        fields = {number: _fields(instance) for number, instance in chosen_items.items()}
        return self.asker.prompts.of_records(self.row, fields)

    def _items(self) -> dict[int, Instance]:
        return dict(enumerate(self.instances, 1))

    def _check(self, rewrites: Mapping[int, Fields]) -> Mapping[int, Findings]:
        cases = {
            number: RecordRewrite(self.row, self.instances[number - 1], fields)
            for number, fields in rewrites.items()
        }
        objections = {number: record_objections(case) for number, case in cases.items()}
        pairs = {
            number: (self.instances[number - 1].instruction, fields["instruction"])
            for number, fields in rewrites.items()
        }
        return judge_rewrites(self.asker.judge, self.row, pairs, objections)

    def _record(self, instance: Instance, fields: Fields, reply: ModelReply) -> dict[str, Any]:
        origin = {
            "seed": instance.instruction,
            "model": reply.model,
            "prompt": self.asker.prompts.name,
            "date": reply.date,
        }
        if self.asker.judge is not None:
            origin["judge"] = self.asker.judge.model.name
        rewritten = RecordRewrite(self.row, instance, fields).rewritten
        return _with_origin(rewritten.record(), origin)

    def _key(self, instance: Instance, original: str, rewrite: str) -> str:
        return key_of(self.row.id, instance.uuid, original, rewrite)

    def _queued(
        self, instance: Instance, fields: Fields, objections: Sequence[Objection]
    ) -> QueuedRewrite:
        original, rewrite = _texts(instance, fields)
        return QueuedRewrite(
            key=self._key(instance, original, rewrite),
            task=self.row.id,
            language=language_of(instance.instruction),
            original=original,
            rewrite=rewrite,
            objections=tuple(map(str, objections)),
            model=self.asker.model.name,
            prompt=self.asker.prompts.name,
            uuid=instance.uuid,
            record=instance.record(),
        )


def reviewed_records(outcome: RecordOutcome, reviews: Mapping[str, Review]) -> RecordOutcome:
    """An outcome with what a person decided on a rewrite in this run or an earlier one.

    Accepted records join, what was rejected goes, and the queue has the rest.
    """
    decisions = [(item, reviews.get(item.key)) for item in outcome.queue]
    accepted = [
        reviewed_record(item, review) for item, review in decisions if review and review.text
    ]
    queue = [item for item, review in decisions if review is None]
    records = []
    for record, key in zip(outcome.records, outcome.keys, strict=True):
        review = reviews.get(key)
        if review is None:
            records.append(record)
        elif review.text:
            origin = {**record["other"]["variation"], "date": review.date}
            origin["reviewer"] = review.reviewer
            records.append(_with_origin({**record, **json.loads(review.text)}, origin))
    return RecordOutcome([*records, *accepted], [], queue, outcome.tally)


def reviewed_record(item: QueuedRewrite, review: Review) -> dict[str, Any]:
    """A record with the fields that a person accepted."""
    origin = {
        "seed": str(item.record.get("instruction", "")),
        "model": item.model,
        "prompt": item.prompt,
        "date": review.date,
        "reviewer": review.reviewer,
    }
    return _with_origin({**item.record, **json.loads(review.text)}, origin)


def _with_origin(record: dict[str, Any], origin: Mapping[str, str]) -> dict[str, Any]:
    return {**record, "other": {**(record.get("other") or {}), "variation": dict(origin)}}


def _fields(instance: Instance) -> dict[str, str]:
    return {
        "instruction": instance.instruction,
        "input": instance.input,
        "output": output_of(instance),
    }


def _texts(instance: Instance, fields: Fields) -> tuple[str, str]:
    """A record's fields and those of its rewrite, as JSON."""
    own_fields = _fields(instance)
    # Where no reply could be read there is nothing but the record.
    new_fields = {name: fields[name] or own_fields[name] for name in FIELDS}
    original, rewrite = (json.dumps(f, ensure_ascii=False) for f in (own_fields, new_fields))
    return original, rewrite
