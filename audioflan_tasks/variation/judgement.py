"""Which rule a rewrite breaks, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.instruction_rules import INSTRUCTION_RULES
from audioflan_tasks.variation.record_rules import RECORD_RULES, RecordRewrite
from audioflan_tasks.variation.wording_rules import WORDING_RULES, WordingRewrite

__all__ = [
    "RULES",
    "Objection",
    "instruction_objections",
    "record_objections",
    "wording_objections",
]

# Rules about a reply as a whole (`replies.py`), and all others in the order of their application.
_REPLY_RULES = ("refusal", "cut", "json", "count", "ids", "fields")
RULES = (*_REPLY_RULES, *RECORD_RULES, *INSTRUCTION_RULES, *WORDING_RULES, "judge")


@dataclass(frozen=True, slots=True)
class Objection:
    """A rule that a rewrite breaks, and the words or values at which it does."""

    rule: str
    place: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.place}"


def instruction_objections(case: InstructionRewrite) -> list[Objection]:
    """All rules that the rewrite of an instruction breaks; none where it may be used."""
    return list(_objections({name: rule(case) for name, rule in INSTRUCTION_RULES.items()}))


def wording_objections(case: WordingRewrite) -> list[Objection]:
    """All rules that new labels or lead-ins break."""
    return list(_objections({name: rule(case) for name, rule in WORDING_RULES.items()}))


def record_objections(case: RecordRewrite) -> list[Objection]:
    """All rules that the rewrite of a record breaks, those of its instruction included."""
    places = {name: rule(case) for name, rule in RECORD_RULES.items()}
    return [*_objections(places), *instruction_objections(case.instruction)]


def _objections(places: Mapping[str, str]) -> Iterator[Objection]:
    yield from (Objection(rule, place) for rule, place in places.items() if place)
