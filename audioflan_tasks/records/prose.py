"""Transcripts, captions, lyrics and descriptions of records, as words.

Texts are compared without case and punctuation, and as characters in scripts that do not space
words.
"""

from __future__ import annotations

import re
import unicodedata

from audioflan_tasks import catalogue
from audioflan_tasks.records.instance import Instance
from audioflan_tasks.vocabularies import UNSPACED

__all__ = ["MIN_WORDS", "is_unspaced", "prose_of", "words"]

# Shorter texts are labels, names and numbers, which repeat by chance.
MIN_WORDS = 4

_UNSPACED_SCRIPT = re.compile(f"([{UNSPACED}])")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def words(text: str) -> list[str]:
    """Words without case and punctuation; characters of scripts without spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall(_UNSPACED_SCRIPT.sub(r" \1 ", plain))


def is_unspaced(text: str) -> bool:
    """Whether a text has characters of a script that does not space words."""
    return _UNSPACED_SCRIPT.search(text) is not None


def prose_of(instance: Instance, min_words: int = MIN_WORDS) -> tuple[str, ...]:
    """The sentences that a record reads or answers, each as its words with blanks between them."""
    if not instance.task:
        return ()
    row = catalogue.get(instance.task)
    texts = [instance.output] if row.answer_kind.is_prose else []
    if "text" in row.reads:
        texts += [piece.value for piece in instance.input_pieces if piece.kind == "text"]
    texts_as_words = (words(text) for text in texts)
    return tuple(" ".join(parts) for parts in texts_as_words if len(parts) >= min_words)
