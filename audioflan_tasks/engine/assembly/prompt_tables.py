"""The words that many examples share, in ids, and how examples are laid out, as tables.

Tables are of numbers, so that NumPy finds the parts of many examples at once.
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
# The first two ways: no example, and one that is there already, as value 0 and value 1.
SKIPPED, FROM_RECORD = range(2)
# The cast of both.
RECORD_PROMPT = 0
# Columns of `PromptTables.casts`.
SOURCE, SOURCES, OTHERS, CHOICES, PERIOD = range(5)
# The choice that is made for each draw anew.
_ANEW = 0


class PromptTables:
    """Tables that only grow.

    `ids` are those of all words. `parts` [n, 3] are the number of a value or -1, and where the
    words begin in `ids` and how many they are. `forms` [n, 2], sides of examples, are their first
    part and how many. `ways` [n, 5] are the forms of inputs and of targets, how many ids of the
    instruction are words, whether it stands behind the input, and a number in `templates`.
    `sources` [n, 2] are kind of a value and its place among the row's of that kind. `casts` [n, 5]
    are the first source of a signature, how many, how many of kind OTHER, and the first of its
    `choices`: the way for each remainder of a draw by the last column, -1 where it is not known.
    """

    def __init__(self) -> None:
        self.ids = GrowableArray(np.int32)
        self.parts, self.forms = GrowableArray(np.int64, 3), GrowableArray(np.int64, 2)
        self.ways, self.templates = GrowableArray(np.int64, 5), [""]
        self.sources, self.casts = GrowableArray(np.int64, 2), GrowableArray(np.int64, 5)
        self.choices = GrowableArray(np.int32)
        self.choices.add([-1])
        # Labels and lead-ins are those of many tasks.
        self._known: dict[Hashable, int] = {}
        nothing = self.form([])
        self.ways.append(nothing, nothing, 0, 0, 0)
        self.ways.append(self.form([0]), self.form([1]), 0, 0, 0)
        self.cast([(OTHER, 0), (OTHER, 1)])

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
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self.form(items())
        return found

    def joined(self, first: int, then: int) -> int:
        """The number of a form that is one after the other."""
        key = (first, then)
        if key not in self._known:
            begins = [self.forms.rows[number].tolist() for number in key]
            parts = np.concatenate([self.parts.rows[begin : begin + n] for begin, n in begins])
            self._known[key] = self.forms.append(self.parts.add(parts), len(parts))
        return self._known[key]

    def way(self, inputs: int, targets: int, asked: int, input_first: bool, template: str) -> int:
        """The number of a way to ask."""
        self.templates.append(template)
        number = len(self.templates) - 1
        return self.ways.append(inputs, targets, asked, input_first, number)

    def cast(
        self, sources: Sequence[tuple[int, int]], choices: int | None = None, period: int = 1
    ) -> int:
        """The number of a signature with these values, and its first choice if it has any."""
        first = self.sources.add(np.array(sources, np.int64))
        others = sum(kind == OTHER for kind, _ in sources)
        begin = _ANEW if choices is None else choices
        return self.casts.append(first, len(sources), others, begin, period)

    def word_count(self, form: int) -> int:
        """How many ids of a form are words."""
        first, many = self.forms.rows[form].tolist()
        return int(self.parts.rows[first : first + many, 2].sum())
