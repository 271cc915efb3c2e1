"""Lists of options."""

from __future__ import annotations

import pytest

from audioflan_tasks.preprocessors.options import (
    BLOCK_STYLES,
    INLINE_STYLES,
    like_places,
    written_parts,
)

LETTERED = ("letters", "lettered_lines")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("style", INLINE_STYLES + BLOCK_STYLES)
@pytest.mark.parametrize("count", [1, 2, 3, 30])
def test_an_option_is_written_alike_at_like_places(count: int, style: str, language: str) -> None:
    places = like_places(count, style)
    written: dict[tuple[int, str], str] = {}
    options = [f"option {number}" for number in range(count)]
    for turn in range(count):
        order = options[turn:] + options[:turn]
        parts = written_parts(order, style, language)
        for place, option, part in zip(places, order, parts, strict=True):
            assert written.setdefault((place, option), part) == part
    # No more places than there are ways to write an option.
    distinct = {part for (_, option), part in written.items() if option == options[0]}
    assert len(distinct) == len(set(places))


def test_places_that_differ() -> None:
    assert like_places(4, "comma") == [0, 1, 1, 1]
    assert like_places(4, "or") == [0, 1, 1, 3]
    assert like_places(4, "dashes") == [0, 0, 0, 0]
    for style in LETTERED:
        assert like_places(4, style) == [0, 1, 2, 3]
