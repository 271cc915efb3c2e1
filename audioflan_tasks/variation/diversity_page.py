"""The page of a diversity table (`docs/pools.md` is that of the package's pools)."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["diversity_page"]

_INTRODUCTION = """# Pools in numbers

Written by `audioflan diversity`; the columns:

- *moods*: of command, polite request, question, suggestion, exclamation.
- *length*: mean number of words, in Chinese of characters. The two cannot be compared.
- *distinct-1*, *distinct-2*: share of different ones among all words, and among all pairs of \
neighbouring words (Chinese: characters), as the mean over groups of five instructions: in more of \
them the same words come again. Higher is more varied.
- *self-BLEU*: mean sentence BLEU of each instruction against all others of its pool (sacrebleu; \
`13a`, for Chinese `zh`). Lower is more varied. It gets worse with more instructions.
- *near*: pairs with a `difflib` ratio of 0.8 or more.

A placeholder counts as one word. `paper` are the five variations that appendix A.5 of the \
Audio-FLAN paper prints for one instruction; two of them are equal. A test requires every pool of \
this package to be more varied than they are by distinct-2 and by self-BLEU.
"""


def diversity_page(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A page of a table, in Markdown."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (header, ["---"] * len(header), *rows)]
    return f"{_INTRODUCTION}\n" + "\n".join(lines) + "\n"
