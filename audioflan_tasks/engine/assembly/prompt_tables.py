"""Prompts as tables of numbers: the words that many examples share, in ids, and their layout.

NumPy finds the parts of many examples in them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.arrays import GrowableArray

__all__ = ["AUDIO", "FROM_RECORD", "OTHER", "RECORD_PROMPT", "SKIPPED", "TEXT", "PromptTables"]

Ids = NDArray[np.integer[Any]]

# Kinds of values: a text of the record, an audio span of it, an array that is given with it.
TEXT, AUDIO, OTHER = range(3)
# The first two variants: no example, and one made of its record, as value 0 and value 1.
SKIPPED, FROM_RECORD = range(2)
# The prompt of both.
RECORD_PROMPT = 0
# Columns of `PromptTables.prompts`.
SOURCE, SOURCE_COUNT, OTHER_COUNT, CHOICES, PERIOD = range(5)
# Columns of `PromptTables.variants`.
INPUT_FORM, TARGET_FORM, INSTRUCTION_IDS, OWN_INSTRUCTION, INPUT_FIRST, TEMPLATE = range(6)
# The choice that is never remembered: it is made for each draw anew.
_UNKNOWN_CHOICE = 0


class PromptTables:
    """Tables that only grow.

    - `ids` [n]: the ids of all words.
    - `parts` [n, 3]: number of a value or -1; first of the words in `ids`, and how many.
    - `forms` [n, 2], one a side of an example: first part, and how many.
    - `variants` [n, 6]: form of the inputs, form of the targets, ids of the instruction that are
      words, whether the row's first value is its instruction, whether the instruction stands
      behind the input, a number in `templates`.
    - `sources` [n, 2]: kind of a value, and its place among the row's values of that kind.
    - `prompts` [n, 5]: first source, how many, how many of kind OTHER, the first of its `choices`,
      and their number: a draw takes the choice of its remainder.
    - `choices` [n]: a variant, -1 where it is not known yet.
    """

    def __init__(self) -> None:
        self.ids = GrowableArray(np.int32)
        self.parts, self.forms = GrowableArray(np.int64, 3), GrowableArray(np.int64, 2)
        self.variants, self.templates = GrowableArray(np.int64, 6), [""]
        self.sources, self.prompts = GrowableArray(np.int64, 2), GrowableArray(np.int64, 5)
        self.choices = GrowableArray(np.int32)
        self.choices.add([-1])
        # Labels and lead-ins are those of many tasks.
        self._forms_by_key: dict[Hashable, int] = {}
        empty_form = self.form([])
        self.variants.append(empty_form, empty_form, 0, 0, 0, 0)
        self.variants.append(self.form([0]), self.form([1]), 0, 0, 0, 0)
        self.prompt([(OTHER, 0), (OTHER, 1)])

    def form(self, items: Sequence[Ids | int]) -> int:
        """The number of a side: ids of words and numbers of values in turn."""
        parts = [
            (item, 0, 0) if isinstance(item, int) else (-1, self.ids.add(item), len(item))
            for item in items
        ]
        first = self.parts.add(np.array(parts, np.int64).reshape(-1, 3))
        return self.forms.append(first, len(parts))

    def form_of(self, key: Hashable, items: Callable[[], Sequence[Ids | int]]) -> int:
        """The number of the form that is known by `key`; its items are asked for once."""
        if key not in self._forms_by_key:
            self._forms_by_key[key] = self.form(items())
        return self._forms_by_key[key]

    def joined(self, first: int, second: int) -> int:
        """The number of a form that is one after the other."""
        key = (first, second)
        if key not in self._forms_by_key:
            begins = [self.forms.rows[number].tolist() for number in key]
            parts = np.concatenate([self.parts.rows[begin : begin + n] for begin, n in begins])
            self._forms_by_key[key] = self.forms.append(self.parts.add(parts), len(parts))
        return self._forms_by_key[key]

    def variant(
        self,
        inputs: int,
        targets: int,
        template: str,
        *,
        instruction_ids: int = 0,
        own_instruction: bool = False,
        input_first: bool = False,
    ) -> int:
        """The number of a variant of a prompt."""
        self.templates.append(template)
        number = len(self.templates) - 1
        return self.variants.append(
            inputs, targets, instruction_ids, own_instruction, input_first, number
        )

    def prompt(
        self, sources: Sequence[tuple[int, int]], choices: int | None = None, period: int = 1
    ) -> int:
        """The number of a prompt with these values, and its first choice if it has any."""
        first = self.sources.add(np.array(sources, np.int64).reshape(-1, 2))
        other_count = sum(kind == OTHER for kind, _ in sources)
        begin = _UNKNOWN_CHOICE if choices is None else choices
        return self.prompts.append(first, len(sources), other_count, begin, period)

    def word_count(self, form: int) -> int:
        """How many ids of a form are words."""
        first, count = self.forms.rows[form].tolist()
        return int(self.parts.rows[first : first + count, 2].sum())
