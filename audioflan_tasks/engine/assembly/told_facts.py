"""What examples tell beside their ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audioflan_tasks.corpus.examples import Example
from audioflan_tasks.preprocessors.render import KEEP
from audioflan_tasks.store import RowProvenance

__all__ = ["ToldFacts"]

_KEEP = KEEP.encode()


@dataclass(frozen=True, slots=True)
class ToldFacts:
    """What examples tell beside their ids and what their whole task shares, a column each.

    Texts are UTF-8; fields as of `Example` and of its provenance.
    """

    uuid: list[bytes]
    template: list[bytes]
    grade: list[bytes]
    swapped_from: list[bytes]
    answer: list[bytes]
    audio_ids: list[Sequence[bytes]]
    shots: list[Sequence[bytes]]

    @classmethod
    def of_stored(cls, rows: Sequence[RowProvenance], templates: Sequence[bytes]) -> ToldFacts:
        """Those of rows of a store, with the template of each."""
        return cls(
            [row.uuid for row in rows],
            list(templates),
            [row.grade for row in rows],
            [b""] * len(rows),
            [
                row.answer(is_own=template == _KEEP)
                for row, template in zip(rows, templates, strict=True)
            ],
            [row.audio_ids for row in rows],
            [()] * len(rows),
        )

    def insert(self, place: int, example: Example) -> None:
        """Inserts those of an example that was made of its record, before a place."""
        told = example.provenance
        self.uuid.insert(place, told["uuid"].encode())
        self.template.insert(place, told["template"].encode())
        self.grade.insert(place, told["grade"].encode())
        self.swapped_from.insert(place, told["swapped_from"].encode())
        self.answer.insert(place, example.answer.encode())
        self.audio_ids.insert(place, [audio_id.encode() for audio_id in example.audio_ids])
        self.shots.insert(place, [uuid.encode() for uuid in example.shots])
