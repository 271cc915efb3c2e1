"""Checks the rows of one column of a mapped Arrow file."""

from __future__ import annotations

import pyarrow as pa

from audioflan_tasks.store.reader.block_checks import FileCheck

__all__ = ["ColumnCheck"]


class ColumnCheck:
    """The check of a column whose values are texts, numbers, or words of a dictionary.

    Where they lie is looked up once: Arrow's objects cost several times what a row's check does.
    """

    __slots__ = (
        "_check", "_item_bytes", "_nulls", "_numbers", "_offset", "_read_bytes", "_text_places",
        "_texts", "_word_check", "_word_numbers",
    )  # fmt: skip

    def __init__(self, check: FileCheck, array: pa.Array) -> None:
        self._check, self._offset = check, array.offset
        self._word_check: ColumnCheck | None = None
        if isinstance(array, pa.DictionaryArray):
            self._word_check = ColumnCheck(check, array.dictionary)
            self._word_numbers = array = array.indices
        nulls, numbers, *texts = array.buffers()
        self._nulls = None if nulls is None else check.begin_of(nulls)
        self._numbers = check.begin_of(numbers)
        self._texts: int | None = None
        # A text lies from its place to the next one's.
        self._item_bytes = 4 if texts else array.type.bit_width // 8
        self._read_bytes = 2 * self._item_bytes if texts else self._item_bytes
        if texts and texts[0] is not None:
            self._texts, self._text_places = check.begin_of(texts[0]), memoryview(numbers).cast("i")

    def check_row(self, row: int) -> None:
        """Checks what the file holds of a row.

        Raises:
          StoreError: it has changed since it was written.
        """
        place = self._offset + row
        if self._nulls is not None:
            self._check.check(self._nulls + place // 8, self._nulls + place // 8 + 1)
        begin = self._numbers + self._item_bytes * place
        self._check.check(begin, begin + self._read_bytes)
        if self._texts is not None:
            first, end = self._text_places[place : place + 2]
            self._check.check(self._texts + first, self._texts + end)
        if self._word_check is not None:
            word = self._word_numbers[row].as_py()
            if word is not None:
                self._word_check.check_row(word)
