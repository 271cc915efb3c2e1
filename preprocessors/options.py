"""Lists of labels to choose from, written in one of five styles.

The styles follow the option lists of FLAN (Wei et al. 2022, arXiv 2109.01652): inline
with commas, inline with "or", one label a line, lettered.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

__all__ = ["BLOCK_STYLES", "INLINE_STYLES", "inline_styles", "lists", "ordered", "written"]

INLINE_STYLES = ("comma", "or", "letters")
BLOCK_STYLES = ("dashes", "lettered_lines")
# Between options, and before the last of them; a language without its own has English ones.
_SEPARATORS = {"en": (", ", " or "), "zh": ("、", "或")}
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


def ordered(options: Sequence[str], seed: int) -> list[str]:
    """The options without repeats in an order that depends on the seed only."""
    unique = sorted(dict.fromkeys(options))
    random.Random(seed).shuffle(unique)
    return unique


def written(options: Sequence[str], style: str, language: str = "en") -> str:
    """The options as text in one of the styles; a block style begins with a line break."""
    comma, last = _separators(language)
    if style == "comma":
        return comma.join(options)
    if style == "or":
        return last.join((comma.join(options[:-1]), options[-1]))
    if style == "dashes":
        return "".join(f"\n- {option}" for option in options)
    marked = [f"({_letter(n)}) {option}" for n, option in enumerate(options)]
    return " ".join(marked) if style == "letters" else "".join(f"\n{line}" for line in marked)


def _separators(language: str) -> tuple[str, str]:
    return _SEPARATORS.get(language, _SEPARATORS["en"])


def _letter(number: int) -> str:
    """A to Z, then AA, AB, ..."""
    rounds, rest = divmod(number, len(_LETTERS))
    return (_letter(rounds - 1) if rounds else "") + _LETTERS[rest]
