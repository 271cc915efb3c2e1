"""A stream of which a whole epoch is skipped ends with an error."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from audioflan_tasks.corpus.skip_guard import SkipGuard
from audioflan_tasks.errors import SettingsError


def guard(rows: int) -> SkipGuard:
    return SkipGuard(rows, "split 'test' of /corpus", Counter({"too long": 4, "missing audio": 1}))


def kept(text: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """`x` is an example that was kept, `.` one that was skipped."""
    return np.array([letter == "x" for letter in text], np.bool_)


@pytest.mark.parametrize(
    "parts", [["....x...."], ["....", "x...."], ["", "x", "....", "x", "...."]]
)
def test_fewer_skips_in_a_row_than_rows_are_allowed(parts: list[str]) -> None:
    skip_guard = guard(5)
    for part in parts:
        skip_guard.count(kept(part))


@pytest.mark.parametrize("parts", [["....."], ["x..", "..."], ["x", ".", "....", "."]])
def test_a_whole_epoch_of_skips_is_an_error_with_the_reasons(parts: list[str]) -> None:
    skip_guard = guard(5)
    with pytest.raises(SettingsError) as caught:
        for part in parts:
            skip_guard.count(kept(part))
    message = str(caught.value)
    assert message.startswith("split 'test' of /corpus: 5 examples in a row were skipped")
    assert "1 missing audio, 4 too long" in message
    assert "audioflan check" in message


def test_one_skip_is_an_error_where_there_is_one_row() -> None:
    with pytest.raises(SettingsError):
        guard(0).count(kept("."))
