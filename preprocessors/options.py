"""Lists of labels to choose from, written in one of five styles.

The styles follow the option lists of FLAN (Wei et al. 2022, arXiv 2109.01652): inline
with commas, inline with "or", one label a line, lettered.
"""

from __future__ import annotations

from collections.abc import Sequence

from audioflan_tasks.seeds import mixed

__all__ = ["BLOCK_STYLES", "INLINE_STYLES", "inline_styles", "lists", "permuted", "written_parts"]

INLINE_STYLES = ("comma", "or", "letters")
BLOCK_STYLES = ("dashes", "lettered_lines")
# Between options, and before the last of them; a language without its own has English ones.
_SEPARATORS = {"en": (", ", " or "), "zh": ("、", "或")}
# A draw below this has too little left to choose by.
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
    """The styles for a list within a sentence; labels with a comma or 'or' need letters."""
    joined = "\x1f".join(options)
    comma, last = _separators(language)
    unclear = any(mark in joined for mark in (",", comma.strip(), last))
    return ("letters",) if unclear else INLINE_STYLES


def permuted(count: int, draw: int) -> tuple[int, ...]:
    """The numbers below `count` in an order that depends on the draw only (Fisher-Yates)."""
    order = list(range(count))
    for last in range(count - 1, 0, -1):
        if draw < _LEAST:
            draw = mixed(draw + last)
        draw, at = divmod(draw, last + 1)
        order[last], order[at] = order[at], order[last]
    return tuple(order)


def written_parts(options: Sequence[str], style: str, language: str = "en") -> list[str]:
    """The options as text in one of the styles, one part each with what stands before it.

    A block style begins with a line break.
    """
    comma, last = _separators(language)
    if style == "dashes":
        return [f"\n- {option}" for option in options]
    if style in ("letters", "lettered_lines"):
        between = "\n" if style == "lettered_lines" else " "
        marked = [f"{between}({_letter(n)}) {option}" for n, option in enumerate(options)]
        return marked if between == "\n" else [marked[0][1:], *marked[1:]]
    rest = [comma + option for option in options[1:]]
    if style == "or" and rest:
        rest[-1] = last + options[-1]
    return [options[0], *rest]


def _separators(language: str) -> tuple[str, str]:
    return _SEPARATORS.get(language, _SEPARATORS["en"])


def _letter(number: int) -> str:
    """A to Z, then AA, AB, ..."""
    rounds, rest = divmod(number, len(_LETTERS))
    return (_letter(rounds - 1) if rounds else "") + _LETTERS[rest]
