"""Hand-made pairs of an instruction and a rewrite, faithful or not."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from audioflan_tasks import catalogue
from audioflan_tasks.variation.instruction_rewrite import InstructionRewrite
from audioflan_tasks.variation.judgement import Objection, instruction_objections
from audioflan_tasks.variation.question_rules import QUESTION_RULES
from audioflan_tasks.variation.reading import language_of

FOLDER = Path(__file__).parent / "pairs"
# `held_out` was written before any rule, `last` when that had been run, `other_pen` and `last_pen`
# by somebody who had not read the rules, `fresh` by somebody who knew the list of them in the docs.
# `bold` and those after it are by one pen who had not read the rules before the first of them.
# `one_*` and `two_*` are by two pens who knew neither the rules nor these lists, `spare` by both,
# `three_*` each by one of five others of that kind.
# Each was run once before the rules were mended by what it showed.
LISTS = (
    "first", "second", "third", "mandarin", "held_out", "last", "other_pen", "last_pen", "fresh",
    "bold", "bold_mandarin", "bolder", "plain", "plainer",
    "one_a", "two_a", "one_b", "two_b", "one_c", "two_c", "spare", "one_d", "two_d",
    "three_a", "three_b",
)  # fmt: skip
# In as wide words as three pens found. By the first two some words were added, by the last nothing.
WIDE = ("three_c", "three_d", "three_e")


class Pair(NamedTuple):
    """An instruction, a rewrite, and whether it asks for the same."""

    task: str
    original: str
    rewrite: str
    is_faithful: bool

    @property
    def language(self) -> str:
        return language_of(self.original)

    @property
    def objections(self) -> list[Objection]:
        row = catalogue.get(self.task)
        return instruction_objections(
            InstructionRewrite(row, self.original, self.rewrite, self.language)
        )


@cache
def pairs(name: str) -> tuple[Pair, ...]:
    """The pairs of a list."""
    task, original, rows = "", "", []
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"\[(\w+)\] (.*)", line):
            task, original = match[1], match[2]
        elif line[:2] in ("+ ", "- "):
            # What is behind the sign says why the pair is unfaithful.
            rows.append(Pair(task, original, line[2:].split("  # ")[0], line[0] == "+"))
    return tuple(rows)


def judged_refusals(name: str) -> dict[Pair, bool]:
    """Whether a pair of a list is refused where a model judged, by its stored verdicts.

    What breaks a rule about facts is refused without it.
    """
    lines = (FOLDER / f"{name}.verdicts.jsonl").read_text(encoding="utf-8").splitlines()
    verdicts = {
        (line["task"], line["original"], line["rewrite"]): line["same"]
        for line in map(json.loads, lines)
    }
    return {
        pair: any(objection.rule not in QUESTION_RULES for objection in pair.objections)
        # One that a rule refused when the model was asked has no verdict.
        or not verdicts.get((pair.task, pair.original, pair.rewrite), False)
        for pair in pairs(name)
    }
