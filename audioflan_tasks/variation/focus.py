"""On which words of a request its meaning turns.

Nobody can list all words that a good rewrite may have. A word that stands for a purpose or a
manner of speaking ("for a friend of mine") changes nothing; one that names what is asked, narrows
it or is its verb does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from audioflan_tasks.variation.lexicon import Lexicon

__all__ = ["focal_words", "object_noun"]


def focal_words(sentence: Sequence[str], known_words: Set[str], words: Lexicon) -> Iterator[str]:
    """The words of a sentence that are not known and stand where they change what is asked."""
    is_loose = False
    for word in sentence:
        if word in words.loose or word in words.strict:
            is_loose = word in words.loose
        elif word not in known_words and not is_loose:
            yield word


def object_noun(order: Sequence[str], words: Lexicon) -> str:
    """The noun of what an order is about: "emotion" of "name the main emotion of …"."""
    noun = ""
    for word in order[1:]:
        if word in words.determiners and not noun:
            continue
        if word in words.phrase_ends:
            break
        if not word.endswith("ly"):
            noun = word
    return noun
