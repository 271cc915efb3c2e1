"""Lists of labels to choose from, in one of five styles.

The styles follow the option lists of FLAN (Wei et al. 2022, arXiv 2109.01652): inline
with commas, inline with "or", one label a line, lettered.
"""

from __future__ import annotations

from collections.abc import Sequence

from audioflan_tasks.seeds import mixed

__all__ = [
    "BLOCK_STYLES",
    "INLINE_STYLES",
    "block_styles",
    "inline_styles",
    "like_places",
    "lists",
    "permuted",
    "written_parts",
]

INLINE_STYLES = ("comma", "or", "letters")
BLOCK_STYLES = ("dashes", "lettered_lines")
_LETTERED = ("letters", "lettered_lines")
# Between options, and before the last of them; English ones where a language has none.
_SEPARATORS = {"en": (", ", " or "), "zh": ("、", "或")}
# A draw below this has too few bits left.
_LEAST = 2**16
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def lists(options: Sequence[str], gold: str, *, several: bool = False) -> bool:
    """Whether there is a choice and the gold answer is among it.

    With `several` the gold is labels separated by ', ', all of which must be listed.
    """
    if len(options) < 2:
        return False
    return gold in options or (several and all(label in options for label in gold.split(", ")))


def inline_styles(options: Sequence[str], language: str = "en") -> tuple[str, ...]:
    """The styles for a list within a sentence; labels with a comma or 'or' need letters.

    Labels that are letters themselves ("A", "B") have none before them: the answer "A" would not
    say which of the two it means.
    """
    text = "\x1f".join(options)
    comma, last = _separators(language)
    unclear = any(mark in text for mark in (",", comma.strip(), last))
    if _has_letter(options):
        return tuple(style for style in INLINE_STYLES if style not in _LETTERED)
    return ("letters",) if unclear else INLINE_STYLES


def block_styles(options: Sequence[str]) -> tuple[str, ...]:
    """The styles for a list on lines of its own; labels that are letters have none before them."""
    has_letter = _has_letter(options)
    return tuple(s for s in BLOCK_STYLES if not (has_letter and s in _LETTERED))


def _has_letter(options: Sequence[str]) -> bool:
    return any(len(option) == 1 and option.upper() in _LETTERS for option in options)


def permuted(count: int, draw: int) -> tuple[int, ...]:
    """The numbers below `count` in an order that depends on the draw only (Fisher-Yates)."""
    order = list(range(count))
    for last in range(count - 1, 0, -1):
        if draw < _LEAST:
            draw = mixed(draw + last)
        draw, position = divmod(draw, last + 1)
        order[last], order[position] = order[position], order[last]
    return tuple(order)


def written_parts(options: Sequence[str], style: str, language: str = "en") -> list[str]:
    """The options as text in one of the styles, one part each, its separator included.

    A block style begins with a line break.
    """
    comma, last = _separators(language)
    if style == "dashes":
        return [f"\n- {option}" for option in options]
    if style in _LETTERED:
        separator = "\n" if style == "lettered_lines" else " "
        lines = [f"{separator}({_letter(n)}) {option}" for n, option in enumerate(options)]
        return lines if separator == "\n" else [lines[0][1:], *lines[1:]]
    parts = [comma + option for option in options[1:]]
    if style == "or" and parts:
        parts[-1] = last + options[-1]
    return [options[0], *parts]


def like_places(count: int, style: str) -> list[int]:
    """For each place of a list of `count` options the first place where one is written alike."""
    if style in _LETTERED:
        return list(range(count))
    if style == "dashes":
        return [0] * count
    places = [min(place, 1) for place in range(count)]
    if style == "or" and count > 1:
        places[-1] = count - 1
    return places


def _separators(language: str) -> tuple[str, str]:
    return _SEPARATORS.get(language, _SEPARATORS["en"])


def _letter(number: int) -> str:
    """A to Z, then AA, AB, ..."""
    rounds, letter = divmod(number, len(_LETTERS))
    return (_letter(rounds - 1) if rounds else "") + _LETTERS[letter]
