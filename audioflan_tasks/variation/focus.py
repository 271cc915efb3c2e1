"""On which words of a request its meaning turns.

Nobody can list all words that a good rewrite may have. A word that stands for a purpose or a
manner of speaking ("for a friend of mine") changes nothing; one that names what is asked, narrows
it or is its verb does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from audioflan_tasks.variation.lexicon import Lexicon

__all__ = ["focal_words", "object_noun", "swapped_parts"]

# Between two parts that may change places.
_EVEN = {"and", "or", "slot", "yes", "no"}


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
        is_participle = noun and word.endswith("ing")
        if word in words.phrase_ends or word in words.determiners or is_participle:
            break
        if not word.endswith("ly"):
            noun = word
    return noun


def swapped_parts(original: Sequence[str], rewrite: Sequence[str]) -> tuple[Sequence[str], ...]:
    """The two parts that have changed places where nothing else has changed; none elsewhere.

    "male or female" may become "female or male".
    """
    if len(original) != len(rewrite) or original == rewrite:
        return ()
    differences = [
        n for n, pair in enumerate(zip(original, rewrite, strict=True)) if pair[0] != pair[1]
    ]
    begin, end = differences[0], differences[-1] + 1
    old, new = original[begin:end], rewrite[begin:end]
    for size in range(1, len(old)):
        for other in range(1, len(old) - size):
            first, middle, last = old[:size], old[size:-other], old[-other:]
            if [*new] == [*last, *middle, *first] and not _EVEN.intersection(middle):
                return first, last
    return ()
