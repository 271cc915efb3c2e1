"""All rules that the rewrite of an instruction must keep, each a pure function."""

from __future__ import annotations

from collections.abc import Mapping

from audioflan_tasks.variation.fact_rules import FACT_RULES, REPETITION_RULES
from audioflan_tasks.variation.instruction_rewrite import InstructionRule
from audioflan_tasks.variation.question_rules import QUESTION_RULES

__all__ = ["INSTRUCTION_RULES"]

INSTRUCTION_RULES: Mapping[str, InstructionRule] = {
    **FACT_RULES,
    **QUESTION_RULES,
    **REPETITION_RULES,
}
