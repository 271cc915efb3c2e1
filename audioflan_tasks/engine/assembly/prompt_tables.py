"""Prompts as tables of numbers: the words that many examples share, in ids, and their layout.

NumPy finds the parts of many examples in them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioflan_tasks.engine.assembly.arrays import GrowableArray
from audioflan_tasks.preprocessors.prompt_variant import INPUT_FIRST

__all__ = [
    "AUDIO",
    "OTHER",
    "RECORD_PROMPT",
    "TEXT",
    "UNKNOWN",
    "OptionList",
    "PromptTables",
]

Ids = NDArray[np.integer[Any]]

# Kinds of values: a text of the record, an audio span of it, an array that is given with it.
TEXT, AUDIO, OTHER = range(3)
# The prompt of rows that are made of their records, whose inputs and targets are the values.
RECORD_PROMPT = 0
# Its forms: one as the instruction, nothing more of the inputs, the other.
RECORD_FORMS = (0, 1, 2)
# Columns of `PromptTables.prompts`.
SOURCE, SOURCE_COUNT, OTHER_COUNT, INSTRUCTION, INSTRUCTION_COUNT, FIRST_ASK = range(6)
# Columns of `PromptTables.instructions`.
LABEL_SETS, LEAD_INS, STYLES, ASK, INPUT, ANSWER = range(6)
# Columns of `PromptTables.asks` and of `PromptTables.inputs`.
FORM, TEMPLATE, OPTION_LIST = range(3)
INPUT_IS_FIRST = 1
# The value of parts that are words.
WORDS = -1
# What is worked out when a row needs it; an instruction that lists nothing has no list.
UNKNOWN = NO_LIST = -1


class OptionList:
    """The options of a signature in one style: which part of the tables each is at each place.

    Args:
      places: for each place the first one at which options are written alike.
    """

    def __init__(self, places: Sequence[int]) -> None:
        self._begins = [place * len(places) for place in places]
        self._parts: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._begins)

    def parts(self, order: Sequence[int]) -> list[int | None]:
        """The parts of options in this order, None for those that are not known."""
        return list(map(self._parts.get, map(add, self._begins, order)))

    def learn(self, place: int, option: int, part: int) -> None:
        """Remembers a part."""
        self._parts[self._begins[place] + option] = part


class PromptTables:
    """Tables that only grow.

    - `ids` [n]: the ids of all words.
    - `parts` [n, 3]: number of a value or `WORDS`; first of the words in `ids`, and how many.
    - `forms` [n, 2], pieces of examples: first part, and how many. The inputs of an example are
      two forms, the instruction and the rest, in either order; its targets are one.
    - `sources` [n, 2]: kind of a value, and its place among the row's values of that kind.
    - `prompts` [n, 6]: first source, how many, how many of kind OTHER, the first of its
      `instructions`, their number, and the first of its `asks`.
    - `instructions` [n, 6]: how many sets of labels, lead-ins, and styles of a list of options
      (1 where nothing is listed); where those of a prompt's `asks` begin, counted from its first,
      its `inputs` and its `answers`. Prompts that differ in facts or options share them.
    - `asks` [n, 3], an instruction in each style: its form, a number in `templates`, and a number
      in `option_lists`.
    - `inputs` [n, 2], those of each set of labels with each entry of `INPUT_FIRST`: their form, and
      whether they stand before the instruction.
    - `answers` [n]: the form of the answer after each lead-in.

    Forms that no row has needed yet are `UNKNOWN`.
    """

    def __init__(self) -> None:
        self.ids = GrowableArray(np.int32)
        self.parts, self.forms = GrowableArray(np.int64, 3), GrowableArray(np.int64, 2)
        self.sources, self.prompts = GrowableArray(np.int64, 2), GrowableArray(np.int64, 6)
        self.instructions = GrowableArray(np.int64, 6)
        self.asks, self.inputs = GrowableArray(np.int32, 3), GrowableArray(np.int32, 2)
        self.answers, self.templates = GrowableArray(np.int32), [""]
        self.option_lists: list[OptionList] = []
        self._numbers: dict[Hashable, int] = {}
        for items in ([0], [], [1]):
            self.form(items)
        self.fixed_prompt([(OTHER, 0), (OTHER, 1)], RECORD_FORMS)

    def shared(self, key: Hashable, number_of: Callable[[], int]) -> int:
        """The number that `number_of` gave for this key, which is asked for it once.

        Labels and lead-ins are those of many prompts.
        """
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = number_of()
        return number

    def part(self, ids: Ids) -> int:
        """The number of a part that is words."""
        return self.parts.append(WORDS, self.ids.add(ids), len(ids))

    def form(self, items: Sequence[Ids | int]) -> int:
        """The number of a form: ids of words and numbers of values in turn."""
        parts = [
            (item, 0, 0) if isinstance(item, int) else (WORDS, self.ids.add(item), len(item))
            for item in items
        ]
        first = self.parts.add(np.array(parts, np.int64).reshape(-1, 3))
        return self.forms.append(first, len(parts))

    def template(self, name: str) -> int:
        """A number in `templates`."""
        self.templates.append(name)
        return len(self.templates) - 1

    def option_list(self, places: Sequence[int]) -> int:
        """The number of a new list; for `places` see `OptionList`."""
        self.option_lists.append(OptionList(places))
        return len(self.option_lists) - 1

    def unknown_asks(self, count: int) -> int:
        """The first of so many asks that are not known."""
        return self.asks.add(np.full((count, 3), UNKNOWN, np.int32))

    def prompt(
        self, sources: Sequence[tuple[int, int]], instruction: int, count: int, ask: int
    ) -> int:
        """The number of a prompt with these values, instructions from this on, and first ask."""
        first = self.sources.add(np.array(sources, np.int64).reshape(-1, 2))
        other_count = sum(kind == OTHER for kind, _ in sources)
        return self.prompts.append(first, len(sources), other_count, instruction, count, ask)

    def fixed_prompt(
        self, sources: Sequence[tuple[int, int]], forms: tuple[int, int, int], template: str = ""
    ) -> int:
        """The number of a prompt with nothing to draw: its instruction, its input, its answer."""
        ask_form, input_form, answer_form = forms
        ask = self.asks.append(ask_form, self.template(template), NO_LIST)
        inputs = self.inputs.add([(input_form, False)] * len(INPUT_FIRST))
        answer = self.answers.add([answer_form])
        instruction = self.instructions.append(1, 1, 1, 0, inputs, answer)
        return self.prompt(sources, instruction, 1, ask)
